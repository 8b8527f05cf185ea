"""Executes a selection: its context, its plans, and the loaders of its fields."""
