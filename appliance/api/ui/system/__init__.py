"""The pages about the server itself: what comes in, what is kept, how it is configured."""
