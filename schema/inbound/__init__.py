"""GraphQL: incoming messages and their review."""
