"""The pages over HTTP: a module per page or group of pages, `routes.py` says which serves which."""
