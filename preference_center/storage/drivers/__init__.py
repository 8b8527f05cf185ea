"""Tortoise's clients for the two databases, with shares of connections and time limits."""
