"""What a text message means (R27–R29)."""
