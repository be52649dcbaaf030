"""`evaluate`: measure a trained model on the validation split, per label column."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from nnformer_training.allocator import keep_freed_memory
from nnformer_training.features.sharing import share
from nnformer_training.labels.label_sets import is_tested
from nnformer_training.locations import CACHE, WORK_RESULTS
from nnformer_training.model.nnformer import NNFormer
from nnformer_training.model.packing import Packer
from nnformer_training.results.metrics import median_mape_by_group, metrics_by_column
from nnformer_training.results.provenance import today
from nnformer_training.results.result_files import Results, column_results
from nnformer_training.training.estimation import estimate_labels
from nnformer_training.training.sampling import LabelIndex
from nnformer_training.training.train import DEFAULT_RUN_DIRECTORY
from nnformer_training.training.trained_model import TrainedModel
from nnformer_training.training.training_set import TrainingSet, labels_where, open_training_set

PREDICTOR = "nnformer"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", dest="run_directory", type=Path, default=DEFAULT_RUN_DIRECTORY, help="folder of train")
    parser.add_argument("--weights", type=Path, help="instead of a run, a weights file")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of build-dataset")
    parser.add_argument("--output", type=Path, default=WORK_RESULTS, help="folder of the result files")
    parser.add_argument("--predictor", default=PREDICTOR, help="name of the result files")
    parser.add_argument("--threads", type=int, default=2)


def run(arguments: argparse.Namespace) -> None:
    keep_freed_memory()
    torch.set_num_threads(arguments.threads)
    if arguments.weights:
        trained = TrainedModel.from_weights(arguments.weights)
    else:
        trained = TrainedModel.load(arguments.run_directory)
    training_set = open_training_set(arguments.cache, trained.training)
    results = evaluate(trained, training_set, arguments.predictor)
    path = results.write(arguments.output)
    groups = [result.column.label_set for result in results.columns]
    for label_set, error in median_mape_by_group([result.metrics for result in results.columns], groups).items():
        print(f"{label_set}: median validation error {error:.2f} %")
    print(path)


def evaluate(trained: TrainedModel, training_set: TrainingSet, predictor: str = PREDICTOR) -> Results:
    """ValueError where the model was trained on other data."""
    trained.require_data(training_set)
    labels = training_set.labels
    estimates = estimate_where(trained.model, training_set, labels.is_validation)
    provenance = {
        "command": "python -m nnformer_training evaluate",
        "commit": trained.commit,
        "seed": trained.training.run.seed,
        "data_sha256": trained.data_sha256,
        "date": today(),
        "training_minutes": round(trained.position.elapsed_seconds / 60.0, 1),
        "epochs": trained.position.epoch,
        "steps": trained.position.step,
        "parameters": sum(parameter.numel() for parameter in trained.model.parameters()),
        "configuration": trained.training.as_mapping(),
        "started_from": trained.started_from,
    }
    training_networks = np.bincount(labels.column[labels.is_training], minlength=len(training_set.columns))
    validation = labels_where(labels, labels.is_validation)
    metrics = metrics_by_column(estimates, validation, len(training_set.columns))
    columns = column_results(training_set.columns, training_networks.tolist(), metrics)
    untested = [result for result in columns if not is_tested(result.column.label_set)]
    further: Counter[str] = Counter()
    for result in untested:
        further[result.column.platform_id] += result.training_networks
    provenance["further_training_networks"] = dict(further)
    return Results(predictor, provenance, tuple(result for result in columns if result not in untested))


def estimate_where(
    model: NNFormer, training_set: TrainingSet, is_wanted: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """The model's estimate for every wanted label, in milliseconds. is_wanted: [labels]."""
    index = LabelIndex.build(labels_where(training_set.labels, is_wanted), training_set.graph_count)
    shared = share(
        training_set.feature_rows, training_set.graph_offsets, training_set.relations, model.configuration.layers
    )
    packer = Packer(shared, training_set.feature_table, training_set.cost_table, training_set.graph_features)
    return estimate_labels(model, packer, index, training_set.column_platforms, torch.device("cpu"))
