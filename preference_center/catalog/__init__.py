"""Business units, subscription types, keywords, sender numbers: kept in memory by version."""
