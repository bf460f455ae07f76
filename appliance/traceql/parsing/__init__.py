"""The parts of TraceQL's parser, from tokens to whole queries."""
