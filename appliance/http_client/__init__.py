"""Requests to other HTTP servers as an `<http_config>` says: login, TLS, proxy, headers."""
