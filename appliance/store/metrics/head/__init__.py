"""Unsealed samples in memory: columns of scrape groups, loose samples."""
