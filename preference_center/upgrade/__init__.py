"""Upgrading a database to this version of Sayso: its schema, and data that the schema alone cannot bring."""
