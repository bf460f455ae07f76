"""stub."""
from __future__ import annotations
class HtmlTemplateSet:
    def __init__(self, templates): self._t = templates
    def execute(self, name, data, functions): return self._t.execute(name, data, functions)
