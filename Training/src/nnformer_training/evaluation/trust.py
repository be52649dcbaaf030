"""``evaluate-trust``: whether intervals hold what they promise, and whether scores tell networks apart that a model has
not seen.

Coverage in the domain: validation networks in ten parts by graph, each covered by intervals made of the other nine.
Left-out families: the protocol's folds on the networks measured here, a model for each family that sees the others less
a tenth, which is in the domain; with the mixtures of all families' blocks among those others, and without them.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sklearn.metrics import roc_auc_score

from nnformer_training.allocator import keep_freed_memory
from nnformer_training.export.weights import SHIPPED_WEIGHTS
from nnformer_training.features.feature_cache import FeatureCache
from nnformer_training.labels.label_sets import MEASURED
from nnformer_training.locations import CACHE, DOCUMENTATION, RUNS
from nnformer_training.protocol.folds import LEAVE_ONE_OUT, STEP_SHARE, in_domain, label_families
from nnformer_training.protocol.predictors import read_configuration, train_on
from nnformer_training.training.representation import represent
from nnformer_training.training.trained_model import TrainedModel
from nnformer_training.training.training_domain import (
    WIDEST_HALF_WIDTH,
    JudgedLabels,
    conformal_widths,
    fit_training_domain,
    group_distances,
    judge,
    judged_where,
    labelled_groups,
    widening,
)
from nnformer_training.training.training_set import TrainingSet, open_training_set

Float64 = npt.NDArray[np.float64]
PARTS = 10
#: Left out by default: of skips, of separable convolutions, of branches.
FAMILIES = ("resnet", "efficientnet", "googlenet")
CONFIGURATION = "protocol"
#: The networks that are left out together with a family, by the title of the table.
_SETTINGS: dict[str, tuple[str, ...]] = {
    "With the mixtures, which hold the blocks of all families": ("mixture",),
    "Alone: mixtures with its blocks are trained on": (),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--weights", type=Path, default=SHIPPED_WEIGHTS, help="safetensors file")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of build-dataset")
    parser.add_argument("--family", action="append", help=f"leave out this one (default: {', '.join(FAMILIES)})")
    parser.add_argument("--seed", type=int, action="append", help="may be repeated (default: 1)")
    parser.add_argument("--runs", type=Path, default=RUNS / "trust", help="checkpoints")
    parser.add_argument("--output", type=Path, default=DOCUMENTATION / "TrustResults.md")


def run(arguments: argparse.Namespace) -> None:
    keep_freed_memory()
    torch.set_num_threads(1)
    seeds = arguments.seed or [1]
    families = arguments.family or FAMILIES
    lines = [
        "# Trust: results",
        "",
        "Written by `python -m nnformer_training evaluate-trust"
        f"{''.join(f' --family {family}' for family in families)}{''.join(f' --seed {seed}' for seed in seeds)}`.",
    ]
    lines += in_domain_section(arguments.weights, arguments.cache, seeds[0])
    lines += left_out_section(FeatureCache.open(arguments.cache, [MEASURED.name]), families, seeds, arguments.runs)
    arguments.output.write_text("\n".join(lines) + "\n")
    print(arguments.output)


def in_domain_section(path: Path, cache: Path, seed: int) -> list[str]:
    """Coverage by platform, of the weights file's model. ValueError where the cache holds other data than its."""
    trained = TrainedModel.from_weights(path)
    training_set = open_training_set(cache, trained.training)
    trained.require_data(training_set)
    labels = training_set.labels
    domain, judged = fit_training_domain(trained.model, training_set, labels.is_training, labels.is_validation, seed)
    covered, relative_width = cross_conformal(judged, domain.log_half_widths > 0, seed)
    lines = [
        "",
        "## In the domain",
        "",
        f"Model of commit `{trained.commit}`. Validation networks in {PARTS} parts, each"
        " covered by intervals made of the others. Width: (upper − lower) / estimate, median.",
        "",
        "| platform | validation labels | covered | width |",
        "|---|---:|---:|---:|",
    ]
    for number, platform_id in enumerate(training_set.platform_ids):
        own = judged.platform == number
        if own.any():
            lines.append(
                f"| `{platform_id}` | {own.sum()} | {100 * covered[own].mean():.1f} % |"
                f" {100 * np.median(relative_width[own]):.1f} % |"
            )
    return lines


