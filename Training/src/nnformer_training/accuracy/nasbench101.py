"""`accuracy-nasbench101`: train on NAS-Bench-101 cells and measure on cells held out.

Without a file, on the five-vertex cells of EC-NAS trained for four epochs, in five folds by cell hash. With the
official file, on random shares of its cells, measured on all others.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import nnformer
import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from scipy.stats import kendalltau
from tqdm import tqdm

from nnformer_training.allocator import keep_freed_memory
from nnformer_training.features.sharing import Int64
from nnformer_training.locations import LABELS
from nnformer_training.results.provenance import current_commit, today

from .boosting import BoostingConfiguration, boosted
from .cell_encoding import CellEncoding, CellPacker
from .fitting import FittingConfiguration, estimate, fit
from .label_scale import LabelScale
from .nasbench101_file import read_records
from .network import AccuracyConfiguration, AccuracyNetwork
from .run import RESULTS

Float64 = npt.NDArray[np.float64]

SPACE = "nasbench101"
DATASET = "cifar10"
FIVE_VERTEX_FILE = "nasbench101_5v_4epoch.csv"
QUANTITY = "test accuracy after 4 epochs; cells of at most 5 vertices"
SOURCE = "EC-NAS (Bakhtiarifard et al., ICASSP 2024)"
LICENCE = "MIT"
OPERATIONS = {-1: "input", 0: "conv3x3-bn-relu", 1: "conv1x1-bn-relu", 2: "maxpool3x3", -2: "output"}
FOLDS = 5
#: Percent of the official file's cells that train, as in the paper.
SHARES_PERCENT = (0.02, 0.04, 0.1, 1.0, 5.0)
FIVE_VERTEX_FITTING = FittingConfiguration(steps=300)
#: Some 1,600 cells train, so leaves may be scikit-learn's own.
FIVE_VERTEX_BOOSTING = BoostingConfiguration(iterations=200, least_samples_per_leaf=20)


@dataclass(frozen=True)
class Nasbench101Labels:
    """hashes: [cells]; percent: [measurements], test accuracy; cell: [measurements]."""

    hashes: tuple[str, ...]
    cells: nnformer.CellList
    cell: Int64
    percent: Float64

    @classmethod
    def of(cls, rows: Iterable[tuple[str, Sequence[Sequence[int]], Sequence[str], float]]) -> Nasbench101Labels:
        """rows: hash, adjacency, operations, test accuracy as a fraction; a hash comes once for every repeat."""
        numbers: dict[str, int] = {}
        cells = nnformer.CellList(SPACE)
        cell, percent = [], []
        for module_hash, adjacency, operations, accuracy in rows:
            if module_hash not in numbers:
                cells.add_matrix(adjacency, operations)
                numbers[module_hash] = len(numbers)
            cell.append(numbers[module_hash])
            percent.append(100.0 * accuracy)
        return cls(tuple(numbers), cells, np.array(cell, np.int64), np.array(percent))

    @classmethod
    def five_vertex(cls, path: Path) -> Nasbench101Labels:
        table = pd.read_csv(path)
        return cls.of(
            (
                row.hash,
                json.loads(row.adjacency),
                [OPERATIONS[number] for number in json.loads(row.ops)],
                row.test_accuracy,
            )
            for row in table.itertuples()
        )

    @classmethod
    def official(cls, path: Path) -> Nasbench101Labels:
        return cls.of(
            (record.module_hash, record.adjacency, record.operations, record.test_accuracy)
            for record in tqdm(read_records(path), desc=path.name, unit="record", disable=None)
        )

    @property
    def means(self) -> Float64:
        """[cells], percent, over repeats."""
        return np.bincount(self.cell, weights=self.percent) / np.bincount(self.cell)

    @property
    def folds(self) -> Int64:
        """[cells], 0 to FOLDS − 1, by SHA-256 of the hash."""
        digests = [hashlib.sha256(one.encode()).digest() for one in self.hashes]
        return np.array([int.from_bytes(digest[:8], "big") % FOLDS for digest in digests])

    def repeat_taus(self) -> list[float]:
        """Kendall τ between any two measurements of the cells measured most often: what no predictor of one
        measurement can be expected to exceed by much."""
        counts = np.bincount(self.cell)
        most = counts.max()
        if most < 2:
            return []
        repeated = np.flatnonzero(counts == most)
        measured = np.array([self.percent[self.cell == cell] for cell in repeated])
        return [
            float(kendalltau(measured[:, a], measured[:, b]).statistic)
            for a, b in itertools.combinations(range(most), 2)
        ]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--labels", type=Path, default=LABELS, help="folder of the label sets")
    parser.add_argument("--file", type=Path, help="nasbench_only108.tfrecord, for the paper's shares of its cells")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--steps", type=int, default=2000, help="of training on shares of the official file")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the result files")


def run(arguments: argparse.Namespace) -> None:
    keep_freed_memory()
    torch.set_num_threads(1)
    commit = current_commit()
    if arguments.file is None:
        labels = Nasbench101Labels.five_vertex(arguments.labels / FIVE_VERTEX_FILE)
        name, rows = "accuracy_nasbench101_5v", five_vertex_results(labels, arguments.seeds)
    else:
        labels = Nasbench101Labels.official(arguments.file)
        name, rows = "accuracy_nasbench101", official_results(labels, arguments.seeds, arguments.steps)
    arguments.output.mkdir(parents=True, exist_ok=True)
    with (arguments.output / f"{name}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    provenance = {
        "command": "python -m nnformer_training accuracy-nasbench101",
        "commit": commit, "date": today(), "cells": len(labels.hashes), "measurements": len(labels.percent),
    }  # fmt: skip
    (arguments.output / f"{name}.json").write_text(json.dumps(provenance, indent=1) + "\n")


def five_vertex_results(labels: Nasbench101Labels, seeds: Sequence[int]) -> list[dict[str, object]]:
    """By predictor and seed, τ of out-of-fold estimates with single measurements, the mean over folds; and of the
    measurements with each other."""
    packer = CellEncoding.of(labels.cells).packer(AccuracyConfiguration.layers)
    rows: list[dict[str, object]] = []
    for seed in seeds:
        for name, predictor in (("nnformer", network_estimates), ("boosting", boosting_estimates)):
            taus = []
            for fold in range(FOLDS):
                is_training = labels.folds != fold
                estimates = predictor(labels, packer, np.flatnonzero(is_training), seed)
                held_out = ~is_training[labels.cell]
                taus.append(kendalltau(estimates[labels.cell[held_out]], labels.percent[held_out]).statistic)
            rows.append(result_row(name, seed, taus))
            print(rows[-1], flush=True)
    rows.append(result_row("repeat", 0, labels.repeat_taus()))
    print(rows[-1])
    return rows


def official_results(labels: Nasbench101Labels, seeds: Sequence[int], steps: int) -> list[dict[str, object]]:
    """By share of the cells and seed, τ on all other cells' mean accuracies."""
    packer = CellEncoding.of(labels.cells).packer(AccuracyConfiguration.layers)
    count = len(labels.hashes)
    rows: list[dict[str, object]] = []
    for seed, share in itertools.product(seeds, SHARES_PERCENT):
        order = np.random.default_rng(seed).permutation(count)
        training_count = max(2, round(count * share / 100))
        network, _ = train(labels, packer, order[:training_count], seed, FittingConfiguration(steps=steps))
        held_out = order[training_count:]
        estimates = estimate(network, packer, held_out)[:, 0]
        row = result_row(f"nnformer_{share}_percent", seed, [kendalltau(estimates, labels.means[held_out]).statistic])
        print(row, flush=True)
        rows.append(row)
    return rows


