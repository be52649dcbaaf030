"""`example-models`: the networks bundled in `Examples/Models`, one of each search space with public latencies."""

from __future__ import annotations

import argparse
from pathlib import Path

from .locations import EXAMPLES
from .search_spaces import fbnet, mnasnet, nasbench201, once_for_all

NASBENCH201_CELL = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, default=EXAMPLES / "Models", help="folder to write")


def run(arguments: argparse.Namespace) -> None:
    stage = mnasnet.Stage(expansion=4, kernel=3, layers=2, has_squeeze_excite=True)
    networks = {
        "nasbench201": nasbench201.write_network(NASBENCH201_CELL, nasbench201.Form.PRUNED),
        "fbnet": fbnet.write_network([3] * fbnet.POSITIONS),
        "once_for_all": once_for_all.write_network(
            once_for_all.Architecture(kernels=(5,) * 20, expansions=(4,) * 20, depths=(3,) * 5, resolution=192)
        ),
        "mnasnet": mnasnet.write_network([stage] * len(mnasnet.STAGE_CHANNELS)),
    }
    for name, model in networks.items():
        (arguments.output / f"{name}.onnx").write_bytes(model.SerializeToString())
