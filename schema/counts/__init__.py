"""Counts: recipients by what they decided, and what waits for a person."""
