"""Mail: content, DKIM signature, SMTP."""
