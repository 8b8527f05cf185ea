"""The ledger: the only package that writes consent (R18). Start at `record.py`."""
