"""Doors and collectors: everything that brings data in."""
