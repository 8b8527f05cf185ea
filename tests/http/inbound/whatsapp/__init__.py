"""Messages and statuses from the WhatsApp Cloud API."""
