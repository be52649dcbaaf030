"""Compares the library's parameters and multiply-accumulates with fvcore's on torchvision models.

Writes `Documentation/Counts.md`. fvcore counts a multiply-accumulate as one "flop" and also counts normalisation and
pooling; only its convolutions and matrix products are compared, which is what the library calls MACs. It does not see
inside fused attention, so the transformer here (Swin) is one that spells its attention out.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from nnformer_training.locations import DOCUMENTATION

MODELS = (
    "alexnet", "vgg16", "resnet18", "resnet50", "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small",
    "efficientnet_b0", "densenet121", "shufflenet_v2_x1_0", "regnet_y_400mf", "swin_t", "convnext_tiny",
)  # fmt: skip
PRODUCTS = ("conv", "linear", "addmm", "matmul", "bmm", "einsum")
"""fvcore's names of the operators that are convolutions or matrix products."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, default=DOCUMENTATION / "Counts.md", help="page to write")
    parser.add_argument("--opset", type=int, default=17)


def run(arguments: argparse.Namespace) -> None:
    rows = [_compare(name, arguments.opset) for name in MODELS]
    arguments.output.write_text(_document(rows))


def _compare(name: str, opset: int) -> tuple[str, int, int, int, int]:
    """Name, then parameters by PyTorch and by the library, then MACs by fvcore and by the library."""
    import nnformer
    import torch
    import torchvision
    from fvcore.nn import FlopCountAnalysis

    model = torchvision.models.get_model(name, weights=None).eval()
    # The exporter stores equal tensors once, and fresh biases are all zero.
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_()
    image = torch.zeros(1, 3, 224, 224)
    counted = FlopCountAnalysis(model, image).unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    macs = int(sum(count for operator, count in counted.by_operator().items() if operator in PRODUCTS))
    parameters = sum(parameter.numel() for parameter in model.parameters())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.onnx"
        torch.onnx.export(model, image, path, opset_version=opset, dynamo=False)
        with nnformer.Graph.open(str(path)) as graph:
            summary = graph.summary()
    return name, parameters, summary.parameters, macs, summary.macs


def _document(rows: list[tuple[str, int, int, int, int]]) -> str:
    lines = [
        "# Parameters and multiply-accumulates beside an independent counter",
        "",
        "Written by `python -m nnformer_training count-check`: torchvision models at 1×3×224×224, exported to ONNX.",
        "Parameters beside PyTorch's own count (batch normalisation is folded, so slightly fewer are left); MACs "
        "beside fvcore's convolutions and matrix products. Swin has more parameters in ONNX than in PyTorch: the "
        "exporter stores every block's position bias expanded from its table.",
        "",
        "| model | parameters, PyTorch | parameters, nnformer | difference "
        "| MACs, fvcore | MACs, nnformer | difference |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, parameters, own_parameters, macs, own_macs in rows:
        lines.append(
            f"| {name} | {parameters:,} | {own_parameters:,} | {_difference(own_parameters, parameters)} "
            f"| {macs:,} | {own_macs:,} | {_difference(own_macs, macs)} |"
        )
    return "\n".join(lines) + "\n"


def _difference(own: int, reference: int) -> str:
    return f"{100 * (own - reference) / reference:+.2f} %"
