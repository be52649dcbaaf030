"""A campaign: rounds over all networks, each in an order of its own, with a reference network in between.

Rounds lie far apart in time, so that a slow quarter of an hour spoils one of a network's rounds and not all. After the
planned rounds, networks of which the fastest runs of the two lowest rounds do not agree are measured again, as often as
``extra_rounds`` allows.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tqdm import tqdm

from nnformer_training.measure.conditions import Processor
from nnformer_training.measure.networks import Network
from nnformer_training.measure.records import Sample, SampleFile
from nnformer_training.measure.runtimes import open_runtime
from nnformer_training.measure.summary import refuse_mixtures, summarise
from nnformer_training.measure.timing import Timing
from nnformer_training.measure.worker import Outcome, Setting, Worker

_NO_TIMING = Timing(0.0, 0.0, 0)


@dataclass(frozen=True)
class Plan:
    rounds: int
    extra_rounds: int = 2


class Campaign:
    """Measures networks into a file of samples. What the file already holds is not measured again."""

    def __init__(
        self,
        networks: Sequence[Network],
        reference: Network,
        setting: Setting,
        plan: Plan,
        file: SampleFile,
        worker: Worker | None = None,
    ) -> None:
        names = [network.name for network in networks]
        if len(set(names)) < len(names):
            raise ValueError("two networks have the same name: rename one of the files")
        self._networks = networks
        self._reference = reference
        self._setting = setting
        self._plan = plan
        self._file = file
        self._worker = worker or Worker(setting)
        runtimes = [open_runtime(text) for text in setting.runtimes]
        self._runtime_names = [runtime.name for runtime in runtimes]
        self._platforms = [(Processor.current().identity(), runtime.version, setting.threads) for runtime in runtimes]

    def run(self) -> None:
        """To the end, or to the first interruption: all samples taken until then are on disk. ``ValueError``, before
        anything is measured, where the file holds samples of another platform than this one."""
        refuse_mixtures(self._file.read(), dict(zip(self._runtime_names, self._platforms, strict=True)))
        try:
            for number in range(1, self._plan.rounds + 1):
                self._round(number, self._networks, f"round {number} of {self._plan.rounds}")
            for extra in range(1, self._plan.extra_rounds + 1):
                number = self._plan.rounds + extra
                unstable = self._unstable()
                if unstable:
                    self._round(number, unstable, f"unstable, round {number}")
        finally:
            self._worker.close()

    def _round(self, number: int, networks: Sequence[Network], title: str) -> None:
        groups = list(self._groups(number, networks))
        total = sum(len(group) for group, _ in groups)
        with tqdm(total=total, desc=title, unit="network", smoothing=0.05) as bar:
            for group, runtimes in groups:
                # The reference is a member of every group: it shows how fast the machine was just then.
                reference, *outcomes = self._worker.measure([self._reference, *group], runtimes)
                members = zip(group, outcomes, strict=True)
                self._file.append(
                    [sample for member in members for sample in self._samples(*member, number, runtimes, reference)]
                )
                bar.update(len(group))

    def _groups(self, number: int, networks: Sequence[Network]) -> Iterator[tuple[list[Network], list[int]]]:
        """What the round still lacks: networks that are measured together, and the runtimes to measure them on."""
        measured = {(sample.network, sample.runtime) for sample in self._file.read() if sample.round == number}
        by_runtimes: dict[tuple[int, ...], list[Network]] = {}
        for network in networks:
            names = enumerate(self._runtime_names)
            missing = tuple(runtime for runtime, name in names if (network.name, name) not in measured)
            if missing:
                by_runtimes.setdefault(missing, []).append(network)
        for missing, remaining in by_runtimes.items():
            random.Random(number).shuffle(remaining)
            for start in range(0, len(remaining), self._setting.group_size):
                yield remaining[start : start + self._setting.group_size], list(missing)

    def _unstable(self) -> list[Network]:
        latencies = summarise(self._file.read())
        unstable = [latency for latency in latencies if not latency.is_stable]
        names = {latency.network for latency in unstable if latency.runtime in self._runtime_names}
        return [network for network in self._networks if network.name in names]

    def _samples(
        self,
        network: Network,
        outcomes: Sequence[Outcome],
        number: int,
        runtimes: Sequence[int],
        reference: Sequence[Outcome],
    ) -> list[Sample]:
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        samples = []
        for runtime, outcome, beside in zip(runtimes, outcomes, reference, strict=True):
            timing = outcome if isinstance(outcome, Timing) else _NO_TIMING
            reference_ms = beside.median_ms if isinstance(beside, Timing) else 0.0
            processor, version, threads = self._platforms[runtime]
            sample = Sample(
                network.name, network.batch, self._runtime_names[runtime], version, processor, threads, number,
                timing.median_ms, timing.minimum_ms, timing.runs, reference_ms, now,
                "" if isinstance(outcome, Timing) else outcome.reason,
            )  # fmt: skip
            samples.append(sample)
        return samples
