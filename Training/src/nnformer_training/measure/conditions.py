"""Under which conditions a latency was measured: processor and versions.

Latencies of two processor models must never stand under one platform, so the processor is described by what the
hardware says of itself and not only by its marketing name, which virtual machines shorten.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from dataclasses import dataclass
from pathlib import Path

_CPU_INFORMATION = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Processor:
    """``model`` is the name that the system gives; family, model number and stepping tell generations apart;
    ``features_sha256`` covers the instruction sets that programs may use."""

    model: str
    vendor: str
    family: int
    model_number: int
    stepping: int
    features_sha256: str

    @classmethod
    def current(cls) -> Processor:
        """Of this machine. Where there is no ``/proc/cpuinfo``, only the name is known and the numbers are 0."""
        if not _CPU_INFORMATION.exists():
            return cls(platform.processor() or platform.machine(), "", 0, 0, 0, "")
        fields: dict[str, str] = {}
        for line in _CPU_INFORMATION.read_text().split("\n\n")[0].splitlines():
            key, _, value = line.partition(":")
            fields[key.strip()] = value.strip()
        features = " ".join(sorted((fields.get("flags") or fields.get("Features") or "").split()))
        return cls(
            model=fields.get("model name", platform.machine()),
            vendor=fields.get("vendor_id", ""),
            family=int(fields.get("cpu family", 0)),
            model_number=int(fields.get("model", 0)),
            stepping=int(fields.get("stepping", 0)),
            features_sha256=hashlib.sha256(features.encode()).hexdigest(),
        )

    def identity(self) -> str:
        """One word that differs between processor models, for the samples' file."""
        return (
            f"{self.vendor or 'unknown'}-{self.family}-{self.model_number}-{self.stepping}-{self.features_sha256[:8]}"
        )


def installed_version(distribution: str) -> str:
    """Of an installed Python distribution; empty where it is missing."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""
