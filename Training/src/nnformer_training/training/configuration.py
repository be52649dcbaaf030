"""The frozen configuration of one training run, read from TOML and saved beside its checkpoints."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ModelSection:
    """See `ModelConfiguration`."""

    layers: int = 2
    width: int = 96
    feedforward_ratio: int = 4
    head: str = "additive"
    head_width: int = 128
    initial_layer_scale: float = 0.1


@dataclass(frozen=True)
class DataSection:
    """Which part of a cache is trained on; nothing else is seen."""

    label_sets: tuple[str, ...] = ()
    """Names of label sets; empty for all that the cache holds."""
    left_out_columns: tuple[str, ...] = ()
    """Label columns, by name, whose devices are to stay unseen."""
    features: str = "all"
    """Which node features: "all", or "reference", what NNLQP and the paper describe a node by
    (`is_reference_feature`)."""
    uses_untested: bool = True
    """Whether to train on label sets that are not good enough to test on."""


def is_reference_feature(name: str) -> bool:
    """Whether a node feature is the operator, an attribute of a window or part of the output's shape."""
    return name.startswith(("operator:", "kernel_", "stride_", "dilation_", "log2_groups", "log2_output_axis_"))


@dataclass(frozen=True)
class OptimisationSection:
    """`Optimiser` under a linear warm-up and a cosine to zero, gradients clipped, weights averaged exponentially.

    Exactly one of `steps` and `time_budget_minutes` is positive. A time budget counts the minutes spent training,
    over all resumptions; the schedule follows it, so the rate reaches zero when the budget is spent.
    """

    batch_graphs: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    adam_betas: tuple[float, float] = (0.9, 0.99)
    muon_rate_factor: float = 0.0
    """Positive: Muon moves the matrices of the layers, at this multiple of the learning rate."""
    warm_up_fraction: float = 0.03
    gradient_norm: float = 1.0
    average_decay: float = 0.999
    steps: int = 0
    time_budget_minutes: float = 0.0


@dataclass(frozen=True)
class ObjectiveSection:
    """Huber loss on log(estimate / label), weighted by column.

    A label of a column of n training labels weighs n^−column_balance: 0 counts every label alike, 1 every column.
    """

    huber_delta: float = 0.05
    column_balance: float = 1.0
    kernel_weight: float = 0.0
    """Of the same loss over the kernels of a label, each weighing its share, beside the label's own (additive head)."""
    kernel_fraction: float = 0.0
    """Positive: that weight falls linearly from the start and is zero after this fraction of the run. Kernels are timed
    less exactly than networks, so what they teach first is refined by the sums alone. 0: the weight stays."""
    untested_weight: float = 1.0
    """Of a label that is not good enough to test on, beside one that is."""


@dataclass(frozen=True)
class RunSection:
    seed: int = 1
    device: str = "cpu"
    threads: int = 2
    every_batch_size: bool = False
    """False: an epoch visits each network at one batch size, drawn anew. True: at every batch size with labels."""
    checkpoint_minutes: float = 2.0
    validation_graphs: int = 1500
    """How many validation graphs, always the same, are measured after each epoch; all of them at the end."""


@dataclass(frozen=True)
class TrainingConfiguration:
    model: ModelSection = field(default_factory=ModelSection)
    data: DataSection = field(default_factory=DataSection)
    optimisation: OptimisationSection = field(default_factory=OptimisationSection)
    objective: ObjectiveSection = field(default_factory=ObjectiveSection)
    run: RunSection = field(default_factory=RunSection)

    def __post_init__(self) -> None:
        if self.data.features not in ("all", "reference"):
            raise ValueError(f"data.features is {self.data.features!r}; it must be all or reference")
        has_steps = self.optimisation.steps > 0
        has_budget = self.optimisation.time_budget_minutes > 0
        if has_steps == has_budget:
            raise ValueError("optimisation: give exactly one of steps and time_budget_minutes a positive value")

    @classmethod
    def read(cls, path: Path, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> TrainingConfiguration:
        """From a TOML file, with some values replaced. An unknown or mistyped key is a ValueError that names it."""
        document = tomllib.loads(path.read_text())
        for section, values in (overrides or {}).items():
            document.setdefault(section, {}).update(values)
        return cls.from_mapping(document)

    @classmethod
    def from_mapping(cls, document: Mapping[str, Any]) -> TrainingConfiguration:
        sections: dict[str, Any] = {}
        types = {f.name: f.default_factory for f in dataclasses.fields(cls)}
        for name, values in document.items():
            if name not in types or not isinstance(values, Mapping):
                raise ValueError(f"unknown section [{name}]; there are {sorted(types)}")
            sections[name] = _section(types[name], name, values)
        return cls(**sections)

    def with_steps(self, share: float) -> TrainingConfiguration:
        """The same with that share of the steps, of a run whose length is counted in steps."""
        optimisation = dataclasses.replace(self.optimisation, steps=round(share * self.optimisation.steps))
        return dataclasses.replace(self, optimisation=optimisation)

    def as_mapping(self) -> dict[str, Any]:
        """Plain values that `from_mapping` reads back, through JSON too."""
        return dataclasses.asdict(self)

    def beside_defaults(self) -> dict[str, Any]:
        """The values that differ from the defaults, by section: what tells two configurations apart, also once there
        are further keys."""
        defaults = {f.name: dataclasses.asdict(f.default_factory()) for f in dataclasses.fields(self)}
        return {
            section: {key: value for key, value in values.items() if value != defaults[section][key]}
            for section, values in self.as_mapping().items()
        }


def _section(section_type: Any, name: str, values: Mapping[str, Any]) -> Any:
    fields = {f.name: f.default for f in dataclasses.fields(section_type)}
    converted: dict[str, Any] = {}
    for key, value in values.items():
        if key not in fields:
            raise ValueError(f"unknown key {name}.{key}; there are {sorted(fields)}")
        converted[key] = _converted(f"{name}.{key}", value, fields[key])
    return section_type(**converted)


def _converted(key: str, value: Any, default: Any) -> Any:
    """The value in its default's type; integers count as floats, lists as tuples, nothing else is converted."""
    if isinstance(default, float) and type(value) is int:
        return float(value)
    if isinstance(default, tuple) and isinstance(value, list):
        value = tuple(value)
    if type(value) is not type(default):
        raise ValueError(f"{key} is {value!r}; it must be of type {type(default).__name__}, like {default!r}")
    return value
