"""Reading one cell of a file: yes or no, a time, an email address, a phone number."""
