"""The edge: parse, authenticate, call, render."""
