"""GraphQL: what every type shares: ids, connections, scalars, errors."""
