"""Finding traces over span columns. The language itself comes on top of this."""
