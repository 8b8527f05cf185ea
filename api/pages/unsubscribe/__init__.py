"""`/u/{token}`: the unsubscribe page and one-click unsubscribe."""
