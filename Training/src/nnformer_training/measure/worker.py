"""Measuring in a process of its own, pinned to chosen cores: a runtime that crashes or hangs loses one network only."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from nnformer_training.allocator import keep_freed_memory
from nnformer_training.measure.networks import Network
from nnformer_training.measure.runtimes import Command, Inputs, Run, Runtime, example_inputs, open_runtime
from nnformer_training.measure.timing import Budget, Timing, fastest, time_burst


@dataclass(frozen=True)
class Failure:
    """Why a network has no timing on a runtime: one line."""

    reason: str


Outcome = Timing | Failure


@dataclass(frozen=True)
class Setting:
    """``cores`` are pinned; ``threads`` is what the runtimes are told. ``runtimes`` as ``open_runtime`` reads them."""

    runtimes: tuple[str, ...]
    cores: tuple[int, ...]
    threads: int
    budget: Budget
    timeout_seconds: float = 120.0
    #: So many networks are compiled together, and their bursts interleaved.
    group_size: int = 8
    #: A fresh process now and then keeps what runtimes leave behind in memory from adding up.
    networks_a_process: int = 1000


class Worker:
    """Measures a group of networks at a time on every runtime. Not for use from several threads."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None
        self._measured = 0

    def measure(self, networks: Sequence[Network], runtimes: Sequence[int]) -> list[list[Outcome]]:
        """For each network one outcome a runtime, which are numbered as in the setting. Blocks for at most the time
        limit a network.

        A network that brings the process down takes its group with it, so the group's networks are then measured one
        by one."""
        outcomes = self._measure(networks, runtimes)
        if outcomes is not None:
            return outcomes
        if len(networks) == 1:
            reason = f"the runtime ended, or gave no result within {self._setting.timeout_seconds:g} s"
            return [[Failure(reason)] * len(runtimes)]
        return [self.measure([network], runtimes)[0] for network in networks]

    def _measure(self, networks: Sequence[Network], runtimes: Sequence[int]) -> list[list[Outcome]] | None:
        """None where the process ended or took too long; it is then gone."""
        if self._measured >= self._setting.networks_a_process:
            self.close()
        if self._connection is None:
            self._start()
        self._measured += len(networks)
        try:
            self._connection.send((networks, runtimes))
            if self._connection.poll(self._setting.timeout_seconds * len(networks)):
                return self._connection.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            pass
        self.close()
        return None

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._connection.close()
        self._process = self._connection = None
        self._measured = 0

    def _start(self) -> None:
        # Spawned: a forked copy of a process that has loaded a runtime inherits its locks without its threads.
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._setting), daemon=True)
        self._process.start()
        theirs.close()


def _serve(connection: Connection, setting: Setting) -> None:
    os.sched_setaffinity(0, setting.cores)
    # Each network allocates and frees its weights in the layout of each runtime.
    keep_freed_memory()
    runtimes = [open_runtime(text) for text in setting.runtimes]
    with tempfile.TemporaryDirectory(dir=_workspace_parent()) as workspace:
        while True:
            try:
                networks, chosen = connection.recv()
            except EOFError:
                return
            outcomes = _measure_group(networks, Path(workspace), [runtimes[number] for number in chosen], setting)
            connection.send(outcomes)


def _workspace_parent() -> Path | None:
    """A file system in memory where there is one: runtimes map weights from there without waiting for a disk."""
    shared_memory = Path("/dev/shm")
    return shared_memory if shared_memory.is_dir() else None


def _measure_group(
    networks: Sequence[Network], workspace: Path, runtimes: Sequence[Runtime | Command], setting: Setting
) -> list[list[Outcome]]:
    prepared = [_prepare(network, workspace, runtimes, setting.threads) for network in networks]
    bursts: list[list[list[Timing]]] = [[[] for _ in runtimes] for _ in networks]
    for _ in range(setting.budget.bursts):
        for runs, timings in zip(prepared, bursts, strict=True):
            for index, run in enumerate(runs):
                if isinstance(run, Failure | Timing):
                    continue
                try:
                    timings[index].append(time_burst(run, setting.budget))
                except Exception as error:
                    runs[index] = Failure(_one_line(error))
    return [
        [run if isinstance(run, Failure | Timing) else fastest(timing) for run, timing in zip(runs, timings)]
        for runs, timings in zip(prepared, bursts, strict=True)
    ]


def _prepare(
    network: Network, workspace: Path, runtimes: Sequence[Runtime | Command], threads: int
) -> list[Run | Outcome]:
    """For each runtime what runs the network, or why it cannot; of a command, which measures by itself, the result."""
    try:
        model = network.prepare(workspace)
    except Exception as error:
        return [Failure(f"cannot be prepared: {_one_line(error)}")] * len(runtimes)
    prepared: list[Run | Outcome] = []
    inputs: Inputs = {}
    for runtime in runtimes:
        try:
            if isinstance(runtime, Command):
                milliseconds = runtime.milliseconds(model)
                prepared.append(Timing(milliseconds, milliseconds, 1))
            else:
                # Only now: a command makes its own, and so can run what has axes without extent.
                inputs = inputs or example_inputs(model)
                prepared.append(runtime.prepare(model, inputs, threads))
        except Exception as error:
            prepared.append(Failure(_one_line(error)))
    return prepared


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
