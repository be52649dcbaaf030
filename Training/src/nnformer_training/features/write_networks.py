"""``write-networks``: the networks of a label set as ONNX files, for looking at them and for other tools."""

from __future__ import annotations

import argparse
from pathlib import Path

from tqdm import tqdm

from nnformer_training.labels.label_sets import LABEL_SETS
from nnformer_training.locations import LABELS
from nnformer_training.search_spaces.nasbench201 import DisconnectedCell, Form


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("label_set", choices=LABEL_SETS)
    parser.add_argument("output", type=Path, help="folder to write <row>.onnx files to")
    parser.add_argument("--labels", type=Path, default=LABELS, help="folder of the label sets")
    parser.add_argument(
        "--form", type=Form, choices=tuple(Form), default=Form.EXECUTED, help="graph of NAS-Bench-201 cells"
    )
    parser.add_argument("--rows", type=int, help="only the first so many")


def run(arguments: argparse.Namespace) -> None:
    label_set = LABEL_SETS[arguments.label_set]
    table = label_set.read(arguments.labels)
    arguments.output.mkdir(parents=True, exist_ok=True)
    disconnected = 0
    for row, architecture in enumerate(tqdm(table.architectures[: arguments.rows], unit="network")):
        try:
            model = label_set.write(architecture, arguments.form)
        except DisconnectedCell:
            disconnected += 1
            continue
        (arguments.output / f"{row}.onnx").write_bytes(model.SerializeToString())
    if disconnected:
        print(f"{disconnected} disconnected cells have no {arguments.form} form and were left out")
