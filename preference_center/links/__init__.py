"""Signed links and what carries them: headers, footers, batches (R31, R32)."""
