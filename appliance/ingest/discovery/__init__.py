"""Service discovery: where the targets to scrape come from."""
