"""From samples to one latency a network and runtime.

The machine is shared: others slow a run down for moments and for minutes, so a round's time is its fastest run and slow
rounds are left out. Where a network happens to lie in memory makes it faster or slower for as long as it is loaded, and
one lucky round is not what its user sees: the latency is the mean of the two lowest rounds, and it is trusted once they
agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from nnformer_training.measure.records import PlatformKey, Sample

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


def refuse_mixtures(samples: Iterable[Sample], current: Mapping[str, PlatformKey] | None = None) -> None:
    """``ValueError`` where samples of one runtime come from two platforms, or from another than the ``current`` one,
    which further samples will come from."""
    platforms = dict(current or {})
    for sample in samples:
        expected = platforms.setdefault(sample.runtime, sample.platform)
        if sample.platform != expected:
            raise ValueError(
                f"samples of {sample.runtime} come from {expected} and from {sample.platform}: "
                "keep a file for each processor, version and number of threads"
            )


def summarise(samples: Sequence[Sample]) -> list[Latency]:
    """In the order of first appearance. ``ValueError`` where samples of one runtime come from two platforms."""
    refuse_mixtures(samples)
    fastest: dict[tuple[str, int, str], list[float]] = {}
    for sample in samples:
        if sample.is_usable:
            fastest.setdefault((sample.network, sample.batch, sample.runtime), []).append(sample.minimum_ms)
    return [_latency(*key, sorted(values)) for key, values in fastest.items()]


def _latency(network: str, batch: int, runtime: str, rounds: list[float]) -> Latency:
    spread = 100.0 * (rounds[1] / rounds[0] - 1.0) if len(rounds) > 1 else float("inf")
    return Latency(network, batch, runtime, fmean(rounds[:2]), spread, len(rounds))
