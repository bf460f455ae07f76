"""Mails: how they are written and handed in."""
