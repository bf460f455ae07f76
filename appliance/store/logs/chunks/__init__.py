"""What a chunk is made of: blobs of columns, token filter, stored fields."""
