"""Stages of promtail's pipelines: from lines as they were read to entries as they are stored."""
