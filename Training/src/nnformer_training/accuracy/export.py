"""`accuracy-export`: write the accuracy weights that the library holds, and the golden vectors of its tests."""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import nnformer
import numpy as np
import pandas as pd
import torch
from torch.nn import functional

from nnformer_training.allocator import keep_freed_memory
from nnformer_training.fixtures.golden import GOLDEN_DIRECTORY, SIGNIFICANT_DIGITS, dense_relations
from nnformer_training.locations import LABELS, WEIGHTS
from nnformer_training.model.reference import encode
from nnformer_training.results.provenance import current_commit, today

from . import nasbench101, nasbench201
from .cell_encoding import CellEncoding
from .label_scale import LabelScale
from .nasbench101 import FIVE_VERTEX_FILE, FIVE_VERTEX_FITTING, Nasbench101Labels
from .nasbench201 import SUBSETS, Nasbench201Labels, Targets
from .network import AccuracyConfiguration
from .predictors import Experiment, ensemble, ensemble_members, joint_target_count, new_network
from .run import DEFAULT_RUNS, RESULTS, validation_taus
from .weights import DatasetEntry, ReadModel, SpaceModel, TrainingEntry, accuracy_weights, read_accuracy_weights

SHIPPED_ACCURACY_WEIGHTS = WEIGHTS / "accuracy.safetensors"
GOLDEN_FILE = GOLDEN_DIRECTORY / "accuracy.json"
GOLDEN_CELLS = 100
SEED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--labels", type=Path, default=LABELS, help="folder of the label sets")
    parser.add_argument("--runs", type=Path, default=DEFAULT_RUNS, help="folder of finished runs")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of what accuracy-nasbench101 measured")
    parser.add_argument("--output", type=Path, default=SHIPPED_ACCURACY_WEIGHTS, help="safetensors file to write")
    parser.add_argument("--golden", type=Path, default=GOLDEN_FILE, help="golden vectors to write")
    parser.add_argument("--golden-only", action="store_true", help="of the weights file as it is")


def run(arguments: argparse.Namespace) -> None:
    keep_freed_memory()
    torch.set_num_threads(1)
    labels201 = Nasbench201Labels.read(arguments.labels)
    if not arguments.golden_only:
        labels101 = Nasbench101Labels.five_vertex(arguments.labels / FIVE_VERTEX_FILE)
        models = [
            nasbench201_model(Experiment.of(labels201, arguments.runs)),
            nasbench101_model(labels101, arguments.results / "accuracy_nasbench101_5v.csv"),
        ]
        data = accuracy_weights(models)
        arguments.output.write_bytes(data)
        print(f"{arguments.output}: {len(data)} bytes")
    write_golden(arguments.golden, arguments.output, labels201, arguments.labels / FIVE_VERTEX_FILE)


def nasbench201_model(experiment: Experiment) -> SpaceModel:
    labels = experiment.labels
    size = max(SUBSETS)
    # Not the ensemble's estimates as they were kept: these are of the networks that are written.
    taus = validation_taus(experiment, ensemble(experiment, labels.training(size), SEED))
    sizes = AccuracyConfiguration(experiment.encoding.feature_table.shape[1], joint_target_count())
    networks, trainings = [], []
    for member in ensemble_members(SEED):
        made = experiment.provenance("joint", size, member)
        trainings.append(TrainingEntry(made.commit, member, made.date))
        network = new_network(sizes, member)
        network.load_state_dict(torch.load(experiment.network_path(size, member)))
        networks.append(network)
    scales = Targets.of(labels, labels.training(size), (0, 1, 2), with_early=False).scales
    entries = [
        DatasetEntry(
            dataset,
            nasbench201.QUANTITY,
            nasbench201.SOURCE,
            nasbench201.LICENCE,
            size,
            len(labels.validation),
            tau,
            scale,
        )
        for dataset, tau, scale in zip(nasbench201.DATASETS, taus, scales)
    ]
    print(nasbench201.SPACE, {entry.id: round(entry.kendall_tau, 4) for entry in entries})
    return SpaceModel(nasbench201.SPACE, networks, entries, trainings)


def nasbench101_model(labels: Nasbench101Labels, results: Path) -> SpaceModel:
    """Trained on all cells; its τ is that of the folds, of networks that had not seen the cells."""
    with results.open() as file:
        taus = [float(row["kendall_tau"]) for row in csv.DictReader(file) if row["predictor"] == "nnformer"]
    packer = CellEncoding.of(labels.cells).packer(AccuracyConfiguration.layers)
    cells = np.arange(len(labels.hashes))
    training = TrainingEntry(current_commit(), SEED, today())
    network, scale = nasbench101.train(labels, packer, cells, SEED, FIVE_VERTEX_FITTING)
    entry = DatasetEntry(
        nasbench101.DATASET, nasbench101.QUANTITY, nasbench101.SOURCE, nasbench101.LICENCE, len(cells), len(cells),
        float(np.mean(taus)), scale,
    )  # fmt: skip
    return SpaceModel(nasbench101.SPACE, [network], [entry], [training])


def write_golden(path: Path, weights: Path, labels: Nasbench201Labels, five_vertex: Path) -> None:
    """Cells and what the dense reference estimates for them with these weights, in float64 and percent."""
    models = read_accuracy_weights(weights)
    chosen = np.random.default_rng(SEED).choice(len(labels.architectures), GOLDEN_CELLS, replace=False)
    lines = []
    for number in sorted(chosen):
        architecture = labels.architectures[number]
        estimates = percent(models[nasbench201.SPACE], nnformer.CellList(nasbench201.SPACE, [architecture]))
        lines.append({"space": nasbench201.SPACE, "architecture": architecture, "percent": estimates})
    for adjacency, operations in golden_matrices(five_vertex):
        cell = nnformer.CellList(nasbench101.SPACE)
        cell.add_matrix(adjacency, operations)
        estimates = percent(models[nasbench101.SPACE], cell)
        lines.append(
            {"space": nasbench101.SPACE, "adjacency": adjacency, "operations": operations, "percent": estimates}
        )
    path.write_text("[\n" + ",\n".join(json.dumps(line) for line in lines) + "\n]\n")


def percent(model: ReadModel, cell: nnformer.CellList) -> list[float]:
    """Of the only cell of a list, by dataset."""
    features = torch.from_numpy(cell.features()).double()
    relations = dense_relations(cell.relations()[name] for name in nnformer.RELATIONS)
    outputs = [
        functional.linear(
            encode(tensors, features, relations)[0], tensors["head.weight"].double(), tensors["head.bias"].double()
        )
        for tensors in model.tensors
    ]
    z = torch.stack(outputs).mean(dim=0).numpy()
    scales = [LabelScale(one["ceiling_percent"], one["mean"], one["deviation"]) for one in model.entry["datasets"]]
    return [float(f"{scale.to_percent(value):.{SIGNIFICANT_DIGITS}g}") for scale, value in zip(scales, z)]


def golden_matrices(five_vertex: Path) -> list[tuple[list[list[int]], list[str]]]:
    """Every hundredth cell of the label set."""
    table = pd.read_csv(five_vertex).drop_duplicates("hash").iloc[::100]
    return [
        (json.loads(row.adjacency), [nasbench101.OPERATIONS[number] for number in json.loads(row.ops)])
        for row in table.itertuples()
    ]
