"""Lists of addresses of any length: read line by line, and answered while they arrive, in constant memory."""
