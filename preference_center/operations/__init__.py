"""Operations: bulk updates and reversals (R14, R20), and the queue and runner of all long-running jobs."""
