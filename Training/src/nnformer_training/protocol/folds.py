"""Folds of the protocol: in-domain, a tenth of each family tests; leave-one-out, a whole family tests.

Choices between models are made on a fold of its own, which touches neither the in-domain test networks of any seed nor
what leaving one of NNLQ's families out measures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnformer_training.training.training_set import TrainingSet

Mask = npt.NDArray[np.bool_]

#: The ways of parting labels, by the names of result files.
IN_DOMAIN, LEAVE_ONE_OUT, TEN_ONLY, TUNING = "in-domain", "leave-one-out", "leave-one-out-of-ten", "tuning"

TEST_SHARE = 0.1
#: Of the steps that a network's configuration says: leaving families out takes ten runs, choosing still more.
STEP_SHARE = {IN_DOMAIN: 1.0, LEAVE_ONE_OUT: 0.5, TEN_ONLY: 0.5, TUNING: 0.5}
#: Seeds of the in-domain folds that are reported.
SEEDS = (1, 2, 3)
#: Families that the tuning fold leaves out, none of them NNLQ's.
TUNING_FAMILIES = ("densenet", "regnet", "shufflenet", "unet", "vit")


@dataclass(frozen=True)
class Fold:
    """is_training, is_test: [labels]. ``name`` is ``in-domain`` or ``without-<family>``."""

    name: str
    is_training: Mask
    is_test: Mask


def label_families(training_set: TrainingSet) -> npt.NDArray[np.str_]:
    """The family of every label."""
    families = np.array([column.family for column in training_set.columns])
    return families[training_set.labels.column]


def in_domain(training_set: TrainingSet, seed: int) -> Fold:
    """A tenth of each family's networks, another tenth for every seed. Networks are told apart by number, and labels of
    one network on several platforms fall on one side."""
    is_held_out = _tenth_of_each_family(training_set, seed, training_set.is_testable)
    return _fold(IN_DOMAIN, training_set, ~is_held_out, is_held_out)


def tuning(training_set: TrainingSet) -> Fold:
    """Tests on `TUNING_FAMILIES` and on a tenth of each other family."""
    families = label_families(training_set)
    is_free = training_set.is_testable & ~np.logical_or.reduce(
        [in_domain(training_set, seed).is_test for seed in SEEDS]
    )
    is_left_out = np.isin(families, TUNING_FAMILIES)
    is_held_out = is_left_out | _tenth_of_each_family(training_set, 0, is_free & ~is_left_out)
    return _fold(TUNING, training_set, ~is_held_out, is_held_out)


def leave_one_out(training_set: TrainingSet, family: str, only: Sequence[str] = ()) -> Fold:
    """All of a family tests. Training sees every other family, or of them those in ``only``."""
    families = label_families(training_set)
    is_held_out = families == family
    is_training = ~is_held_out
    if only:
        is_training &= np.isin(families, list(only))
    return _fold(f"without-{family}", training_set, is_training, is_held_out)


def _fold(name: str, training_set: TrainingSet, is_training: Mask, is_held_out: Mask) -> Fold:
    """Of what is held out, labels that are not good enough to test do neither."""
    return Fold(name, is_training, is_held_out & training_set.is_testable)


def _tenth_of_each_family(training_set: TrainingSet, seed: int, is_candidate: Mask) -> Mask:
    families, networks = label_families(training_set), training_set.networks[training_set.labels.graph]
    chosen: list[int] = []
    for family in np.unique(families[is_candidate]):
        members = np.unique(networks[is_candidate & (families == family)])
        order = sorted(members.tolist(), key=lambda network: _rank(seed, network))
        chosen += order[: max(1, round(TEST_SHARE * len(order)))]
    return np.isin(networks, chosen)


def _rank(seed: int, network: int) -> bytes:
    return hashlib.sha256(f"{seed} {network}".encode()).digest()
