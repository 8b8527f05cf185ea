"""Business units, subscription types, sender numbers and keywords."""
