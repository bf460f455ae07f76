"""Reading LogQL: from tokens to nodes, a module for each part of the grammar."""
