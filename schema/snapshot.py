"""Writes the committed snapshot of the schema: `python -m schema.snapshot`."""

from __future__ import annotations

from pathlib import Path

from schema.root import sdl

SNAPSHOT = Path(__file__).with_name("schema.graphql")

if __name__ == "__main__":
    SNAPSHOT.write_text(sdl(), "utf-8")
