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
from nnformer_training.measure.runtimes import Command, open_runtime
from nnformer_training.measure.timing import Budget, Timing, time_runs


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
    #: A fresh process now and then keeps what runtimes leave behind in memory from adding up.
    networks_a_process: int = 1000


class Worker:
    """Measures one network at a time on every runtime. Not for use from several threads."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None
        self._measured = 0

    def measure(self, network: Network) -> list[Outcome]:
        """One outcome a runtime, in the setting's order. Blocks for at most the time limit."""
        if self._measured >= self._setting.networks_a_process:
            self.close()
        if self._connection is None:
            self._start()
        self._measured += 1
        try:
            self._connection.send(network)
            if not self._connection.poll(self._setting.timeout_seconds):
                return self._give_up(f"no result within {self._setting.timeout_seconds:g} s")
            return self._connection.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return self._give_up("the measuring process ended")

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

    def _give_up(self, reason: str) -> list[Outcome]:
        self.close()
        return [Failure(reason)] * len(self._setting.runtimes)


def _serve(connection: Connection, setting: Setting) -> None:
    os.sched_setaffinity(0, setting.cores)
    # Each network allocates and frees its weights in the layout of each runtime.
    keep_freed_memory()
    runtimes = [open_runtime(text) for text in setting.runtimes]
    with tempfile.TemporaryDirectory(dir=_workspace_parent()) as workspace:
        while True:
            try:
                network = connection.recv()
            except EOFError:
                return
            connection.send(_measure(network, Path(workspace), runtimes, setting))


def _workspace_parent() -> Path | None:
    """A file system in memory where there is one: runtimes map weights from there without waiting for a disk."""
    shared_memory = Path("/dev/shm")
    return shared_memory if shared_memory.is_dir() else None


def _measure(network: Network, workspace: Path, runtimes: Sequence[object], setting: Setting) -> list[Outcome]:
    try:
        model = network.prepare(workspace)
    except Exception as error:
        return [Failure(f"cannot be prepared: {_one_line(error)}")] * len(runtimes)
    outcomes: list[Outcome] = []
    for runtime in runtimes:
        try:
            if isinstance(runtime, Command):
                milliseconds = runtime.milliseconds(model)
                outcomes.append(Timing(milliseconds, milliseconds, 1))
            else:
                run = runtime.prepare(model, setting.threads)
                outcomes.append(time_runs(run, setting.budget))
                del run
        except Exception as error:
            outcomes.append(Failure(_one_line(error)))
    return outcomes


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
