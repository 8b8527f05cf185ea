"""Imports: CSV files of contacts and opt-outs."""
