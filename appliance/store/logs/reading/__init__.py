"""Reading the log store: pieces of head and chunks, listed, scanned in threads, measured."""
