"""Links that the API makes and sends for recipients."""
