"""Clients of npm against a real server."""
