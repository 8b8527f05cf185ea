"""Erasing a person (R36, R37)."""
