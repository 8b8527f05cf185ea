"""Text messages: what they say, the number they come from, the providers that carry them."""
