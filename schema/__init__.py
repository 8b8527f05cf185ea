"""The GraphQL schema: its types, queries and mutations, and the engine that executes them."""
