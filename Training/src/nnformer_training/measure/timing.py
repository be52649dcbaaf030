"""One timing: the fastest run of a few bursts, and the lowest of their medians.

A shared machine is slowed down for fractions of a second as well as for minutes. Bursts of several networks are
therefore interleaved, so that those of one network lie seconds apart.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """A burst lasts until it has both ``least_runs`` and ``seconds``, but never more than ``most_runs``."""

    bursts: int = 3
    warm_up_runs: int = 1
    least_runs: int = 3
    most_runs: int = 100
    seconds: float = 0.05


@dataclass(frozen=True)
class Timing:
    """``median_ms``: of the fastest burst; ``minimum_ms``: of all runs; ``runs``: of all bursts."""

    median_ms: float
    minimum_ms: float
    runs: int


def fastest(bursts: Sequence[Timing]) -> Timing:
    return Timing(
        min(burst.median_ms for burst in bursts),
        min(burst.minimum_ms for burst in bursts),
        sum(burst.runs for burst in bursts),
    )


def time_burst(run: Callable[[], object], budget: Budget, clock: Callable[[], float] = time.perf_counter) -> Timing:
    """Runs and times ``run``, with Python's garbage collector held back."""
    for _ in range(budget.warm_up_runs):
        run()
    milliseconds: list[float] = []
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        deadline = clock() + budget.seconds
        while len(milliseconds) < budget.most_runs:
            started = clock()
            run()
            ended = clock()
            milliseconds.append(1e3 * (ended - started))
            if ended >= deadline and len(milliseconds) >= budget.least_runs:
                break
    finally:
        if was_collecting:
            gc.enable()
    return Timing(statistics.median(milliseconds), min(milliseconds), len(milliseconds))
