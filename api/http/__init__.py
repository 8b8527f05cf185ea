"""What all HTTP routes share: authentication, request log, error responses, health, metrics, bodies."""
