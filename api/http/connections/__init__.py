"""Connections to the server process: what one client may send, hold open and leave unread."""
