"""What tells a database of Sayso from others, and one with data from a new one."""

from __future__ import annotations

MIGRATIONS_TABLE = "tortoise_migrations"
FILLED_TABLES = ("business_units", "recipients", "contacts", "consent_events", "access_tokens")
"""A database in which these are empty holds nothing that a restore could destroy."""
