"""What every HTTP request goes through: authentication, request log, faults, health, metrics, bodies."""
