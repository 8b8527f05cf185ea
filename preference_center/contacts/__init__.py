"""Contacts: create, update, find, filter; permission to call them."""
