"""Mails that Sayso sends, and a real SMTP server to take them."""
