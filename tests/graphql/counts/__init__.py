"""Counts over GraphQL."""
