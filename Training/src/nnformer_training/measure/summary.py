"""From samples to one latency a network and runtime.

The machine is shared: others slow a run down for moments and for minutes, so a round's time is its fastest run and slow
rounds are left out. Where a network happens to lie in memory makes it faster or slower for as long as it is loaded, and
one lucky round is not what its user sees: the latency is the mean of the two lowest rounds, and it is trusted once they
agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from nnformer_training.measure.records import Sample

#: The two lowest rounds of a stable network differ by at most this much.
STABLE_SPREAD_PERCENT = 3.0


@dataclass(frozen=True)
class Latency:
    """``spread_percent``: by how much the second lowest round is above the lowest; infinite for a single round."""

    network: str
    batch: int
    runtime: str
    latency_ms: float
    spread_percent: float
    rounds: int

    @property
    def is_stable(self) -> bool:
        return self.spread_percent <= STABLE_SPREAD_PERCENT


def summarise(samples: Iterable[Sample]) -> list[Latency]:
    """In the order of first appearance. ``ValueError`` where samples come from two processor models or two releases of
    a runtime: they are different platforms."""
    fastest: dict[tuple[str, int, str], list[float]] = {}
    platforms: dict[str, tuple[str, str, int]] = {}
    for sample in samples:
        platform = (sample.processor, sample.runtime_version, sample.threads)
        if platforms.setdefault(sample.runtime, platform) != platform:
            raise ValueError(
                f"samples of {sample.runtime} come from {platforms[sample.runtime]} and from {platform}: "
                "keep a file for each processor, version and number of threads"
            )
        if sample.is_usable:
            fastest.setdefault((sample.network, sample.batch, sample.runtime), []).append(sample.minimum_ms)
    return [_latency(*key, sorted(values)) for key, values in fastest.items()]


def _latency(network: str, batch: int, runtime: str, rounds: list[float]) -> Latency:
    spread = 100.0 * (rounds[1] / rounds[0] - 1.0) if len(rounds) > 1 else float("inf")
    return Latency(network, batch, runtime, fmean(rounds[:2]), spread, len(rounds))
