"""What the pages about the server itself show, as plain values; a module per page."""
