"""Templates of notifications: Alertmanager's data, functions and default definitions."""
