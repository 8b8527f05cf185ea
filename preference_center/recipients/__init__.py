"""Recipients: addresses, fingerprints, their current state."""
