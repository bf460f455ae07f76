"""Tests of routing: which receivers are told of which alerts, and what keeps them silent."""
