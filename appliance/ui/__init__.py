"""Pages: what they show, their templates and their assets. Knows no HTTP; `api/ui.py` serves it."""
