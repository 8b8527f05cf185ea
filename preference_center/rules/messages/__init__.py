"""What a text message means: keywords and withdrawals in plain language (R27, R29)."""
