"""Subcommands, a module each; imported only when asked for."""
