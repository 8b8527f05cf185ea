"""What Sayso itself sends: queued with its cause, delivered by a worker."""
