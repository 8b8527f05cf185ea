"""GraphQL: operations."""
