"""Writes the snapshot: `python -m schema.snapshot`."""

from __future__ import annotations

from pathlib import Path

from schema.root import sdl

PATH = Path(__file__).with_name("schema.graphql")

if __name__ == "__main__":
    PATH.write_text(sdl(), "utf-8")
