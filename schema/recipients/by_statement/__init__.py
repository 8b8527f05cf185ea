"""Recipients by one statement: what is read of an address and of what is current for it."""
