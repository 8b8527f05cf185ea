"""Text messages that Sayso sends, and a real server in the providers' place."""
