"""A selection as one statement: what it reads, and how its rows are written as JSON."""
