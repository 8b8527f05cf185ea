"""Contacts: create, update, delete, find and filter them; permission to call them (R25)."""
