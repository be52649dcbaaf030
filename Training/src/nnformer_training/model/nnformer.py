"""NN-Former over lists (Documentation/Model.md), for batches packed by `packing`.

Parameters carry the names of the weights file; `exported_tensors` folds the input normaliser into them, so that
what is written takes the library's raw features.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from .configuration import NORM_EPSILON, ModelConfiguration
from .packing import PackedBatch, PackedStage
from .reference import exp_milliseconds, ideal_milliseconds
from .sparse import attention, multiply

_INITIAL_LOG_RATES = (math.log(12.0), math.log(0.05), math.log(0.002))
"""Logarithms of milliseconds for a GFLOP, for a megabyte and for a node: about those of one core of a CPU. Training
starts there, scaled to each platform's mean."""


_INITIAL_BASE_SHARE = 0.02
"""Of the mean latency, what training starts with as the part that no node pays for. Being learned as a logarithm it
shrinks slowly, and what is too much of it is most of what a small network takes."""

_LayerChange = Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


class Attention(nn.Module):
    """ASMA: adjacency-sibling multi-head attention."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)

    def forward(self, x: Tensor, scale: Tensor, stage: PackedStage) -> Tensor:
        """x: [inputs, d] normalised; scale: [d]. Returns scale ⊙ attention, [rows, d]."""
        attended = attention(self.qkv(x), stage.own, stage.lists)
        return functional.linear(attended, scale[:, None] * self.project.weight, scale * self.project.bias)


class FeedForward(nn.Module):
    """BGIFFN: bidirectional graph-isomorphism feed-forward network."""

    def __init__(self, width: int, ratio: int) -> None:
        super().__init__()
        self.expand = nn.Linear(width, ratio * width)
        self.aggregate = nn.Linear(width, ratio * width, bias=False)
        self.contract = nn.Linear(ratio * width, width)

    def forward(self, x: Tensor, scale: Tensor, stage: PackedStage) -> Tensor:
        """x: [inputs, d] normalised; scale: [d]. Returns scale ⊙ feed-forward, [rows, d].

        Each input's projection is viewed as four slices of half the expanded width: expanded left and right,
        aggregate left and right. A row's left half is one sum over its own first slice and its successors' third,
        its right half over its own second and its predecessors' fourth: `stage.lists` names them.
        """
        weight = torch.cat([self.expand.weight, self.aggregate.weight])
        bias = torch.cat([self.expand.bias, self.expand.bias.new_zeros(self.expand.out_features)])
        slices = functional.linear(x, weight, bias).view(-1, self.expand.out_features // 2)
        hidden = torch.relu(multiply(stage.lists, slices)).view(stage.own.row_count, -1)
        return functional.linear(hidden, scale[:, None] * self.contract.weight, scale * self.contract.bias)


class Layer(nn.Module):
    """Pre-norm residual layer; its two stages may merge inputs, so each maps [inputs, d] to [rows, d]."""

    def __init__(self, width: int, ratio: int, initial_scale: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width, eps=NORM_EPSILON)
        self.attention = Attention(width)
        self.attention_scale = nn.Parameter(torch.full((width,), initial_scale))
        self.feedforward_norm = nn.LayerNorm(width, eps=NORM_EPSILON)
        self.feedforward = FeedForward(width, ratio)
        self.feedforward_scale = nn.Parameter(torch.full((width,), initial_scale))

    def forward(self, x: Tensor, attending: PackedStage, feeding: PackedStage) -> Tensor:
        x = multiply(attending.own, x) + self.attention(self.attention_norm(x), self.attention_scale, attending)
        return multiply(feeding.own, x) + self.feedforward(self.feedforward_norm(x), self.feedforward_scale, feeding)


class AdditiveHead(nn.Module):
    """Sum over nodes of cost × inefficiency, both positive, plus a constant per platform."""

    def __init__(self, width: int, hidden_width: int, platform_count: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(width, hidden_width)
        self.platform = nn.Linear(hidden_width, platform_count)
        nn.init.zeros_(self.platform.bias)
        self.rates = nn.Parameter(torch.tensor(_INITIAL_LOG_RATES)[:, None].repeat(1, platform_count))
        self.base = nn.Parameter(torch.zeros(platform_count))

    def contributions(self, x: Tensor, batch: PackedBatch) -> Tensor:
        """x: [rows, d]. Returns milliseconds, [rows, P]."""
        logarithms = self.platform(torch.relu(self.hidden(x)))
        return exp_milliseconds(logarithms) * ideal_milliseconds(self.rates, batch.costs)

    def total(self, contributions: Tensor, batch: PackedBatch) -> Tensor:
        """contributions: [rows, P]. Returns milliseconds, [graphs, P]."""
        return multiply(batch.pooling, contributions) + self.base_milliseconds()

    def base_milliseconds(self) -> Tensor:
        """What every graph takes besides its nodes, [P]."""
        return exp_milliseconds(self.base)

    def start_at(self, log_milliseconds: Tensor, mean_costs: Tensor) -> None:
        """mean_costs: [3], GFLOPs, megabytes and nodes of an average graph."""
        with torch.no_grad():
            self.base.copy_(log_milliseconds + math.log(_INITIAL_BASE_SHARE))
            self.rates += (
                log_milliseconds + math.log1p(-_INITIAL_BASE_SHARE) - torch.log(mean_costs @ torch.exp(self.rates))
            )


class PooledHead(nn.Module):
    """The paper's head: reduce each node, sum, join graph features, one logarithm of milliseconds a platform."""

    def __init__(self, width: int, hidden_width: int, graph_feature_count: int, platform_count: int) -> None:
        super().__init__()
        self.reduce = nn.Linear(width, hidden_width)
        self.hidden = nn.Linear(hidden_width + graph_feature_count, hidden_width)
        self.platform = nn.Linear(hidden_width, platform_count)

    def forward(self, x: Tensor, batch: PackedBatch, graph_features: Tensor) -> Tensor:
        """x: [rows, d]; graph_features: [graphs, G]. Returns milliseconds, [graphs, P]."""
        reduced = multiply(batch.pooling, torch.relu(self.reduce(x)))
        hidden = torch.relu(self.hidden(torch.cat([reduced, graph_features], dim=1)))
        return exp_milliseconds(self.platform(hidden))


