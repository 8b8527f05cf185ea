"""Mails that Sayso sends, through a real SMTP server."""
