"""Samples on disk, appended as they come, so that a campaign can be stopped and goes on where it was."""

from __future__ import annotations

import csv
import gzip
import io
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

PlatformKey = tuple[str, str, int]
"""Processor, version of the runtime, threads: one runtime's latencies on two of them must never be mixed."""


@dataclass(frozen=True)
class Sample:
    """One round's timing of one network on one runtime.

    ``median_ms`` and ``minimum_ms`` are 0 where ``failure`` says why there are none. ``reference_ms`` is what the
    reference network took in between, on the same runtime: how fast the machine was just then. ``taken`` is UTC, ISO
    8601.
    """

    network: str
    batch: int
    runtime: str
    runtime_version: str
    processor: str
    threads: int
    round: int
    median_ms: float
    minimum_ms: float
    runs: int
    reference_ms: float
    taken: str
    failure: str = ""

    @property
    def platform(self) -> PlatformKey:
        return self.processor, self.runtime_version, self.threads

    @property
    def is_usable(self) -> bool:
        return not self.failure


class SampleFile:
    """A CSV file with a line a sample. Compressed where its name ends in ``.gz``: such a one is only read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Sample]:
        """All complete lines; a line that an interruption cut short is left out. Empty where there is no file."""
        return list(self._rows()) if self.path.exists() else []

    def append(self, samples: list[Sample]) -> None:
        """Durable on return."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        complete = _complete_lines(self.path.read_bytes()) if self.path.exists() else b""
        with self.path.open("a", newline="") as file:
            # A line that was cut short would run on into the first new one.
            file.truncate(len(complete))
            writer = csv.DictWriter(file, [field.name for field in fields(Sample)], lineterminator="\n")
            if not complete:
                writer.writeheader()
            writer.writerows(map(_row, samples))
            file.flush()
            os.fsync(file.fileno())

    def _rows(self) -> Iterator[Sample]:
        content = self.path.read_bytes()
        if self.path.suffix == ".gz":
            content = gzip.decompress(content)
        for row in csv.DictReader(io.StringIO(_complete_lines(content).decode(), newline="")):
            if None in row.values() or None in row:
                continue
            yield Sample(
                network=row["network"], batch=int(row["batch"]),
                runtime=row["runtime"], runtime_version=row["runtime_version"],
                processor=row["processor"], threads=int(row["threads"]), round=int(row["round"]),
                median_ms=float(row["median_ms"]), minimum_ms=float(row["minimum_ms"]), runs=int(row["runs"]),
                reference_ms=float(row["reference_ms"]), taken=row["taken"], failure=row["failure"],
            )  # fmt: skip


def _complete_lines(content: bytes) -> bytes:
    """Without the last line where it has no end: an interruption cut it short."""
    return content[: content.rfind(b"\n") + 1]


def _row(sample: Sample) -> dict[str, object]:
    row = asdict(sample)
    for name in ("median_ms", "minimum_ms", "reference_ms"):
        row[name] = f"{row[name]:.5g}"
    return row
