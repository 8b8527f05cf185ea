"""The ledger over GraphQL: lists of events, and their actors."""
