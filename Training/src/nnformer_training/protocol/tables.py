"""``protocol-tables``: write Documentation/Protocol.md from the result files of ``protocol``."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from nnformer_training.collection.collect import REPEATABILITY_FILE
from nnformer_training.labels.label_sets import MEASURED, MEASURED_DIRECTORY
from nnformer_training.labels.platforms import MEASURED_PLATFORMS
from nnformer_training.locations import DOCUMENTATION
from nnformer_training.protocol.folds import IN_DOMAIN, LEAVE_ONE_OUT, STEP_SHARE, TEN_ONLY
from nnformer_training.protocol.predictors import PREDICTORS
from nnformer_training.protocol.result_tables import PROTOCOL_DIRECTORY, outdated_protocols, read_results, spread
from nnformer_training.validation.baselines import BOOSTING_ITERATIONS
from nnformer_training.zoo import NNLQ_FAMILIES

PAGE = DOCUMENTATION / "Protocol.md"

_TITLES = {
    "line": "line on FLOPs and bytes",
    "boosting": "boosting on totals",
    "graphsage": "GraphSAGE",
    "paper": "paper's configuration",
    "nnformer": "NNFormer",
}
_PROTOCOLS = {
    IN_DOMAIN: "In-domain: a tenth of each family tests",
    LEAVE_ONE_OUT: "Leave one family out, training on every other family",
    TEN_ONLY: "Leave one family out, training on NNLQ's other nine families alone",
}
#: Where ranges of latencies end.
_LATENCIES_MS = (0.5, 1.0, 2.0, 4.0, 10.0)
_METRICS = {"error_percent": "MAPE in percent", "is_within": "Share within 10 %, in percent"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--label-set", default=MEASURED.name)
    parser.add_argument("--results", type=Path, default=PROTOCOL_DIRECTORY)
    parser.add_argument("--output", type=Path, default=PAGE, help="page to write")


def run(arguments: argparse.Namespace) -> None:
    results = read_results(arguments.results / arguments.label_set)
    repeatability = MEASURED_DIRECTORY / REPEATABILITY_FILE
    is_measured_here = arguments.label_set == MEASURED.name
    floor = repeat_errors(repeatability) if is_measured_here and repeatability.exists() else {}
    outdated = outdated_protocols(results) if is_measured_here else set()
    networks = "networks measured here" if is_measured_here else f"the networks of `{arguments.label_set}`"
    arguments.output.write_text(protocol_page(results, floor, outdated, networks))
    print(arguments.output)


def repeat_errors(path: Path) -> dict[str, float]:
    """By platform, the mean of |second measurement − first| / first in percent."""
    table = pd.read_csv(path)
    return {
        platform: float(100.0 * (table[f"{runtime}_again_ms"] / table[f"{runtime}_ms"] - 1.0).abs().mean())
        for runtime, platform in MEASURED_PLATFORMS.items()
    }


def protocol_page(
    results: pd.DataFrame,
    floor: dict[str, float],
    outdated: Collection[str] = (),
    networks: str = "networks measured here",
) -> str:
    """Markdown; ``floor``: repeatability by platform, in percent; ``outdated``: protocols whose labels have changed."""
    lines = [
        f"# The paper's protocol on {networks}",
        "",
        "Written by `python -m nnformer_training protocol-tables` from the results of",
        "`python -m nnformer_training protocol` ([Training](../Training/README.md) has both commands' place in the",
        "order of things). MAPE is the mean of |estimate − label| / label. A figure is the mean over seeds, ± the",
        "standard deviation between them; a seed draws the folds and the initial weights. Every predictor sees the",
        "same labels of the same folds.",
        "",
        "- line: non-negative least squares of the relative error on FLOPs, bytes and a constant, one a platform;",
        f"- boosting: `HistGradientBoostingRegressor`, {BOOSTING_ITERATIONS} trees on log latency, from the graph's",
        "  totals, one a platform;",
        "- GraphSAGE: three layers of torch-geometric on operators, attributes and shapes, as NNLQP has them, summed",
        "  nodes joined with the totals (`graphsage.py`);",
        "- the paper's configuration: NN-Former with the sum-then-MLP head on the same features",
        "  (`Training/configs/protocol_paper.toml`);",
        "- NNFormer on all features of the library, and taught by the kernels where they were timed",
        "  (`Training/configs/protocol.toml`).",
        "",
        "The files named say how large each network is and how many steps it is trained for; where a family is left",
        f"out, {STEP_SHARE[LEAVE_ONE_OUT]:g} times as many. Networks that were profiled but not measured never test;"
        " for the networks trained",
        "by steps they weigh less than others in training, for line and boosting as much.",
    ]
    if floor:
        lines += [
            "",
            "Repeatability, the mean difference of a second measurement from the first"
            " (`Training/measured/repeatability.csv`):",
            "",
            *(f"- `{platform}`: {error:.2f} %" for platform, error in floor.items()),
        ]
    for protocol, title in _PROTOCOLS.items():
        chosen = results[results["protocol"] == protocol]
        for platform in dict.fromkeys(chosen["platform"]):
            for metric, unit in _METRICS.items():
                lines += ["", f"## {title}, `{platform}`. {unit}", ""]
                if protocol in outdated:
                    lines += ["*With labels of an earlier measurement: `protocol` has not been run since.*", ""]
                lines += _table(chosen[chosen["platform"] == platform], metric)
    in_domain = results[results["protocol"] == IN_DOMAIN]
    behind = _behind(in_domain)
    if behind:
        lines += ["", "## In-domain, where a baseline has the lower error", ""]
        lines += ["In no other family. Where the difference is smaller than the spread between seeds, so few test"]
        lines += ["networks do not tell the two apart.", "", *behind]
    if not in_domain.empty:
        lines += ["", "## In-domain, by latency: mean of estimate / label − 1 in percent, over all families", ""]
        lines += _bias_table(in_domain)
    return "\n".join(lines) + "\n"


def _behind(results: pd.DataFrame) -> list[str]:
    """A row a platform and family where NNFormer is not the best: MAPE beside the best baseline's, and on how many
    networks that rests."""
    rows = []
    for (platform, family), chosen in results.groupby(["platform", "family"]):
        by_seed = {name: own.groupby("seed")["error_percent"].mean() for name, own in chosen.groupby("predictor")}
        best = min(by_seed, key=lambda name: by_seed[name].mean())
        if "nnformer" not in by_seed or best == "nnformer":
            continue
        tested = chosen.loc[chosen["predictor"] == "nnformer"].groupby("seed").size().max()
        cells = (spread(by_seed[name].to_numpy()) for name in ("nnformer", best))
        rows.append(f"| `{platform}` | {family} | {' | '.join(cells)} | {_TITLES.get(best, best)} | {tested} |")
    titles = "| platform | family | NNFormer | best | | test networks a seed |"
    return [titles, "|---|---|---:|---:|---|---:|", *rows] if rows else []


def _bias_table(results: pd.DataFrame) -> list[str]:
    """A row a platform and range of latencies; the spread is that between seeds."""
    results = results.assign(
        bias=100.0 * (results["estimate_ms"] / results["label_ms"] - 1.0),
        range=pd.cut(results["label_ms"], [0.0, *_LATENCIES_MS, np.inf]),
    )
    names = [name for name in PREDICTORS if name in set(results["predictor"])]
    by_seed = results.groupby(["platform", "range", "predictor", "seed"], observed=True)["bias"].mean()
    rows = [["platform", "milliseconds", "labels", *(_TITLES.get(name, name) for name in names)]]
    rows.append(["---", "---", "---:", *(["---:"] * len(names))])
    for (platform, limits), chosen in results.groupby(["platform", "range"], observed=True):
        biases = (by_seed[platform, limits].get(name) for name in names)
        cells = ("" if bias is None else spread(bias.to_numpy()) for bias in biases)
        labels = len(chosen.drop_duplicates(["network", "seed"]))
        rows.append([f"`{platform}`", f"{limits.left:g} to {limits.right:g}", str(labels), *cells])
    return ["| " + " | ".join(row) + " |" for row in rows]


def _table(results: pd.DataFrame, metric: str) -> list[str]:
    found = set(results["predictor"])
    names = [*(name for name in PREDICTORS if name in found), *sorted(found - set(PREDICTORS))]
    by_seed = results.groupby(["predictor", "family", "seed"])[metric].mean()
    present = set(results["family"])
    ten = [family for family in NNLQ_FAMILIES if family in present]
    others = sorted(present - set(ten))
    rows = [["family", "networks", *(_TITLES.get(name, name) for name in names)]]
    for family in [*ten, *others]:
        count = results.loc[results["family"] == family, "network"].nunique()
        rows.append([family, str(count), *(spread(by_seed[name, family].to_numpy()) for name in names)])
    for title, members in (("mean of the ten", ten), ("mean of the others", others)):
        if members:
            means = [_mean_over(by_seed[name], members) for name in names]
            rows.append([f"**{title}**", "", *(f"**{spread(mean)}**" for mean in means)])
    seeds = results.groupby("predictor")["seed"].nunique()
    rows.append(["seeds", "", *(str(seeds[name]) for name in names)])
    rows.insert(1, ["---", "---:", *(["---:"] * len(names))])
    return ["| " + " | ".join(row) + " |" for row in rows]


def _mean_over(by_family_and_seed: pd.Series, families: Sequence[str]) -> np.ndarray:
    """By seed, the mean over families; seeds that lack one are left out."""
    return by_family_and_seed.unstack("family").reindex(columns=list(families)).dropna().mean(axis=1).to_numpy()
