"""Notifications: messages, templates, receivers; from what a flush says to an answer."""
