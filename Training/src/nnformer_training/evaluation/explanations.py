"""``evaluate-explanations``: compare what the library says each node takes with what the runtimes' own profilers say.

On networks of torchvision and timm, which training never sees; their kernels are
``Training/measured/real_kernels.csv.gz``. A kernel may do the work of several nodes, so groups of nodes are compared
(``kernel_groups``). Writes Documentation/Explanations.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from scipy.stats import spearmanr
from tqdm import tqdm

from nnformer_training.collection.collect_kernels import REAL_KERNELS_FILE
from nnformer_training.evaluation import real_models
from nnformer_training.features.graph_library import CtypesLibrary
from nnformer_training.features.kernel_groups import group_nodes
from nnformer_training.labels.label_sets import MEASURED_DIRECTORY
from nnformer_training.labels.platforms import MEASURED_PLATFORMS
from nnformer_training.locations import DOCUMENTATION
from nnformer_training.measure.profiles import Kernel, read_kernels

PAGE = DOCUMENTATION / "Explanations.md"
TOP = 5


@dataclass(frozen=True)
class Agreement:
    """Of one network on one platform: rank correlation over groups, how many of the `TOP` that take longest are the
    same, and half the sum of |estimated share − measured share|."""

    network: str
    platform: str
    groups: int
    spearman: float
    common_top: int
    misplaced_share: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kernels", type=Path, default=MEASURED_DIRECTORY / REAL_KERNELS_FILE)
    real_models.add_arguments(parser)
    parser.add_argument("--page", type=Path, default=PAGE)


def run(arguments: argparse.Namespace) -> None:
    library = CtypesLibrary(arguments.library)
    kernels = read_kernels(arguments.kernels)
    names = sorted({network for network, _ in kernels})
    found = []
    models = real_models.exported(arguments.models, names)
    for name, path in tqdm(models, total=len(names), unit="network", disable=None):
        for runtime, platform in MEASURED_PLATFORMS.items():
            if (name, runtime) in kernels:
                node_ms = library.node_milliseconds(path, platform, arguments.weights)
                found.append(agreement(name, platform, path, node_ms, kernels[name, runtime], library))
    arguments.page.write_text(explanations_page(found))
    print(arguments.page)


def agreement(
    network: str,
    platform: str,
    path: Path,
    node_ms: npt.NDArray[np.float64],
    kernels: Sequence[Kernel],
    library: CtypesLibrary,
) -> Agreement:
    """node_ms: [n], in the library's order."""
    names, predecessors = library.named_predecessors(path)
    grouped = group_nodes(onnx.load(path, load_external_data=False), names, predecessors, kernels)
    is_grouped = grouped.groups >= 0
    measured = grouped.microseconds
    estimated = np.bincount(grouped.groups[is_grouped], weights=node_ms[is_grouped], minlength=len(measured))
    longest = [set(np.argsort(-times, kind="stable")[:TOP].tolist()) for times in (estimated, measured)]
    shares = np.abs(estimated / estimated.sum() - measured / measured.sum())
    correlation = float(spearmanr(estimated, measured).statistic)
    return Agreement(
        network, platform, len(measured), correlation, len(longest[0] & longest[1]), float(0.5 * shares.sum())
    )


def explanations_page(found: Sequence[Agreement]) -> str:
    """Markdown."""
    lines = [
        "# Explanations against the profilers",
        "",
        "What `nnformer explain` says each node takes, beside what the kernels of ONNX Runtime and OpenVINO take by"
        " their own",
        "profilers, on networks of torchvision and timm that training never saw. Written by",
        "`python -m nnformer_training evaluate-explanations`. A kernel may do the work of several nodes: groups of"
        " nodes are compared.",
        f"Spearman is over the groups of a network; of the {TOP} that take longest by the estimate, so many are among"
        f" the {TOP} by the",
        "profiler; misplaced is the part of the time that the estimate gives to other groups.",
        "",
        f"| platform | networks | Spearman, median | least | of the top {TOP}, mean | networks with 3 or more |"
        " misplaced, median |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    platforms = list(dict.fromkeys(one.platform for one in found))
    for platform in platforms:
        chosen = [one for one in found if one.platform == platform]
        correlations, common = [one.spearman for one in chosen], [one.common_top for one in chosen]
        misplaced = float(np.median([one.misplaced_share for one in chosen]))
        lines.append(
            f"| `{platform}` | {len(chosen)} | {np.median(correlations):.3f} | {min(correlations):.3f} |"
            f" {np.mean(common):.2f} | {sum(count >= 3 for count in common)} | {100 * misplaced:.0f} % |"
        )
    for platform in platforms:
        lines += ["", f"## `{platform}`", ""]
        lines += [f"| network | groups | Spearman | of the top {TOP} | misplaced |", "|---|---:|---:|---:|---:|"]
        for one in found:
            if one.platform == platform:
                lines.append(
                    f"| {one.network} | {one.groups} | {one.spearman:.3f} | {one.common_top} |"
                    f" {100 * one.misplaced_share:.0f} % |"
                )
    return "\n".join(lines) + "\n"
