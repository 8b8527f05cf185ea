"""The unsubscribe page and one-click unsubscribe: `/u/{token}`."""
