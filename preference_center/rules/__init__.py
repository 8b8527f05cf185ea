"""The rules as pure functions: facts in, decisions out; no database, no clock, no settings."""
