"""Exports the small networks that the tests of the graph importer read.

Real exports by PyTorch, each of a pattern that exporters spell out in their own way, with the payloads of weights left out:
an initializer above 1 KiB becomes a reference to external data that nobody opens. Run from anywhere:

    python Tests/Fixtures/make_pattern_fixtures.py
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

FOLDER = Path(__file__).parent / "patterns"
PAYLOAD_LIMIT_IN_BYTES = 1024


class ConvolutionBlock(nn.Module):
    """Convolution, batch normalisation, activation; exported for training, so that the normalisation stays."""

    def __init__(self, activation: nn.Module) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False)
        self.normalization = nn.BatchNorm2d(16)
        self.activation = activation
        self.dropout = nn.Dropout(0.1)

    def forward(self, image: Tensor) -> Tensor:
        return self.dropout(self.activation(self.normalization(self.convolution(image))))


class PoolThenNormalize(nn.Module):
    """A batch normalisation that no convolution precedes, and one whose convolution has a second reader."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 8, 3, padding=1)
        self.first = nn.BatchNorm2d(8)
        self.second = nn.BatchNorm2d(8)
        self.pool = nn.AvgPool2d(2)

    def forward(self, image: Tensor) -> Tensor:
        features = self.convolution(image)
        return self.pool(features + self.first(features)) + self.second(self.pool(features))


class HardSwishByFormula(nn.Module):
    """The activation as MobileNetV3 was first written."""

    def forward(self, image: Tensor) -> Tensor:
        return image * nn.functional.relu6(image + 3) / 6


class GatedHardSwish(nn.Module):
    """x · (relu6(x + 3) / 6)"""

    def forward(self, image: Tensor) -> Tensor:
        return image * (nn.functional.relu6(image + 3) / 6)


class TransformerBlock(nn.Module):
    """Pre-norm block with a Gelu; the layer normalisation is one operator from operator set 17 on."""

    def __init__(self, width: int = 32, heads: int = 4) -> None:
        super().__init__()
        self.width, self.heads = width, heads
        self.first_norm = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.second_norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, 4 * width)
        self.contract = nn.Linear(4 * width, width)
        # The exporter writes equal weights once; trained ones differ.
        for norm in (self.first_norm, self.second_norm):
            nn.init.normal_(norm.weight)
            nn.init.normal_(norm.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        batch, length, width = tokens.shape
        parts = self.queries_keys_values(self.first_norm(tokens))
        parts = parts.reshape(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        scores = query @ key.transpose(-2, -1) * (width // self.heads) ** -0.5
        mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(batch, length, width)
        tokens = tokens + self.project(mixed)
        hidden = nn.functional.gelu(self.expand(self.second_norm(tokens)))
        return tokens + self.contract(hidden)


class FixedBatch(nn.Module):
    """A reshape whose target holds the batch size as a constant."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 4, 3, padding=1)
        self.classifier = nn.Linear(4 * 8 * 8, 10)

    def forward(self, image: Tensor) -> Tensor:
        return self.classifier(self.convolution(image).reshape(image.shape[0], -1))


def export(
    name: str,
    module: nn.Module,
    example: Tensor,
    opset: int,
    dynamic_axes: dict[str, dict[int, str]] | None = None,
    training: torch.onnx.TrainingMode = torch.onnx.TrainingMode.EVAL,
    folds_constants: bool = True,
) -> None:
    """Writes `patterns/NAME.onnx`."""
    buffer = io.BytesIO()
    module.train(training == torch.onnx.TrainingMode.TRAINING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module, (example,), buffer, opset_version=opset, input_names=["input"],
            output_names=["output"], dynamic_axes=dynamic_axes, training=training,
            do_constant_folding=folds_constants, dynamo=False,
        )  # fmt: skip
    model = onnx.load_from_string(buffer.getvalue())
    for tensor in model.graph.initializer:
        if len(tensor.raw_data) > PAYLOAD_LIMIT_IN_BYTES:
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value="weights.bin")
    for node in model.graph.node:
        node.ClearField("doc_string")
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.onnx"
    path.write_bytes(model.SerializeToString(deterministic=True))
    print(f"{path.name}: {path.stat().st_size} bytes, {len(model.graph.node)} nodes")


def main() -> None:
    torch.manual_seed(0)
    image, tokens = torch.zeros(1, 3, 32, 32), torch.zeros(1, 10, 32)
    preserve = torch.onnx.TrainingMode.PRESERVE
    for activation in (nn.ReLU(), nn.Hardswish(), nn.SiLU()):
        label = type(activation).__name__.lower()
        block = ConvolutionBlock(activation).eval()
        export(f"block_{label}_13", block, image, 13)
        # Without the exporter's own folding the batch normalisation stays in the file.
        export(f"block_{label}_13_unfolded", block, image, 13, None, preserve, False)
    export("block_hardswish_14", ConvolutionBlock(nn.Hardswish()), image, 14)
    export("pool_then_normalize_13", PoolThenNormalize().eval(), image, 13, None, preserve, False)
    export("hardswish_formula_13", HardSwishByFormula(), image, 13)
    export("hardswish_gated_13", GatedHardSwish(), image, 13)
    block = TransformerBlock().eval()
    for opset in (13, 17, 18):
        export(f"transformer_{opset}", block, tokens, opset)
    axes = {"input": {0: "batch", 1: "length"}, "output": {0: "batch", 1: "length"}}
    export("transformer_13_dynamic", block, tokens, 13, axes)
    export("fixed_batch_13", FixedBatch().eval(), torch.zeros(1, 3, 8, 8), 13)


if __name__ == "__main__":
    main()
