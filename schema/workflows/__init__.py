"""Workflows and enrolments."""
