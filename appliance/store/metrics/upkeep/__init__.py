"""What changes blocks: sealing, joining, deletion, retention."""
