"""Imports of CSV files: contacts and opt-out lists."""