def cross_conformal(
    judged: JudgedLabels, has_labels: npt.NDArray[np.bool_], seed: int
) -> tuple[npt.NDArray[np.bool_], Float64]:
    """For each label whether an interval made of the other parts' labels holds it, and that interval's relative
    width."""
    graphs, number = np.unique(judged.graph, return_inverse=True)
    part = np.random.default_rng(seed).permutation(len(graphs))[number] % PARTS
    covered = np.zeros(len(number), bool)
    relative_width = np.zeros(len(number))
    for one in range(PARTS):
        own = part == one
        usual, widths = conformal_widths(judged_where(judged, ~own), has_labels)
        half = half_widths(judged_where(judged, own), usual, widths)
        covered[own] = judged.error[own] <= half
        relative_width[own] = np.exp(half) - np.exp(-half)
    return covered, relative_width


def half_widths(judged: JudgedLabels, usual: Float64, widths: Float64) -> Float64:
    own = widths[judged.platform, judged.group]
    widened = own * widening(judged.distance, usual[judged.platform])
    return np.minimum(widened, np.maximum(own, WIDEST_HALF_WIDTH))


def left_out_section(cache: FeatureCache, families: Sequence[str], seeds: Sequence[int], runs: Path) -> list[str]:
    """Scores and coverage of families that a model has not seen, beside those that it has."""
    training_set = TrainingSet.from_cache(cache)
    lines = [
        "",
        "## Families left out",
        "",
        f"Networks measured here, `configs/{CONFIGURATION}.toml`,"
        f" seeds {', '.join(map(str, seeds))}: means over them. In-domain networks are a tenth of each other family,"
        " half of which make the intervals; AUROC is that of the distance, left-out family against the other half.",
    ]
    for title, absent in _SETTINGS.items():
        lines += [
            "",
            f"### {title}",
            "",
            "| left out | AUROC | score below 0.5: left out | in domain | covered: left out | in domain |"
            " width: left out | in domain |",
            "|---|---:|---:|---:|---:|---:|---:|---:|",
        ]
        rows = []
        for family in families:
            by_seed = [left_out_row(training_set, family, absent, seed, runs) for seed in seeds]
            rows.append(np.mean(by_seed, axis=0))
            lines.append(f"| {family} | {_cells(rows[-1])} |")
        lines.append(f"| **mean** | {_cells(np.mean(rows, axis=0))} |")
    return lines


def _cells(row: Float64) -> str:
    return f"{row[0]:.3f} | " + " | ".join(f"{100 * value:.0f} %" for value in row[1:])


def left_out_row(training_set: TrainingSet, family: str, absent: Sequence[str], seed: int, runs: Path) -> Float64:
    """AUROC, shares of scores below one half, coverage, median widths; of each the left-out family, then the domain.
    Families that are ``absent`` neither train nor test."""
    labels, families = training_set.labels, label_families(training_set)
    is_left_out, is_absent = families == family, np.isin(families, absent)
    is_held_out = in_domain(training_set, seed).is_test & ~is_left_out & ~is_absent
    is_training = ~is_left_out & ~is_absent & ~is_held_out & labels.is_clean
    configuration = read_configuration(CONFIGURATION, seed).with_steps(STEP_SHARE[LEAVE_ONE_OUT])
    directory = runs / "-".join(["without", family, *absent]) / str(seed)
    model = train_on(training_set, is_training, configuration, directory)

    graphs = np.unique(labels.graph[is_held_out])
    calibrating = np.random.default_rng(seed).permutation(graphs)[: len(graphs) // 2]
    is_calibrating = is_held_out & np.isin(labels.graph, calibrating)
    is_tested = is_left_out | (is_held_out & ~is_calibrating)
    domain, _ = fit_training_domain(model, training_set, is_training, is_calibrating, seed)
    wanted = np.unique(labels.graph[is_tested])
    representation = represent(model, training_set, wanted)
    distances = group_distances(
        domain.space.points(representation.inputs), domain.references, domain.reference_groups, domain.group_scales
    )
    # A group without training labels has no references: no distance to it.
    has_labels = labelled_groups(training_set)
    judged = judge(training_set, is_tested, wanted, representation.estimates_ms, distances, has_labels)
    half = half_widths(judged, domain.usual_distances, domain.log_half_widths)
    ratio = judged.distance / domain.usual_distances[judged.platform]
    is_outside, covered, width = ratio**-2.0 < 0.5, judged.error <= half, np.exp(half) - np.exp(-half)
    out = is_left_out[is_tested]
    pairs = [(value[out].mean(), value[~out].mean()) for value in (is_outside, covered)]
    pairs.append((np.median(width[out]), np.median(width[~out])))
    return np.array([roc_auc_score(out, ratio), *(number for pair in pairs for number in pair)])
