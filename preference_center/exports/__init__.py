"""Exports of contacts, suppressions, ledger events and refusals, as CSV or NDJSON streams."""
