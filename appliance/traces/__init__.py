"""What is asked about stored spans besides TraceQL: search by tags, edges, statistics, paths."""
