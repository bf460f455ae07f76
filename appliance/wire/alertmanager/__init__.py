"""Alertmanager's API v2: requests read as its framework reads them, times as it prints them."""
