"""What the server knows about itself, for the pages that show it: files, configuration, reloads."""