@dataclass(frozen=True)
class Normaliser:
    """Per-column mean and reciprocal standard deviation; a constant column gets reciprocal 0, hence gives 0."""

    mean: Tensor
    reciprocal: Tensor

    @classmethod
    def fit(cls, rows: Tensor) -> Normaliser:
        """From rows [m, columns], each weighted alike."""
        rows = rows.double()
        mean = rows.mean(dim=0)
        deviation = rows.std(dim=0, correction=0)
        is_constant = deviation <= 1e-6 * (1.0 + mean.abs())
        reciprocal = torch.where(is_constant, 0.0, 1.0 / deviation.clamp_min(1e-30))
        return cls(mean.float(), reciprocal.float())

    @classmethod
    def identity(cls, column_count: int) -> Normaliser:
        return cls(torch.zeros(column_count), torch.ones(column_count))


def _unfold(weight: Tensor, bias: Tensor, mean: Tensor, reciprocal: Tensor) -> tuple[Tensor, Tensor]:
    """The layer that takes (x − mean) · reciprocal where (weight, bias) takes raw x: the inverse of `_fold`. What a
    column that is constant here added stands in the bias."""
    raw = weight.double()
    unfolded = torch.where(reciprocal > 0, raw / reciprocal.double().clamp_min(1e-30), 0.0)
    return unfolded.float(), (bias.double() + raw @ mean.double()).float()


def _fold(weight: Tensor, bias: Tensor, mean: Tensor, reciprocal: Tensor) -> tuple[Tensor, Tensor]:
    """The layer that takes raw x where (weight, bias) takes (x − mean) · reciprocal; summed in float64."""
    folded = weight.double() * reciprocal.double()
    return folded.float(), (bias.double() - folded @ mean.double()).float()


