"""GraphQL: execution of a selection: context, plans, executor."""
