"""Latency of a network on every platform that weights know."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from ctypes import c_double, c_size_t
from dataclasses import dataclass

from . import structures
from .calibrated_platform import CalibratedPlatform
from .constants import IN_DOMAIN_SCORE, PRECISION_DEFAULT, PRECISION_FAST, QUANTITIES
from .conversions import PathLike, decoded, encoded, encoded_path
from .explanation import Explanation, ExplanationHandle
from .graph import Graph
from .handle import Handle, pointers
from .library import Library


@dataclass(frozen=True)
class LabelSet:
    """Measurements that a platform was trained on, and how well networks held out from training are met."""

    file: str
    column: str
    family: str
    batch_size: int
    training_networks: int
    validation_networks: int
    mape_percent: float
    within_10_percent: float
    spearman: float


@dataclass(frozen=True)
class Platform:
    """Hardware, runtime and precision that latencies are predicted for."""

    id: str
    device: str
    runtime: str
    precision: str
    quantity: str
    """``"latency"``: milliseconds of one run. ``"time_per_image"``: milliseconds per image of a saturated device."""
    source: str
    licence: str
    label_sets: tuple[LabelSet, ...]


@dataclass(frozen=True)
class Estimate:
    """An estimate on one platform, and how far it can be trusted."""

    latency_ms: float
    lower_ms: float
    """Lower end of the 90 % interval; NaN where the weights have no intervals."""
    upper_ms: float
    in_domain_score: float
    """0 to 1, 1 for a graph like those that the platform was trained on; NaN where the weights do not know."""
    unseen_operators: tuple[str, ...]
    """Operators of the graph that the platform's training graphs lack."""

    @property
    def is_in_domain(self) -> bool:
        """Whether the graph is like those trained on, as far as the weights know: the score is at least
        ``IN_DOMAIN_SCORE``, and there is no unseen operator."""
        return not (self.in_domain_score < IN_DOMAIN_SCORE or self.unseen_operators)


class Predictor(Handle):
    """Weights and the platforms they know: those inside the library, or of a safetensors file. ``fast`` multiplies 8-bit
    integers where the processor has instructions for them, for wide weights of your own (``NNFORMER_PRECISION_FAST``)."""

    _destroy_function = "nnformer_predictor_destroy"

    def __init__(
        self, weights: PathLike | None = None, *, fast: bool = False, library: Library | None = None
    ) -> None:
        super().__init__(library)
        self._library.call(
            "nnformer_predictor_open_in_precision",
            ctypes.byref(self._pointer),
            None if weights is None else encoded_path(weights),
            PRECISION_FAST if fast else PRECISION_DEFAULT,
        )
        self._describe_platforms()

    def _describe_platforms(self) -> None:
        count = self._library.nnformer_predictor_platform_count(self._pointer)
        self.platforms: tuple[Platform, ...] = tuple(self._platform(index) for index in range(count))
        self._ids = [platform.id for platform in self.platforms]

    def with_platforms(self, platforms: Iterable[CalibratedPlatform]) -> Predictor:
        """A predictor with the same weights, shared, that knows these platforms too. ``IncompatibleWeightsError`` for
        one that was calibrated on other weights, ``InvalidArgumentError`` for an id that is taken."""
        added = list(platforms)
        extended = Predictor.__new__(type(self))
        Handle.__init__(extended, self._library)
        self._library.call(
            "nnformer_predictor_add_platforms",
            ctypes.byref(extended._pointer),
            self._live,
            pointers(added),
            len(added),
        )
        extended._describe_platforms()
        return extended

    def predict(self, graph: Graph) -> dict[str, float]:
        """Milliseconds on every platform, by platform id."""
        latency_ms = (c_double * len(self._ids))()
        self._library.call("nnformer_predict", self._live, graph._live, latency_ms, len(latency_ms))
        return dict(zip(self._ids, latency_ms))

    def estimates(self, graph: Graph) -> dict[str, Estimate]:
        """Estimates with their intervals and in-domain scores on every platform, by platform id."""
        estimates = (structures.Estimate * len(self._ids))()
        for estimate in estimates:
            estimate.struct_size = ctypes.sizeof(structures.Estimate)
        self._library.call("nnformer_predict_estimates", self._live, graph._live, estimates, len(estimates))
        return {
            id: Estimate(
                latency_ms=estimate.latency_ms,
                lower_ms=estimate.lower_ms,
                upper_ms=estimate.upper_ms,
                in_domain_score=estimate.in_domain_score,
                unseen_operators=tuple(
                    decoded(self._library.nnformer_predictor_unseen_operator(self._live, graph._live, index, number))
                    for number in range(estimate.unseen_operator_count)
                ),
            )
            for index, (id, estimate) in enumerate(zip(self._ids, estimates))
        }

    def explain(self, graph: Graph, platform: str) -> Explanation:
        """The estimate of the platform with that id as a sum over nodes and blocks. ``NotFoundError`` names the nearest
        ids; ``IncompatibleWeightsError`` where the weights have the pooled head."""
        with ExplanationHandle(self, graph, self._platform_index(platform)) as explanation:
            return explanation.read()

    def find_platform(self, id: str) -> Platform:
        """The platform with that id. ``NotFoundError`` names the nearest ids."""
        return self.platforms[self._platform_index(id)]

    def _platform_index(self, id: str) -> int:
        index = c_size_t()
        self._library.call("nnformer_predictor_find_platform", self._live, encoded(id), ctypes.byref(index))
        return index.value

    def _platform(self, index: int) -> Platform:
        platform = structures.Platform()
        self._library.call("nnformer_predictor_get_platform", self._pointer, index, ctypes.byref(platform))
        return Platform(
            id=decoded(platform.id),
            device=decoded(platform.device),
            runtime=decoded(platform.runtime),
            precision=decoded(platform.precision),
            quantity=QUANTITIES[platform.quantity],
            source=decoded(platform.source),
            licence=decoded(platform.licence),
            label_sets=tuple(self._label_set(index, number) for number in range(platform.label_set_count)),
        )

    def _label_set(self, platform: int, index: int) -> LabelSet:
        label_set = structures.LabelSet()
        self._library.call(
            "nnformer_predictor_get_label_set", self._pointer, platform, index, ctypes.byref(label_set)
        )
        return LabelSet(
            file=decoded(label_set.file),
            column=decoded(label_set.column),
            family=decoded(label_set.family),
            batch_size=label_set.batch_size,
            training_networks=label_set.training_networks,
            validation_networks=label_set.validation_networks,
            mape_percent=label_set.mape_percent,
            within_10_percent=label_set.within_10_percent,
            spearman=label_set.spearman,
        )
