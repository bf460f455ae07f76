"""Searching traces."""

from __future__ import annotations

from appliance.traceql.search.criteria import KINDS, SpanCriteria, find_traces, summarize

__all__ = ["KINDS", "SpanCriteria", "find_traces", "summarize"]
