"""`export`: write the weights file that the library embeds, and the model card that describes it."""

from __future__ import annotations

import argparse
from pathlib import Path

from nnformer_training.features.feature_cache import FeatureCache
from nnformer_training.labels.platforms import PLATFORMS_BY_ID
from nnformer_training.locations import CACHE, DOCUMENTATION, WEIGHTS, WORK_RESULTS
from nnformer_training.results.result_files import Results
from nnformer_training.training.configuration import TrainingConfiguration
from nnformer_training.training.train import DEFAULT_RUN_DIRECTORY
from nnformer_training.training.trained_model import TrainedModel
from nnformer_training.training.training_domain import fit_training_domain
from nnformer_training.training.training_set import open_training_set
from nnformer_training.training.weights_file import WeightsFile, weights_document
from nnformer_training.validation.evaluate import PREDICTOR

from .model_card import model_card

SHIPPED_WEIGHTS = WEIGHTS / "nnformer.safetensors"
MODEL_CARD = DOCUMENTATION / "ModelCard.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", dest="run_directory", type=Path, default=DEFAULT_RUN_DIRECTORY, help="folder of train")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of build-dataset")
    parser.add_argument(
        "--results", type=Path, default=WORK_RESULTS / f"{PREDICTOR}.json", help="what evaluate wrote of this run"
    )
    parser.add_argument("--output", type=Path, default=SHIPPED_WEIGHTS, help="safetensors file to write")
    parser.add_argument("--card", type=Path, default=MODEL_CARD, help="model card to write")


def run(arguments: argparse.Namespace) -> None:
    trained = TrainedModel.load(arguments.run_directory)
    results = Results.read(arguments.results)
    training_set = open_training_set(arguments.cache, trained.training)
    trained.require_data(training_set)
    cache = FeatureCache.open(arguments.cache, trained.training.data.label_sets or None)
    labels = training_set.labels
    domain, _ = fit_training_domain(trained.model, training_set, labels.is_training, labels.is_validation)
    weights = export(trained, results, cache.label_sets[0].meta["feature_schema"])
    data = weights.with_training_domain(domain).to_bytes()
    arguments.output.write_bytes(data)
    arguments.card.write_text(model_card(weights, results, len(data)))
    print(f"{arguments.output}: {len(data)} bytes\n{arguments.card}")


def export(trained: TrainedModel, results: Results, feature_schema: int) -> WeightsFile:
    """ValueError where the results were measured on another model: a weights file states its own errors."""
    provenance = results.provenance
    own = {
        "commit": trained.commit,
        "seed": trained.training.run.seed,
        "data_sha256": trained.data_sha256,
        "steps": trained.position.step,
        "configuration": trained.training,
    }
    configuration = TrainingConfiguration.from_mapping(provenance["configuration"])
    measured = {**provenance, "configuration": configuration}
    different = [key for key, value in own.items() if measured.get(key) != value]
    if different:
        raise ValueError(f"the results are not of this run ({', '.join(different)} differ): run evaluate again")
    document = weights_document(
        trained.model.configuration,
        feature_schema,
        provenance,
        [PLATFORMS_BY_ID[platform_id] for platform_id in trained.platform_ids],
        results.columns,
    )
    return WeightsFile(document, trained.model.exported_tensors())
