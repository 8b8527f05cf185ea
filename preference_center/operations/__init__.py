"""Long-running operations: bulk updates, their runner, undo (R14, R20)."""
