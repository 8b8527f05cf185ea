"""The ledger read back: events, evidence, a person's consent record, verification."""
