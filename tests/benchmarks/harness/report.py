"""The table at the end of a run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement. `at_least` or `at_most` is the bound of `ratio`; without either it only informs."""

    what: str
    ours: str
    bare: str
    ratio: float
    at_least: float | None = None
    at_most: float | None = None
    cpu_ours: float | None = None
    """Microseconds of CPU that the server's process took for each answer."""
    cpu_bare: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the bound is kept, True without a bound."""
        if self.at_least is not None:
            return self.ratio >= self.at_least
        return self.at_most is None or self.ratio <= self.at_most

    @property
    def bound(self) -> str:
        """The bound in words."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"

    @property
    def cpu(self) -> str:
        """The CPU of both, in words."""
        return " / ".join(f"{each:,.0f} µs" for each in (self.cpu_ours, self.cpu_bare) if each is not None)

    @property
    def verdict(self) -> str:
        """The text of the last column."""
        return "yes" if self.kept and self.bound else "" if self.kept else "NO"


def rate(per_second: float) -> str:
    """A rate, readable."""
    return f"{per_second:,.0f}/s"


def milliseconds(seconds: float) -> str:
    """A duration, readable."""
    return f"{seconds * 1000:,.2f} ms"


def show(lines: list[Line], console: Console) -> None:
    """Print the table."""
    table = Table(title="Sayso beside bare code, medians of interleaved rounds")
    for heading in ("what", "ours", "bare", "ratio", "bound", "ok?", "CPU"):
        table.add_column(heading, justify="left" if heading == "what" else "right", no_wrap=heading != "what")
    for line in lines:
        table.add_row(
            line.what, line.ours, line.bare, f"{line.ratio:,.2f}", line.bound, line.verdict, line.cpu
        )
    console.print(table)


def write(lines: list[Line], path: Path, about: dict[str, object]) -> None:
    """Write the measurements as JSON: `about` the run, and each line with its bound, kept or not."""
    measured = [asdict(line) | {"bound": line.bound, "kept": line.kept} for line in lines]
    path.write_bytes(orjson.dumps({**about, "lines": measured}, option=orjson.OPT_INDENT_2) + b"\n")
