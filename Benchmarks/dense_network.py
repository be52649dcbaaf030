"""The network in dense form, as a PyTorch user would write it for speed: what the library is compared with.

Masks are made beforehand, one bias matrix of 0 and -infinity a head, so that only the network itself is timed.
"""

from __future__ import annotations

from pathlib import Path

import nnformer
import numpy as np
import onnxruntime
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

HEADS = 4
INPUTS = ("features", "costs", "graph_features", "masks", "adjacency")

#: FLOPs, then what adds up to the bytes read and written.
COST_FEATURES = ("log2_flops", "log2_activation_bytes_read", "log2_constant_bytes_read", "log2_bytes_written")


class DenseNetwork(nn.Module):
    """Documentation/Model.md over n × n matrices, float32."""

    def __init__(self, weights: Path) -> None:
        super().__init__()
        self.tensors = load_file(weights)
        self.layer_count = sum(name.endswith("attention_scale") for name in self.tensors)

    def linear(self, name: str, x: Tensor) -> Tensor:
        return functional.linear(x, self.tensors[f"{name}.weight"], self.tensors.get(f"{name}.bias"))

    def norm(self, name: str, x: Tensor) -> Tensor:
        weight, bias = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        return functional.layer_norm(x, (x.shape[-1],), weight, bias, 1e-5)

    def forward(
        self, features: Tensor, costs: Tensor, graph_features: Tensor, masks: Tensor, adjacency: Tensor
    ) -> Tensor:
        """features n × f; costs n × 3 (GFLOPs, megabytes, 1); masks 4 × n × n, added to scores; adjacency n × n.
        Milliseconds on every platform."""
        h = self.linear("embed", features)
        for layer in range(self.layer_count):
            name = f"layers.{layer}"
            h = h + self.tensors[f"{name}.attention_scale"] * self.attention(name, h, masks)
            h = h + self.tensors[f"{name}.feedforward_scale"] * self.feedforward(name, h, adjacency)
        h = self.norm("final_norm", h)
        if "head.base" in self.tensors:
            logarithms = self.linear("head.platform", torch.relu(self.linear("head.hidden", h)))
            ideal = costs @ self.milliseconds(self.tensors["head.rates"])
            return (self.milliseconds(logarithms) * ideal).sum(0) + self.milliseconds(self.tensors["head.base"])
        reduced = torch.relu(self.linear("head.reduce", h)).sum(0)
        hidden = torch.relu(self.linear("head.hidden", torch.cat([reduced, graph_features])))
        return self.milliseconds(self.linear("head.platform", hidden))

    def attention(self, name: str, h: Tensor, masks: Tensor) -> Tensor:
        qkv = self.linear(f"{name}.attention.qkv", self.norm(f"{name}.attention_norm", h))
        query, key, value = qkv.view(h.shape[0], 3, HEADS, -1).permute(1, 2, 0, 3).unbind(0)
        weights = torch.softmax(query @ key.transpose(1, 2) / query.shape[-1] ** 0.5 + masks, dim=-1)
        return self.linear(f"{name}.attention.project", (weights @ value).transpose(0, 1).reshape(h.shape))

    def feedforward(self, name: str, h: Tensor, adjacency: Tensor) -> Tensor:
        normalized = self.norm(f"{name}.feedforward_norm", h)
        left, right = self.linear(f"{name}.feedforward.aggregate", normalized).chunk(2, dim=-1)
        messages = torch.cat([adjacency @ left, adjacency.T @ right], dim=-1)
        hidden = torch.relu(self.linear(f"{name}.feedforward.expand", normalized) + messages)
        return self.linear(f"{name}.feedforward.contract", hidden)

    @staticmethod
    def milliseconds(logarithms: Tensor) -> Tensor:
        return torch.exp(logarithms.clamp(-30, 15))


def dense_inputs(graph: object) -> tuple[Tensor, ...]:
    """What `DenseNetwork` takes, of an nnformer.Graph."""
    features = torch.tensor(np.array(graph.features()), dtype=torch.float32)
    count = features.shape[0]
    names = nnformer.Library.default().feature_names
    flops, *traffic = (torch.exp2(features[:, names.index(name)].double()) - 1 for name in COST_FEATURES)
    costs = torch.stack([1e-9 * flops, 1e-6 * sum(traffic), torch.ones_like(flops)], dim=1).float()
    relations = []
    for name in ("successors", "predecessors", "co_children", "co_parents"):
        matrix = torch.zeros(count, count)
        offsets, indices = (np.array(part, dtype=np.int64) for part in graph.relation(name))
        matrix[np.repeat(np.arange(count), np.diff(offsets)), indices] = 1
        relations.append(matrix)
    seen = torch.stack(relations) + torch.eye(count)
    masks = torch.zeros_like(seen).masked_fill(seen == 0, -torch.inf)
    return features, costs, torch.tensor(np.array(graph.graph_features()), dtype=torch.float32), masks, relations[0]


def onnxruntime_session(network: DenseNetwork, inputs: tuple[Tensor, ...], path: Path) -> onnxruntime.InferenceSession:
    """The same network exported for exactly these inputs, on one thread."""
    torch.onnx.export(network, inputs, path, input_names=list(INPUTS), dynamo=False, opset_version=17)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
