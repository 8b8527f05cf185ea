"""GraphQL: business units, subscription types, sender numbers."""
