"""Incoming text messages and their review."""
