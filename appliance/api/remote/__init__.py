"""Remote write, remote read, federation."""
