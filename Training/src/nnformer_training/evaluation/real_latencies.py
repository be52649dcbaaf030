"""``evaluate-real``: measure the library, weights and all, on networks of torchvision and timm.

The files are read as a user's would be; latencies are those of ``Training/measured/real_latency_ms.csv``, which
training never sees. Writes ``Training/results/real.csv`` and Documentation/RealModels.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from tqdm import tqdm

from nnformer_training.collection.collect import REAL_FILE
from nnformer_training.evaluation import real_models
from nnformer_training.features.graph_library import CtypesLibrary
from nnformer_training.labels.label_sets import MEASURED_DIRECTORY
from nnformer_training.labels.platforms import MEASURED_PLATFORMS
from nnformer_training.locations import DOCUMENTATION, WORK_RESULTS

RESULT_FILE = WORK_RESULTS / "real.csv"
PAGE = DOCUMENTATION / "RealModels.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--labels", type=Path, default=MEASURED_DIRECTORY / REAL_FILE)
    real_models.add_arguments(parser)
    parser.add_argument("--output", type=Path, default=RESULT_FILE)
    parser.add_argument("--page", type=Path, default=PAGE)


def run(arguments: argparse.Namespace) -> None:
    library = CtypesLibrary(arguments.library)
    table = pd.read_csv(arguments.labels)
    rows = []
    models = real_models.exported(arguments.models, table["network"])
    pairs = zip(models, table.to_dict("records"))
    for (name, path), row in tqdm(pairs, total=len(table), unit="network", disable=None):
        estimates = library.estimates(path, arguments.weights)
        for runtime, platform in MEASURED_PLATFORMS.items():
            estimate = estimates[platform]
            rows.append(
                {
                    "network": name,
                    "platform": platform,
                    "label_ms": row[f"{runtime}_ms"],
                    "spread_percent": row[f"{runtime}_spread_percent"],
                    "estimate_ms": float(f"{estimate.latency_ms:.5g}"),
                    "is_covered": estimate.lower_ms <= row[f"{runtime}_ms"] <= estimate.upper_ms,
                    "in_domain_score": float(f"{estimate.in_domain_score:.3g}"),
                }
            )
    results = pd.DataFrame(rows)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    results.to_csv(arguments.output, index=False, lineterminator="\n")
    arguments.page.write_text(real_page(results))
    print(arguments.page)


def real_page(results: pd.DataFrame) -> str:
    """Markdown, from rows of network, platform, label_ms, spread_percent, estimate_ms, is_covered and
    in_domain_score."""
    results = results.assign(ratio=results["estimate_ms"] / results["label_ms"])
    lines = [
        "# Networks that no generator here wrote",
        "",
        "Networks of torchvision and timm, exported by PyTorch, measured with `nnformer-measure` on the machine of the"
        " measured",
        "platforms and never trained on. Written by `python -m nnformer_training evaluate-real`, which asks the library"
        " itself.",
        "",
        "| platform | networks | median error | MAPE | within 10 % | within 25 % | off by more than a factor of 2 |"
        " Spearman | in the 90 % interval | score below 0.5 |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for platform, chosen in results.groupby("platform", sort=False):
        error = (chosen["ratio"] - 1.0).abs()
        factor = np.maximum(chosen["ratio"], 1.0 / chosen["ratio"])
        correlation = spearmanr(chosen["estimate_ms"], chosen["label_ms"]).statistic
        lines.append(
            f"| `{platform}` | {len(chosen)} | {100 * error.median():.1f} % | {100 * error.mean():.1f} % |"
            f" {100 * (error <= 0.10).mean():.0f} % | {100 * (error <= 0.25).mean():.0f} % | {(factor > 2).sum()} |"
            f" {correlation:.4f} | {100 * chosen['is_covered'].mean():.0f} % |"
            f" {(chosen['in_domain_score'] < 0.5).sum()} |"
        )
    for platform, chosen in results.groupby("platform", sort=False):
        lines += ["", f"## `{platform}`", "", "| network | measured ms | estimate ms | ratio | score |"]
        lines.append("|---|---:|---:|---:|---:|")
        for row in chosen.sort_values("label_ms").itertuples():
            lines.append(
                f"| {row.network} | {row.label_ms:.4g} | {row.estimate_ms:.4g} | {row.ratio:.2f} |"
                f" {row.in_domain_score:.2f} |"
            )
    return "\n".join(lines) + "\n"