class NNFormer(nn.Module):
    """The whole model: packed batch to milliseconds."""

    def __init__(
        self,
        configuration: ModelConfiguration,
        node_normaliser: Normaliser | None = None,
        graph_normaliser: Normaliser | None = None,
        initial_layer_scale: float = 0.1,
    ) -> None:
        super().__init__()
        c = configuration
        self.configuration = c
        self.embed = nn.Linear(c.feature_count, c.width)
        self.layers = nn.ModuleList(Layer(c.width, c.feedforward_ratio, initial_layer_scale) for _ in range(c.layers))
        self.final_norm = nn.LayerNorm(c.width, eps=NORM_EPSILON)
        self.head: AdditiveHead | PooledHead
        if c.head == "additive":
            self.head = AdditiveHead(c.width, c.head_width, c.platform_count)
        else:
            self.head = PooledHead(c.width, c.head_width, c.graph_feature_count, c.platform_count)
        node_normaliser = node_normaliser or Normaliser.identity(c.feature_count)
        graph_normaliser = graph_normaliser or Normaliser.identity(c.graph_feature_count)
        self.register_buffer("node_mean", node_normaliser.mean)
        self.register_buffer("node_reciprocal", node_normaliser.reciprocal)
        self.register_buffer("graph_mean", graph_normaliser.mean)
        self.register_buffer("graph_reciprocal", graph_normaliser.reciprocal)

    def start_at(self, log_milliseconds: Tensor, mean_costs: Tensor) -> None:
        """Makes an untrained model estimate about exp(log_milliseconds) [P] on an average graph, whose GFLOPs,
        megabytes and nodes are mean_costs [3]."""
        if isinstance(self.head, AdditiveHead):
            self.head.start_at(log_milliseconds, mean_costs)
        else:
            with torch.no_grad():
                self.head.platform.bias.copy_(log_milliseconds)

    def forward(self, batch: PackedBatch) -> Tensor:
        """Milliseconds, [graphs, P]."""
        return self.with_contributions(batch)[0]

    def with_contributions(self, batch: PackedBatch) -> tuple[Tensor, Tensor | None]:
        """Milliseconds, [graphs, P], and with the additive head what each row adds to them, [rows, P]."""
        return self.head_of(self.embeddings(batch), batch)

    def embeddings(self, batch: PackedBatch) -> Tensor:
        """What the head is given, [rows, d]. Stage 2·L feeds layer L's attention, stage 2·L + 1 its feed-forward."""
        x = self.embed((batch.features - self.node_mean) * self.node_reciprocal)
        for index, layer in enumerate(self.layers):
            x = layer(x, batch.stages[2 * index], batch.stages[2 * index + 1])
        return self.final_norm(x)

    def head_of(self, x: Tensor, batch: PackedBatch) -> tuple[Tensor, Tensor | None]:
        """x: [rows, d], of `embeddings`. Returns as `with_contributions` does."""
        if isinstance(self.head, AdditiveHead):
            contributions = self.head.contributions(x, batch)
            return self.head.total(contributions, batch), contributions
        return self.head(x, batch, (batch.graph_features - self.graph_mean) * self.graph_reciprocal), None

    def exported_tensors(self) -> dict[str, Tensor]:
        """The tensors of Model.md, float32, normalisers folded into the layers that read raw features."""
        parameters = dict(self.named_parameters())
        tensors = {name: parameters[name].detach().clone() for name in self.configuration.tensor_shapes()}
        return self._with_normalised_layers(tensors, _fold)

    def load_exported(self, tensors: Mapping[str, Tensor]) -> None:
        """Takes over `exported_tensors` of another model of the same configuration, whose normalisers may differ."""
        own = {name: tensors[name] for name in self.configuration.tensor_shapes()}
        self.load_state_dict({**self.state_dict(), **self._with_normalised_layers(own, _unfold)})

    def _with_normalised_layers(self, tensors: dict[str, Tensor], change: _LayerChange) -> dict[str, Tensor]:
        """The tensors, but the layers that read features changed for the columns' means and reciprocals."""
        layers = {"embed": (self.node_mean, self.node_reciprocal)}
        if self.configuration.head == "pooled":
            unscaled = self.configuration.head_width
            layers["head.hidden"] = (
                torch.cat([self.graph_mean.new_zeros(unscaled), self.graph_mean]),
                torch.cat([self.graph_reciprocal.new_ones(unscaled), self.graph_reciprocal]),
            )
        changed = dict(tensors)
        for name, (mean, reciprocal) in layers.items():
            names = f"{name}.weight", f"{name}.bias"
            changed.update(zip(names, change(*(tensors[tensor] for tensor in names), mean, reciprocal)))
        return changed
