"""The command line: one subcommand a module, imported only when it is asked for.

Every subcommand's module exposes ``add_arguments(parser)`` and ``run(arguments)``; ``run`` returns the exit status or
``None`` for success.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Subcommand:
    """A subcommand's name, the module that implements it and its line in ``--help``."""

    name: str
    module: str
    summary: str


SUBCOMMANDS: tuple[Subcommand, ...] = (
    Subcommand("write-networks", "features.write_networks", "write the networks of a label set as ONNX files"),
    Subcommand("sample-zoo", "collection.sample_zoo", "draw the networks that are to be measured"),
    Subcommand("profile", "measure.profile_command", "time the kernels of networks on the runtimes"),
    Subcommand("collect", "collection.collect", "turn samples of nnformer-measure into the measured data set"),
    Subcommand("collect-kernels", "collection.collect_kernels", "the same of what profile wrote"),
    Subcommand("build-dataset", "features.dataset", "compute the features of every labelled network"),
    Subcommand("train", "training.train", "train a model"),
    Subcommand("evaluate", "validation.evaluate", "measure a model on the validation split"),
    Subcommand("baselines", "validation.baselines", "measure simple predictors on the same split"),
    Subcommand("repeatability", "validation.repeatability", "measure how well the labels agree with themselves"),
    Subcommand("results", "validation.results_page", "write Documentation/Results.md"),
    Subcommand("protocol", "protocol.measurements", "measure predictors by the paper's protocol"),
    Subcommand("protocol-tables", "protocol.tables", "write Documentation/Protocol.md"),
    Subcommand("experiments", "protocol.experiments", "write Documentation/Experiments.md"),
    Subcommand("evaluate-real", "evaluation.real_latencies", "measure the library on networks of torchvision and timm"),
    Subcommand(
        "evaluate-explanations", "evaluation.explanations", "compare explained estimates with the runtimes' profilers"
    ),
    Subcommand("export", "export.weights", "write the weights file and the model card"),
    Subcommand(
        "add-training-domain", "export.add_training_domain", "give a weights file its intervals and in-domain scores"
    ),
    Subcommand("evaluate-calibration", "evaluation.calibration", "write Documentation/CalibrationResults.md"),
    Subcommand("evaluate-precision", "evaluation.precision", "write Documentation/Precision.md"),
    Subcommand("evaluate-trust", "evaluation.trust", "write Documentation/TrustResults.md"),
    Subcommand("golden", "fixtures.golden", "write the golden vectors of the library's tests"),
    Subcommand("example-models", "fixtures.example_models", "write the networks of Examples/Models"),
    Subcommand("accuracy-run", "accuracy.run", "train and measure predictors of the accuracy of cells"),
    Subcommand("accuracy-nasbench101", "accuracy.nasbench101", "the same for cells of NAS-Bench-101"),
    Subcommand("accuracy-export", "accuracy.export", "write the accuracy weights and their golden vectors"),
    Subcommand("accuracy-page", "accuracy.page", "write Documentation/AccuracyResults.md"),
    Subcommand("count-check", "evaluation.counts", "compare parameters and MACs with an independent counter"),
)


def main(argument_list: Sequence[str] | None = None) -> int:
    """Run the subcommand that ``argument_list`` (default: the process's arguments) names; return the exit status."""
    words = list(sys.argv[1:] if argument_list is None else argument_list)
    parser = argparse.ArgumentParser(prog="nnformer_training", description=__doc__.splitlines()[0])
    choices = parser.add_subparsers(dest="subcommand", required=True, metavar="subcommand")
    for subcommand in SUBCOMMANDS:
        # Only the module that is about to run is imported: torch alone takes seconds to load.
        is_chosen = bool(words) and words[0] == subcommand.name
        subparser = choices.add_parser(subcommand.name, help=subcommand.summary)
        if is_chosen:
            module = importlib.import_module(f"nnformer_training.{subcommand.module}")
            module.add_arguments(subparser)
            subparser.set_defaults(run=module.run)
    arguments = parser.parse_args(words)
    return int(arguments.run(arguments) or 0)
