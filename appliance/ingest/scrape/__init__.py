"""Scraping: targets are asked for their metrics at an interval."""
