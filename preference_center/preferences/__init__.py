"""Changes to preferences, eligibility, withdrawals, reasons for leaving."""
