"""`/v/{token}`: every page and mail of a business unit for its team, saved or not. It changes nothing."""
