"""Drives a running installation: over GraphQL, and in a browser without JavaScript."""
