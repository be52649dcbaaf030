"""The shape of a model: everything needed to allocate its tensors (Documentation/Model.md)."""

from __future__ import annotations

from dataclasses import dataclass

HEAD_COUNT = 4
"""Attention heads, one per relation: successors, predecessors, co-children, co-parents."""

NORM_EPSILON = 1e-5
"""ε of every layer normalisation."""

LOG_MILLISECONDS_MINIMUM = -30.0
LOG_MILLISECONDS_MAXIMUM = 15.0
"""Logarithms of milliseconds are clamped to this range before they are exponentiated."""

HEAD_KINDS = ("additive", "pooled")


@dataclass(frozen=True)
class ModelConfiguration:
    """Sizes of one model. `feature_count` is f, `graph_feature_count` G, `platform_count` P in Model.md."""

    feature_count: int
    graph_feature_count: int
    platform_count: int
    layers: int = 2
    width: int = 96
    feedforward_ratio: int = 4
    head: str = "additive"
    head_width: int = 128

    def __post_init__(self) -> None:
        if self.head not in HEAD_KINDS:
            raise ValueError(f"head is {self.head!r}; choose one of {HEAD_KINDS}")
        if self.width % HEAD_COUNT:
            raise ValueError(f"width {self.width} is not a multiple of {HEAD_COUNT} attention heads")
        if (self.width * self.feedforward_ratio) % 2:
            raise ValueError("width × feedforward_ratio must be even: it is split between both directions")
        for name in ("feature_count", "platform_count", "layers", "width", "feedforward_ratio", "head_width"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be at least 1")

    def tensor_shapes(self) -> dict[str, tuple[int, ...]]:
        """Every tensor of the weights file by name, in a fixed order."""
        d, expanded = self.width, self.width * self.feedforward_ratio
        shapes: dict[str, tuple[int, ...]] = {
            "embed.weight": (d, self.feature_count),
            "embed.bias": (d,),
        }
        for layer in range(self.layers):
            prefix = f"layers.{layer}."
            shapes |= {
                f"{prefix}attention_norm.weight": (d,),
                f"{prefix}attention_norm.bias": (d,),
                f"{prefix}attention.qkv.weight": (3 * d, d),
                f"{prefix}attention.qkv.bias": (3 * d,),
                f"{prefix}attention.project.weight": (d, d),
                f"{prefix}attention.project.bias": (d,),
                f"{prefix}attention_scale": (d,),
                f"{prefix}feedforward_norm.weight": (d,),
                f"{prefix}feedforward_norm.bias": (d,),
                f"{prefix}feedforward.expand.weight": (expanded, d),
                f"{prefix}feedforward.expand.bias": (expanded,),
                f"{prefix}feedforward.aggregate.weight": (expanded, d),
                f"{prefix}feedforward.contract.weight": (d, expanded),
                f"{prefix}feedforward.contract.bias": (d,),
                f"{prefix}feedforward_scale": (d,),
            }
        shapes |= {"final_norm.weight": (d,), "final_norm.bias": (d,)}
        hidden_inputs = d
        if self.head == "pooled":
            shapes |= {
                "head.reduce.weight": (self.head_width, d),
                "head.reduce.bias": (self.head_width,),
            }
            hidden_inputs = self.head_width + self.graph_feature_count
        shapes |= {
            "head.hidden.weight": (self.head_width, hidden_inputs),
            "head.hidden.bias": (self.head_width,),
            "head.platform.weight": (self.platform_count, self.head_width),
            "head.platform.bias": (self.platform_count,),
        }
        if self.head == "additive":
            shapes |= {"head.rates": (3, self.platform_count), "head.base": (self.platform_count,)}
        return shapes
