"""`golden`: write Tests/Golden: graphs, and what the dense reference estimates for them, for the library's tests.

Features and relations come from the library through ctypes, estimates from `reference` in float64. Two kinds of
weights: those that the library ships, and random ones of the paper's size that both sides generate from a seed
(`random_weights`). The page Tests/Golden/README.md describes the files.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from tqdm import tqdm

from .configuration import ModelConfiguration
from .export import SHIPPED_WEIGHTS
from .golden_graphs import GoldenGraph, golden_graphs
from .graph_library import CtypesLibrary, GraphData, GraphLibrary
from .locations import REPOSITORY
from .node_costs import node_costs
from .random_weights import random_tensors
from .reference import DenseRelations, predict
from .weights_file import WeightsFile

GOLDEN_DIRECTORY = REPOSITORY / "Tests" / "Golden"
GRAPH_SEED = 2507
RANDOM_WEIGHTS_SEED = 880
RANDOM_PLATFORM_COUNT = 3
PAPER_WIDTH = 512
SIGNIFICANT_DIGITS = 9


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--library", type=Path, help="libnnformer.so (default: where the Python module finds it)")
    parser.add_argument("--weights", type=Path, default=SHIPPED_WEIGHTS, help="the weights that the library embeds")
    parser.add_argument("--output", type=Path, default=GOLDEN_DIRECTORY, help="folder to write")


def run(arguments: argparse.Namespace) -> None:
    library = CtypesLibrary(arguments.library)
    graphs = list(golden_graphs(GRAPH_SEED))
    directory: Path = arguments.output / "graphs"
    directory.mkdir(parents=True, exist_ok=True)
    entries, read = [], []
    for graph in graphs:
        model = graph.model.SerializeToString(deterministic=True)
        (directory / f"{graph.name}.onnx").write_bytes(model)
        data = library.graph_data(model, graph.batch)
        read.append(data)
        entries.append(_graph_entry(graph, data))
    weights = WeightsFile.read(arguments.weights)
    if weights.document["feature_schema"] != library.feature_schema:
        raise ValueError(
            f"{arguments.weights} is of another feature schema than the library's {library.feature_schema}"
        )
    models = [_shipped_model(arguments.weights, weights), *_random_models(library)]
    _write_lines(
        arguments.output / "graphs.json",
        {"feature_schema": library.feature_schema, "graphs": entries},
    )
    for model in models:
        estimates = [
            {"name": graph.name, "milliseconds": _rounded(_estimate(model.tensors, data, library))}
            for graph, data in tqdm(list(zip(graphs, read, strict=True)), desc=model.name, unit="graph", disable=None)
        ]
        _write_lines(arguments.output / f"{model.name}.json", {**model.description, "estimates": estimates})


@dataclass(frozen=True)
class _GoldenModel:
    name: str
    description: dict[str, Any]
    tensors: dict[str, Tensor]


def _shipped_model(path: Path, weights: WeightsFile) -> _GoldenModel:
    description = {
        "weights_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "platforms": [platform["id"] for platform in weights.document["platforms"]],
    }
    return _GoldenModel("shipped", description, weights.tensors)


def _random_models(library: CtypesLibrary) -> list[_GoldenModel]:
    models = []
    for head in ("additive", "pooled"):
        configuration = ModelConfiguration(
            feature_count=len(library.feature_names),
            graph_feature_count=len(library.graph_feature_names),
            platform_count=RANDOM_PLATFORM_COUNT,
            width=PAPER_WIDTH,
            head=head,
            head_width=PAPER_WIDTH,
        )
        arrays = random_tensors(configuration, RANDOM_WEIGHTS_SEED)
        tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
        description = {"seed": RANDOM_WEIGHTS_SEED, "configuration": asdict(configuration)}
        models.append(_GoldenModel(f"random_{head}", description, tensors))
    return models


def _graph_entry(graph: GoldenGraph, data: GraphData) -> dict[str, Any]:
    return {
        "name": graph.name,
        "batch": graph.batch,
        "nodes": len(data.features),
        "relation_sizes": [len(indices) for _, indices in data.relations],
        "hash": data.graph_hash,
    }


def dense_relations(relations: Iterable[tuple[npt.NDArray[np.integer], npt.NDArray[np.integer]]]) -> DenseRelations:
    """The library's lists, (offsets, indices) by relation in the order of Model.md, as masks."""
    lists = [
        [indices[start:stop].tolist() for start, stop in itertools.pairwise(offsets)] for offsets, indices in relations
    ]
    return DenseRelations.from_lists(len(lists[0]), lists)


def _estimate(tensors: dict[str, Tensor], data: GraphData, library: GraphLibrary) -> Tensor:
    with torch.no_grad():
        return predict(
            tensors,
            torch.from_numpy(data.features).double(),
            torch.from_numpy(node_costs(data.features, library.feature_names)),
            torch.from_numpy(data.graph_features).double(),
            dense_relations(data.relations),
        )


def _rounded(values: Tensor) -> list[float]:
    return [float(f"{value:.{SIGNIFICANT_DIGITS}g}") for value in values.tolist()]


def _write_lines(path: Path, document: dict[str, Any]) -> None:
    """JSON with one line an entry of the last list, so that differences between versions can be read."""
    *head, (last_key, entries) = document.items()
    lines = [f"{json.dumps(key)}: {json.dumps(value)}," for key, value in head]
    body = ",\n".join(json.dumps(entry) for entry in entries)
    path.write_text("{" + "\n".join([*lines, f"{json.dumps(last_key)}: [\n{body}\n]"]) + "}\n")
