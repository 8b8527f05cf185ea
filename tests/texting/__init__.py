"""Text messages that Sayso sends, to a real HTTP server in place of the providers."""
