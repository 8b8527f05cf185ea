"""What a text message means: keywords (R27) and withdrawals in plain language (R29)."""
