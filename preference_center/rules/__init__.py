"""The rules R1-R37 as pure functions: facts in, decisions out; no database, no clock, no settings."""
