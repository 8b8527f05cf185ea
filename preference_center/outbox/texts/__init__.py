"""Text messages: content and providers."""
