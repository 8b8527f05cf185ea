"""GraphQL: consent events and their evidence."""
