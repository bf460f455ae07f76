"""Pushed groups of metrics, as the Pushgateway keeps them."""
