"""The dashboards there are: files of the configuration, shipped ones, and those people put here."""
