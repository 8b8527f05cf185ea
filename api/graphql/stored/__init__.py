"""Documents that the server knows, and that requests name by an id or a hash."""
