"""Who we are to AWS, and how requests to it are signed."""
