"""A campaign: rounds over all networks, each in an order of its own, with a reference network in between.

Rounds lie far apart in time, so that a slow quarter of an hour spoils one of a network's medians and not all. After the
planned rounds, networks whose two lowest medians do not agree are measured again, as often as ``extra_rounds`` allows.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from dataclasses import dataclass

from tqdm import tqdm

from nnformer_training.measure.conditions import Processor
from nnformer_training.measure.networks import Network
from nnformer_training.measure.records import Sample, SampleFile
from nnformer_training.measure.runtimes import open_runtime
from nnformer_training.measure.summary import summarise
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
        self._runtime_versions = [runtime.version for runtime in runtimes]
        self._processor = Processor.current().identity()

    def run(self) -> None:
        """To the end, or to the first interruption: all samples taken until then are on disk."""
        summarise(self._file.read())  # refuses to mix platforms before anything is measured
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
        measured = {sample.network for sample in self._file.read() if sample.round == number}
        remaining = [network for network in networks if network.name not in measured]
        random.Random(number).shuffle(remaining)
        with tqdm(total=len(remaining), desc=title, unit="network", smoothing=0.05) as bar:
            for start in range(0, len(remaining), self._setting.group_size):
                group = remaining[start : start + self._setting.group_size]
                # The reference is a member of every group: it shows how fast the machine was just then.
                reference, *outcomes = self._worker.measure([self._reference, *group])
                members = zip(group, outcomes, strict=True)
                self._file.append(
                    [sample for member in members for sample in self._samples(*member, number, reference)]
                )
                bar.update(len(group))

    def _unstable(self) -> list[Network]:
        latencies = summarise(self._file.read())
        names = {latency.network for latency in latencies if not latency.is_stable}
        return [network for network in self._networks if network.name in names]

    def _samples(
        self, network: Network, outcomes: Sequence[Outcome], number: int, reference: Sequence[Outcome]
    ) -> list[Sample]:
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        samples = []
        for index, outcome in enumerate(outcomes):
            timing = outcome if isinstance(outcome, Timing) else _NO_TIMING
            beside = reference[index] if isinstance(reference[index], Timing) else _NO_TIMING
            sample = Sample(
                network.name, network.batch, self._runtime_names[index], self._runtime_versions[index],
                self._processor, self._setting.threads, number, timing.median_ms, timing.minimum_ms, timing.runs,
                beside.median_ms, now, "" if isinstance(outcome, Timing) else outcome.reason,
            )  # fmt: skip
            samples.append(sample)
        return samples
