"""GraphQL: recipients, preferences, links, eligibility."""