def result_row(predictor: str, seed: int, taus: Sequence[float]) -> dict[str, object]:
    return {
        "predictor": predictor, "seed": seed, "kendall_tau": round(float(np.mean(taus)), 4),
        "least": round(float(np.min(taus)), 4), "greatest": round(float(np.max(taus)), 4), "parts": len(taus),
    }  # fmt: skip


def network_estimates(labels: Nasbench101Labels, packer: CellPacker, cells: Int64, seed: int) -> Float64:
    network, _ = train(labels, packer, cells, seed, FIVE_VERTEX_FITTING)
    return estimate(network, packer, np.arange(len(labels.hashes)))[:, 0]


def train(
    labels: Nasbench101Labels, packer: CellPacker, cells: Int64, seed: int, fitting: FittingConfiguration
) -> tuple[AccuracyNetwork, LabelScale]:
    """On the mean accuracies of `cells`."""
    torch.manual_seed(seed)
    network = AccuracyNetwork(AccuracyConfiguration(nnformer.Library.default().nnformer_cell_feature_count(), 1))
    scale = LabelScale.fit(labels.means[cells])
    targets = scale.from_percent(labels.means[cells])[:, None]
    return fit(network, packer, cells, targets, np.ones(1), fitting, seed), scale


def boosting_estimates(labels: Nasbench101Labels, packer: CellPacker, cells: Int64, seed: int) -> Float64:
    """Gradient-boosted trees on counts: of each feature of the nodes, and of each pair of them along an edge."""
    encoding = CellEncoding.of(labels.cells)
    inputs = pair_counts(encoding)
    targets = LabelScale.fit(labels.means[cells]).from_percent(labels.means[cells])
    return boosted(inputs[cells], targets, seed, FIVE_VERTEX_BOOSTING).predict(inputs)


def pair_counts(encoding: CellEncoding) -> Float64:
    """[cells, kinds + kinds²]: how often a cell holds each distinct feature row, and each pair along an edge."""
    count, kinds = encoding.cell_count, len(encoding.feature_table)
    first = encoding.first_node
    cell_of_node = np.repeat(np.arange(count), encoding.node_counts)
    counts = np.zeros((count, kinds + kinds * kinds))
    np.add.at(counts, (cell_of_node, encoding.feature_rows[first:]), 1)
    sources, readers = encoding.edges
    pairs = encoding.feature_rows[sources] * kinds + encoding.feature_rows[readers]
    np.add.at(counts, (cell_of_node[sources - first], kinds + pairs), 1)
    return counts
