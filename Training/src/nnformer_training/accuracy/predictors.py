"""What the tables compare: each predictor learns from labelled rows and estimates every cell of the space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nnformer
import numpy as np
import numpy.typing as npt
import torch

from nnformer_training.features.sharing import Int64
from nnformer_training.search_spaces.nasbench201 import one_hot_edges

from .boosting import BoostingConfiguration, boosted
from .cell_encoding import CellEncoding, CellPacker
from .fitting import FittingConfiguration, estimate, fit
from .gcn import gcn_estimates
from .nasbench201 import DATASETS, SPACE, Nasbench201Labels, Targets
from .network import AccuracyConfiguration, AccuracyNetwork
from .paths import FEATURES_PER_SPLIT, path_counts
from .provenance import Provenance

Float64 = npt.NDArray[np.float64]

#: Steps by the number of training cells: few cells are learnt by heart sooner.
STEPS = {78: 300, 156: 400, 469: 600, 781: 700, 1563: 750}
PAPER_STEPS = {78: 100, 156: 100, 469: 200, 781: 250, 1563: 300}
ENSEMBLE_SIZE = 3


@dataclass(frozen=True)
class Experiment:
    """runs: folder that keeps each predictor's estimates and what made them, so that an interrupted table goes on where
    it stopped."""

    labels: Nasbench201Labels
    encoding: CellEncoding
    runs: Path
    packers: dict[int, CellPacker] = field(default_factory=dict)

    @classmethod
    def of(cls, labels: Nasbench201Labels, runs: Path) -> Experiment:
        return cls(labels, CellEncoding.of(nnformer.CellList(SPACE, labels.architectures)), runs)

    def estimates(self, predictor: str, size: int, seed: int) -> Float64:
        """Of all cells, standardised, [cells, datasets]; NaN for a dataset that the predictor leaves out."""
        self.provenance(predictor, size, seed)
        return np.load(self.run_path(predictor, size, seed)).astype(np.float64)

    def provenance(self, predictor: str, size: int, seed: int) -> Provenance:
        """Of these estimates, which are made now unless there are some that learnt from the same labels."""
        path = self.run_path(predictor, size, seed)
        record = path.with_suffix(".json")
        found = Provenance.read(record)
        if found is not None and found.labels_sha256 == self.labels.sha256:
            return found
        made = Provenance.now(self.labels.sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Removed first and written last, so that a run that is cut off leaves no record of what it has not finished.
        record.unlink(missing_ok=True)
        estimates = PREDICTORS[predictor](self, self.labels.training(size), seed)
        np.save(path, estimates.astype(np.float32))
        made.write(record)
        return made

    def run_path(self, predictor: str, size: int, seed: int) -> Path:
        return self.runs / f"{predictor}_{size}_{seed}.npy"

    def network_path(self, size: int, seed: int) -> Path:
        """Of the joint network, kept for export."""
        return self.runs / f"joint_{size}_{seed}.pt"

    @property
    def all_cells(self) -> Int64:
        return np.arange(self.encoding.cell_count, dtype=np.int64)

    def packer(self, layers: int) -> CellPacker:
        """Built once: sharing the whole space takes a second."""
        if layers not in self.packers:
            self.packers[layers] = self.encoding.packer(layers)
        return self.packers[layers]


Predictor = Callable[[Experiment, Int64, int], Float64]
"""(experiment, rows to learn from, seed) to standardised estimates of all cells [cells, datasets]."""


def boosting(experiment: Experiment, rows: Int64, seed: int) -> Float64:
    """On the one-hot edges, a model a dataset."""
    inputs = np.stack([one_hot_edges(architecture) for architecture in experiment.labels.architectures])
    return boosting_estimates(experiment, inputs, rows, seed, BoostingConfiguration())


def boosting_paths(experiment: Experiment, rows: Int64, seed: int) -> Float64:
    """On what lies on the paths through the encoded cell: knows which cells compute the same, as the networks do."""
    configuration = BoostingConfiguration(features_per_split=FEATURES_PER_SPLIT)
    return boosting_estimates(experiment, path_counts(experiment.encoding), rows, seed, configuration)


def boosting_estimates(
    experiment: Experiment, inputs: Float64, rows: Int64, seed: int, configuration: BoostingConfiguration
) -> Float64:
    cells = experiment.labels.cell[rows]
    targets = Targets.of(experiment.labels, rows, (0, 1, 2), with_early=False)
    columns = [boosted(inputs[cells], column, seed, configuration).predict(inputs) for column in targets.values.T]
    return np.stack(columns, axis=1)


def gcn(experiment: Experiment, rows: Int64, seed: int) -> Float64:
    """Graph convolutions over the same encoded cells, one network for the three datasets."""
    targets = Targets.of(experiment.labels, rows, (0, 1, 2), with_early=False)
    return gcn_estimates(experiment.encoding, experiment.labels.cell[rows], targets.values, seed)


def paper_on(dataset: int) -> Predictor:
    """The paper's sizes, 12 layers of width 160, on one dataset's labels alone and for far fewer steps than it took."""

    def estimates(experiment: Experiment, rows: Int64, seed: int) -> Float64:
        sizes = AccuracyConfiguration(
            experiment.encoding.feature_table.shape[1], 1, layers=12, width=160, feedforward_ratio=4
        )
        targets = Targets.of(experiment.labels, rows, (dataset,), with_early=False)
        fitting = FittingConfiguration(steps=PAPER_STEPS[len(rows)], learning_rate=1e-3)
        return of_dataset(
            dataset, estimate_all(experiment, train_network(experiment, rows, targets, sizes, fitting, seed))
        )

    return estimates


def single_on(dataset: int) -> Predictor:
    """A network for one dataset that has seen no other labels, as the paper's."""

    def estimates(experiment: Experiment, rows: Int64, seed: int) -> Float64:
        targets = Targets.of(experiment.labels, rows, (dataset,), with_early=False)
        return of_dataset(dataset, estimate_all(experiment, train_shipped_sizes(experiment, rows, targets, seed)))

    return estimates


