"""``sample-zoo``: draw the networks that are to be measured.

Network number i of a family is drawn by a generator seeded with the family's name and i, so that a longer list begins
with a shorter one. Networks outside the wanted cost, and repeats of a recipe, are drawn again.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from nnformer_training.features.graph_library import TOTALS, CtypesLibrary, GraphLibrary
from nnformer_training.labels.label_sets import MEASURED_DIRECTORY
from nnformer_training.measure.networks import ZooNetwork
from nnformer_training.zoo import FAMILIES, NNLQ_FAMILIES
from nnformer_training.zoo.family import Family

ZOO_FILE = "zoo.csv"

#: Multiply-accumulates of one run at the network's own batch size; a core manages about 50 million a millisecond.
LEAST_MEASURED_MACS, MOST_MEASURED_MACS = 5e6, 4.5e9
MOST_PARAMETERS = 64e6
_MOST_DRAWS = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--nnlq-networks", type=int, default=130, help="networks of each of NNLQ's ten families")
    parser.add_argument("--other-networks", type=int, default=40, help="networks of each other family")
    parser.add_argument("--mixtures", type=int, default=300, help="networks that mix the blocks of several families")
    parser.add_argument("--output", type=Path, default=MEASURED_DIRECTORY / ZOO_FILE)
    parser.add_argument("--library", type=Path, help="libnnformer.so, which counts multiply-accumulates")


def run(arguments: argparse.Namespace) -> None:
    library = CtypesLibrary(arguments.library)
    counts = dict.fromkeys(FAMILIES, arguments.other_networks)
    counts |= dict.fromkeys(NNLQ_FAMILIES, arguments.nnlq_networks) | {"mixture": arguments.mixtures}
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    with arguments.output.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["network", "family", "seed", "batch", "recipe"])
        for name, count in tqdm(counts.items(), unit="family"):
            for network in sample_networks(FAMILIES[name], count, library):
                writer.writerow([network.name, network.family, network.seed, network.batch, network.recipe])


def sample_networks(family: Family[Any], count: int, library: GraphLibrary) -> Iterator[ZooNetwork]:
    """The first ``count`` networks of a family. ``RuntimeError`` where the family has no more to give."""
    seen: set[tuple[int, str]] = set()
    for seed in range(count):
        generator = random.Random(f"{family.name} {seed}")
        for _ in range(_MOST_DRAWS):
            recipe = family.sample(generator)
            network = ZooNetwork(
                f"{family.name}_{seed:04}", family.name, seed, generator.choice(family.batches), family.to_json(recipe)
            )
            key = (network.batch, network.recipe)
            if key not in seen and _is_wanted(network, library):
                seen.add(key)
                yield network
                break
        else:
            raise RuntimeError(f"{family.name}: no new network of the wanted cost in {_MOST_DRAWS} draws")


def _is_wanted(network: ZooNetwork, library: GraphLibrary) -> bool:
    data = library.graph_data(network.write().SerializeToString(), network.batch)
    totals = dict(zip(TOTALS, data.totals, strict=True))
    return LEAST_MEASURED_MACS <= totals["macs"] <= MOST_MEASURED_MACS and totals["parameters"] <= MOST_PARAMETERS
