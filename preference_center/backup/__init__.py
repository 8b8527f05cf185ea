"""Backing up the database and restoring it, on SQLite and PostgreSQL."""
