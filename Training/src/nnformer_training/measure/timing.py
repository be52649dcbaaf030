"""One timing: the median over a burst of runs."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """A burst lasts until it has both ``least_runs`` and ``seconds``, but never more than ``most_runs``."""

    warm_up_runs: int = 2
    least_runs: int = 5
    most_runs: int = 200
    seconds: float = 0.12


@dataclass(frozen=True)
class Timing:
    median_ms: float
    minimum_ms: float
    runs: int


def time_runs(run: Callable[[], object], budget: Budget, clock: Callable[[], float] = time.perf_counter) -> Timing:
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
