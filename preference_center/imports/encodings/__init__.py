"""Encodings of files: their names, and telling the older ones apart."""
