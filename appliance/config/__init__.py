"""Configuration files: YAML to frozen dataclasses, with every problem at its line."""
