"""GraphQL: contacts, their filter, calls."""
