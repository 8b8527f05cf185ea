"""Contacts, their filter, and calls to them."""
