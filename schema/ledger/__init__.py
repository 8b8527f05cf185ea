"""Consent events, their evidence, and the history of recipients and contacts."""
