"""Workflows: definitions, enrolments, the runner (R10)."""
