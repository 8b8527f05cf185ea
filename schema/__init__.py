"""The GraphQL contract: types, and what asking for them and changing them does."""
