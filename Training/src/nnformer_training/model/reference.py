"""NN-Former on one graph in dense form, written from the paper's formulas (Xu et al., CVPR 2025,
arXiv 2507.00880, equations 3 to 8) over n × n masks.

It is the oracle: the sparse PyTorch model, the exported file and the Swift library are all compared with it.
Memory and time grow with n²; it is meant for graphs of at most a few hundred nodes. It computes in the dtype of
the features it is given, so float64 features make an oracle for float32 implementations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from .configuration import (
    HEAD_COUNT,
    LOG_MILLISECONDS_MAXIMUM,
    LOG_MILLISECONDS_MINIMUM,
    NORM_EPSILON,
)


@dataclass(frozen=True)
class DenseRelations:
    """The four relations of a graph as n × n matrices of zeros and ones, without the identity."""

    successors: Tensor
    predecessors: Tensor
    co_children: Tensor
    co_parents: Tensor

    @classmethod
    def from_lists(cls, node_count: int, lists: Sequence[Sequence[Sequence[int]]]) -> DenseRelations:
        """From four relations, each a list of neighbours per node, in the order of Model.md."""
        matrices = []
        for relation in lists:
            matrix = torch.zeros(node_count, node_count, dtype=torch.float64)
            for row, neighbours in enumerate(relation):
                matrix[row, list(neighbours)] = 1.0
            matrices.append(matrix)
        return cls(*matrices)

    def in_head_order(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self.successors, self.predecessors, self.co_children, self.co_parents


def _linear(tensors: Mapping[str, Tensor], name: str, x: Tensor) -> Tensor:
    bias = tensors.get(f"{name}.bias")
    return functional.linear(x, tensors[f"{name}.weight"].to(x.dtype), None if bias is None else bias.to(x.dtype))


def _norm(tensors: Mapping[str, Tensor], name: str, x: Tensor) -> Tensor:
    weight, bias = tensors[f"{name}.weight"].to(x.dtype), tensors[f"{name}.bias"].to(x.dtype)
    return functional.layer_norm(x, (x.shape[-1],), weight, bias, NORM_EPSILON)


def _attention(tensors: Mapping[str, Tensor], prefix: str, x: Tensor, relations: DenseRelations) -> Tensor:
    """ASMA (equation 5): n × d to n × d, before layer scale and residual."""
    queries, keys, values = _linear(tensors, f"{prefix}.qkv", x).chunk(3, dim=-1)
    identity = torch.eye(x.shape[0], dtype=x.dtype)
    heads = []
    for relation, q, k, v in zip(
        relations.in_head_order(),
        queries.chunk(HEAD_COUNT, dim=-1),
        keys.chunk(HEAD_COUNT, dim=-1),
        values.chunk(HEAD_COUNT, dim=-1),
        strict=True,
    ):
        scores = q @ k.T / q.shape[-1] ** 0.5
        seen = (relation.to(x.dtype) + identity) > 0
        heads.append(torch.softmax(scores.masked_fill(~seen, -torch.inf), dim=-1) @ v)
    return _linear(tensors, f"{prefix}.project", torch.cat(heads, dim=-1))


def _feedforward(tensors: Mapping[str, Tensor], prefix: str, x: Tensor, relations: DenseRelations) -> Tensor:
    """BGIFFN (equation 7): n × d to n × d, before layer scale and residual."""
    left, right = _linear(tensors, f"{prefix}.aggregate", x).chunk(2, dim=-1)
    aggregated = torch.cat(
        [relations.successors.to(x.dtype) @ left, relations.predecessors.to(x.dtype) @ right], dim=-1
    )
    hidden = torch.relu(_linear(tensors, f"{prefix}.expand", x) + aggregated)
    return _linear(tensors, f"{prefix}.contract", hidden)


def encode(tensors: Mapping[str, Tensor], features: Tensor, relations: DenseRelations) -> Tensor:
    """Encoder: features n × f to node embeddings n × d."""
    h = _linear(tensors, "embed", features)
    layer = 0
    while f"layers.{layer}.attention_scale" in tensors:
        prefix = f"layers.{layer}"
        attended = _attention(tensors, f"{prefix}.attention", _norm(tensors, f"{prefix}.attention_norm", h), relations)
        h = h + tensors[f"{prefix}.attention_scale"].to(h.dtype) * attended
        fed = _feedforward(tensors, f"{prefix}.feedforward", _norm(tensors, f"{prefix}.feedforward_norm", h), relations)
        h = h + tensors[f"{prefix}.feedforward_scale"].to(h.dtype) * fed
        layer += 1
    return _norm(tensors, "final_norm", h)


def exp_milliseconds(log_milliseconds: Tensor) -> Tensor:
    """exp of a logarithm clamped to the range that Model.md states."""
    return torch.exp(log_milliseconds.clamp(LOG_MILLISECONDS_MINIMUM, LOG_MILLISECONDS_MAXIMUM))


def ideal_milliseconds(log_rates: Tensor, costs: Tensor) -> Tensor:
    """What nodes would take at fixed rates: log_rates 3 × P (for a GFLOP, a megabyte, a node); costs n × 2 (GFLOPs,
    megabytes). Returns n × P."""
    rates = exp_milliseconds(log_rates)
    return costs @ rates[:2] + rates[2]


def node_contributions(tensors: Mapping[str, Tensor], embeddings: Tensor, costs: Tensor) -> Tensor:
    """Additive head: embeddings n × d and costs n × 2 to milliseconds n × P per node and platform."""
    hidden = torch.relu(_linear(tensors, "head.hidden", embeddings))
    ideal = ideal_milliseconds(tensors["head.rates"].to(costs.dtype), costs)
    return exp_milliseconds(_linear(tensors, "head.platform", hidden)) * ideal


def predict(
    tensors: Mapping[str, Tensor],
    features: Tensor,
    costs: Tensor,
    graph_features: Tensor,
    relations: DenseRelations,
) -> Tensor:
    """Estimate in milliseconds on every platform, shape [P].

    tensors: named as in Model.md; a `head.base` makes the head additive, a `head.reduce` makes it pooled.
    features: n × f; costs: n × 2 (`node_costs`); graph_features: G.
    """
    embeddings = encode(tensors, features, relations)
    if "head.base" in tensors:
        base = exp_milliseconds(tensors["head.base"].to(embeddings.dtype))
        return node_contributions(tensors, embeddings, costs).sum(dim=0) + base
    reduced = torch.relu(_linear(tensors, "head.reduce", embeddings)).sum(dim=0)
    hidden = torch.relu(_linear(tensors, "head.hidden", torch.cat([reduced, graph_features])))
    return exp_milliseconds(_linear(tensors, "head.platform", hidden))
