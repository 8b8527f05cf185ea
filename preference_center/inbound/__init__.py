"""Messages that people send: received once, decided in order, reviewed where unclear (R27 to R30)."""
