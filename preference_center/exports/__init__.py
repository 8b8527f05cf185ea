"""Exports: contacts, suppressions and ledger events as streams."""