def of_dataset(dataset: int, estimates: Float64) -> Float64:
    """Estimates [cells, 1] in that dataset's column, NaN in the others."""
    columns = np.full((len(estimates), len(DATASETS)), np.nan)
    columns[:, dataset] = estimates[:, 0]
    return columns


def joint(experiment: Experiment, rows: Int64, seed: int) -> Float64:
    """One network for the three datasets, with the 12-epoch accuracies of the same cells as further targets."""
    network = joint_network(experiment, rows, seed)
    torch.save(network.state_dict(), experiment.network_path(len(rows), seed))
    return estimate_all(experiment, network)[:, : len(DATASETS)]


def ensemble(experiment: Experiment, rows: Int64, seed: int) -> Float64:
    """The mean of several joint networks: what the library holds. Seeds share no members."""
    return np.mean([experiment.estimates("joint", len(rows), member) for member in ensemble_members(seed)], axis=0)


def ensemble_members(seed: int) -> range:
    """Seeds of the joint networks whose mean it is."""
    return range(ENSEMBLE_SIZE * (seed - 1) + 1, ENSEMBLE_SIZE * seed + 1)


def joint_network(experiment: Experiment, rows: Int64, seed: int) -> AccuracyNetwork:
    targets = Targets.of(experiment.labels, rows, (0, 1, 2), with_early=True)
    return train_shipped_sizes(experiment, rows, targets, seed)


def train_shipped_sizes(experiment: Experiment, rows: Int64, targets: Targets, seed: int) -> AccuracyNetwork:
    sizes = AccuracyConfiguration(experiment.encoding.feature_table.shape[1], targets.values.shape[1])
    fitting = FittingConfiguration(steps=STEPS[len(rows)])
    return train_network(experiment, rows, targets, sizes, fitting, seed)


def train_network(
    experiment: Experiment,
    rows: Int64,
    targets: Targets,
    sizes: AccuracyConfiguration,
    fitting: FittingConfiguration,
    seed: int,
) -> AccuracyNetwork:
    network = new_network(sizes, seed)
    cells = experiment.labels.cell[rows]
    return fit(network, experiment.packer(sizes.layers), cells, targets.values, targets.weights, fitting, seed)


def joint_target_count() -> int:
    """Final accuracies, then those after 12 epochs."""
    return 2 * len(DATASETS)


def new_network(sizes: AccuracyConfiguration, seed: int) -> AccuracyNetwork:
    torch.manual_seed(seed)
    return AccuracyNetwork(sizes)


def estimate_all(experiment: Experiment, network: AccuracyNetwork) -> Float64:
    return estimate(network, experiment.packer(network.configuration.layers), experiment.all_cells)


PREDICTORS: dict[str, Predictor] = {
    "boosting": boosting,
    "boosting_paths": boosting_paths,
    "gcn": gcn,
    "paper": paper_on(0),
    "paper_cifar100": paper_on(1),
    "paper_imagenet16": paper_on(2),
    "single": single_on(0),
    "single_cifar100": single_on(1),
    "single_imagenet16": single_on(2),
    "joint": joint,
    "ensemble": ensemble,
}
