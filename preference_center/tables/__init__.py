"""The tables, as Tortoise models without behaviour."""
