"""Recipients: their preferences, eligibility, confirmations and erasure."""
