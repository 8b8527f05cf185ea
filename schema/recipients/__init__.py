"""Recipients: their preferences, eligibility, links, confirmations and erasure."""
