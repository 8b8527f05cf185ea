"""Who may do what next: actions on a preference, confirmation messages, pauses."""
