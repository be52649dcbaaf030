"""The model card: what the embedded weights are, what they were trained on, how far to trust them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnformer_training.results.metrics import median_mape_by_group
from nnformer_training.results.provenance import earlier_runs
from nnformer_training.results.result_files import Results
from nnformer_training.training.weights_file import WeightsFile


def model_card(weights: WeightsFile, results: Results, file_size_in_bytes: int) -> str:
    """Markdown. weights: without the training domain, whose points are no parameters; the size is of the whole file."""
    document, provenance = weights.document, results.provenance
    parameter_count = sum(tensor.numel() for tensor in weights.tensors.values())
    groups = [result.column.label_set for result in results.columns]
    medians = median_mape_by_group([result.metrics for result in results.columns], groups)
    lines = [
        "# Model card: the weights inside libnnformer",
        "",
        "Written by `python -m nnformer_training export`; the same facts are in the metadata of the weights file.",
        "",
        "## What it is",
        "",
        f"NN-Former ([Model.md](Model.md)) with {document['layers']} layers of width {document['width']}, feed-forward"
        f" ratio {document['feedforward_ratio']}, {document['head']} head of width {document['head_width']}:"
        f" {parameter_count:,} parameters, {file_size_in_bytes:,} bytes. One trunk for {len(document['platforms'])}"
        " platforms. Input: the graph of a network at a batch size, as the library's features"
        f" (schema {document['feature_schema']}, {document['feature_count']} per node). Output: milliseconds per"
        " platform.",
        "",
        "## What it is for, and what not",
        "",
        "To rank and size networks of the families below on the platforms below without running them. An estimate for",
        "another family of networks, another runtime version or another clock setting is an extrapolation: use it to",
        "compare candidates, not as a measurement, and calibrate it where a few measurements can be had.",
        "Labels of phones are whole milliseconds; those of throughput platforms are of a saturated device.",
        "",
        "## Training",
        "",
        f"Commit `{provenance['commit']}`, seed {provenance['seed']}, {provenance['training_minutes']} minutes on"
        f" {provenance['configuration']['run']['device']},"
        f" {provenance['epochs']} epochs, {provenance['steps']} steps, {provenance['date']};"
        f" data sha256 `{provenance['data_sha256']}`. {_method(provenance['configuration'])} Networks were split by"
        " graph hash, a tenth for validation; choices were made on it and, for the networks measured here, on a tuning"
        " fold of their own ([Experiments.md](Experiments.md)).",
        "",
        *_earlier_runs(provenance),
        *_further_networks(provenance),
        "## Measured on the validation networks",
        "",
        "| label set | columns | median error (MAPE) |",
        "|---|---:|---:|",
    ]
    lines += [f"| {group} | {groups.count(group)} | {median:.2f} % |" for group, median in medians.items()]
    lines += ["", "[Results.md](Results.md) lists every column and compares with simple predictors.", ""]
    lines += ["## Platforms", "", "| platform | quantity | families | source | licence |", "|---|---|---|---|---|"]
    for platform in document["platforms"]:
        families = ", ".join(dict.fromkeys(label["family"] for label in platform["labels"]))
        quantity = platform["quantity"].replace("_", " ")
        lines.append(f"| `{platform['id']}` | {quantity} | {families} | {platform['source']} | {platform['licence']} |")
    return "\n".join(lines) + "\n"


def _method(configuration: Mapping[str, Any]) -> str:
    """Loss and optimiser in a few sentences."""
    objective, optimisation = configuration["objective"], configuration["optimisation"]
    sentences = [
        "Huber loss on log(estimate / label)"
        f" (delta {objective['huber_delta']:g}); a label of a column of n weighs n^−{objective['column_balance']:g}."
    ]
    if objective["kernel_weight"]:
        fall = objective.get("kernel_fraction")
        weight = f"{objective['kernel_weight']:g}"
        until = f", falling to 0 over the first {100 * fall:g} % of the run" if fall else ""
        sentences.append(f"The same loss over what the kernels of measured networks take, times {weight}{until}.")
    muon = "Muon for the matrices of the layers, AdamW for the rest" if optimisation["muon_rate_factor"] else "AdamW"
    sentences.append(f"{muon}; cosine schedule, averaged weights.")
    return " ".join(sentences)


def _earlier_runs(provenance: Mapping[str, Any]) -> list[str]:
    """The runs whose weights this one and its predecessors began with, the last first."""
    lines: list[str] = []
    later = provenance
    for run in earlier_runs(provenance):
        changed = ", ".join(
            f"`{key}` {value}"
            for section, values in run["configuration"].items()
            for key, value in values.items()
            if later["configuration"].get(section, {}).get(key) != value
        )
        lines.append(
            f"It began with the weights of a run of {run['training_minutes']} minutes at commit `{run['commit']}`"
            + (f", which differs in {changed}." if changed else " of the same configuration.")
        )
        later = run
    return [*lines, ""] if lines else []


def _further_networks(provenance: Mapping[str, Any]) -> list[str]:
    """What training learns from and no test uses."""
    counts = provenance.get("further_training_networks") or {}
    if not counts:
        return []
    listed = ", ".join(f"{count:,} on `{platform_id}`" for platform_id, count in counts.items())
    return [f"Besides, labels that are too coarse to test on: {listed} (`Training/measured`).", ""]
