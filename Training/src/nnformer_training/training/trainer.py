"""The training loop: resumable at any checkpoint, bit for bit where its length is counted in steps."""

from __future__ import annotations

import copy
import csv
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from tqdm import tqdm

from nnformer_training.features.sharing import Int64, share
from nnformer_training.model.configuration import ModelConfiguration
from nnformer_training.model.nnformer import NNFormer, Normaliser
from nnformer_training.model.packing import Packer
from nnformer_training.results.metrics import median_mape_by_group, metrics_by_column

from .checkpoint import load_checkpoint, save_checkpoint
from .configuration import TrainingConfiguration
from .estimation import estimate_labels
from .kernel_targets import KernelTargets
from .objective import label_weights, loss
from .optimiser import Optimiser
from .sampling import EpochSampler, LabelIndex
from .schedule import WeightAverage, kernel_weight_factor, learning_rate_factor
from .training_set import TrainingSet, labels_where

CHECKPOINT_NAME = "checkpoint.pt"
CONFIGURATION_NAME = "configuration.json"
LOG_NAME = "log.csv"


@dataclass
class Position:
    """How far a run is: steps made, the epoch it is in and the visits of that epoch already made, seconds spent."""

    step: int = 0
    epoch: int = 0
    visit: int = 0
    elapsed_seconds: float = 0.0


class Trainer:
    """One run in one directory. Continues from the directory's checkpoint where there is one."""

    def __init__(
        self,
        training_set: TrainingSet,
        configuration: TrainingConfiguration,
        directory: Path,
        commit: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._set = training_set
        self._configuration = configuration
        self._directory = directory
        self._commit = commit
        self._clock = clock
        self._device = torch.device(configuration.run.device)
        self._platforms = training_set.column_platforms

        labels = training_set.labels
        self._training = LabelIndex.build(labels_where(labels, labels.is_training), training_set.graph_count)
        if len(self._training.labels.graph) == 0:
            raise ValueError("the training set has no training labels")
        self._validation = LabelIndex.build(labels_where(labels, labels.is_validation), training_set.graph_count)
        self._sampler = EpochSampler(
            self._training.labelled_graphs(),
            training_set.networks[self._training.labelled_graphs()],
            configuration.run.seed,
            configuration.run.every_batch_size,
        )
        objective = configuration.objective
        factors = training_set.column_factors(objective.untested_weight)
        self._weights = label_weights(self._training.labels, factors, objective.column_balance)
        self._kernel_weights = self._mean_weights()
        weight_per_graph = np.bincount(
            self._training.labels.graph, weights=self._weights, minlength=training_set.graph_count
        )
        self._weight_per_visit = self._sampler.mean_per_visit(weight_per_graph)

        shared = share(
            training_set.feature_rows,
            training_set.graph_offsets,
            training_set.relations,
            configuration.model.layers,
        )
        self._kernels = KernelTargets.build(
            training_set.kernels, self._training.labels, self._platforms, shared.node_rows, training_set.graph_offsets
        )
        self._packer = Packer(shared, training_set.feature_table, training_set.cost_table, training_set.graph_features)
        self._model = self._initial_model()
        self._averaged_model = copy.deepcopy(self._model)
        self._average = WeightAverage(self._model.parameters(), configuration.optimisation.average_decay)
        self._optimiser = Optimiser(self._model, configuration.optimisation)
        self._position = Position()
        self._started_from: dict[str, Any] = {}
        self._log_groups = list(dict.fromkeys(column.label_set for column in training_set.columns))

    def start_from(self, model: NNFormer, platform_ids: Sequence[str], description: dict[str, Any]) -> None:
        """Weights to begin with instead of random ones, of a run or of a weights file; ``description`` says where they
        come from. ValueError for a model of other sizes or platforms."""
        if model.configuration != self._model.configuration:
            own = self._model.configuration
            raise ValueError(f"the model to start from has other sizes: {model.configuration} instead of {own}")
        if tuple(platform_ids) != self._set.platform_ids:
            raise ValueError(f"the model to start from has other platforms than the data: {', '.join(platform_ids)}")
        for own in (self._model, self._averaged_model):
            own.load_exported(model.exported_tensors())
        self._average = WeightAverage(self._model.parameters(), self._configuration.optimisation.average_decay)
        self._started_from = description

    def run(self) -> dict[str, float]:
        """Trains to the end of the budget; returns the median validation error in percent per label set."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._resume()
        (self._directory / CONFIGURATION_NAME).write_text(json.dumps(self._provenance(), indent=1) + "\n")
        optimisation = self._configuration.optimisation
        last_seconds = self._clock()
        last_checkpoint_seconds = last_seconds
        with tqdm(total=1.0, bar_format="{l_bar}{bar}| {elapsed}<{remaining} {postfix}", mininterval=2.0) as bar:
            while self._progress() < 1.0:
                epoch_started = self._clock()
                losses: list[float] = []
                visits_before = self._position.visit
                for graphs in self._remaining_batches():
                    factor = learning_rate_factor(self._progress(), optimisation.warm_up_fraction)
                    losses.append(self._step(graphs, factor * optimisation.learning_rate))
                    now = self._clock()
                    self._position.elapsed_seconds += now - last_seconds
                    last_seconds = now
                    if now - last_checkpoint_seconds > 60.0 * self._configuration.run.checkpoint_minutes:
                        self._save()
                        last_checkpoint_seconds = self._clock()
                    bar.update(min(self._progress(), 1.0) - bar.n)
                    if self._progress() >= 1.0:
                        break
                else:
                    visits = self._sampler_length() - visits_before
                    rate = visits / max(self._clock() - epoch_started, 1e-9)
                    self._position.epoch += 1
                    self._position.visit = 0
                    sample = self._configuration.run.validation_graphs
                    errors = self.validation_errors(sample)
                    # A checkpoint made after an epoch's last step resumes with no step left in that epoch.
                    mean_loss = float(np.mean(losses)) if losses else math.nan
                    self._log(mean_loss, rate, errors)
                    bar.set_postfix_str(_summary(self._position.epoch, mean_loss, rate, errors))
        self._save()
        return self.validation_errors(None)

    def validation_errors(self, graph_limit: int | None) -> dict[str, float]:
        """Median over columns of the averaged weights' validation error in percent, per label set. With a limit,
        over that many validation graphs, the same in every call."""
        index = self._validation
        graphs = index.labelled_graphs()
        if graph_limit is not None and len(graphs) > graph_limit:
            chosen = np.random.default_rng(0).permutation(graphs)[:graph_limit]
            is_chosen = np.zeros(self._set.graph_count, dtype=bool)
            is_chosen[chosen] = True
            index = LabelIndex.build(labels_where(index.labels, is_chosen[index.labels.graph]), self._set.graph_count)
        self._average.copy_to(self._averaged_model.parameters())
        estimates = estimate_labels(self._averaged_model, self._packer, index, self._platforms, self._device)
        measured = metrics_by_column(estimates, index.labels, len(self._set.columns))
        return median_mape_by_group(measured, [column.label_set for column in self._set.columns])

    def _step(self, graphs: Int64, learning_rate: float) -> float:
        labels, positions = self._training.of(graphs)
        estimates, contributions = self._model.with_contributions(self._packer.pack(graphs).to(self._device))
        platforms = self._platforms[self._training.labels.column[labels]]
        value = loss(
            estimates[self._on_device(positions), self._on_device(platforms)],
            self._on_device(self._training.labels.milliseconds[labels].astype(np.float32)),
            self._on_device(self._weights[labels]),
            self._weight_per_visit * len(graphs),
            self._configuration.objective.huber_delta,
        )
        objective = self._configuration.objective
        kernel_weight = objective.kernel_weight * kernel_weight_factor(self._progress(), objective.kernel_fraction)
        if kernel_weight > 0 and contributions is not None:
            kernel_loss = self._kernels.loss(
                graphs,
                contributions.cpu(),
                self._model.head.base_milliseconds().cpu(),
                self._packer.local_rows,
                self._kernel_weights,
                objective.huber_delta,
            )
            value = value + kernel_weight * kernel_loss / (self._weight_per_visit * len(graphs))
        self._optimiser.zero_grad()
        value.backward()
        norm = nn.utils.clip_grad_norm_(self._model.parameters(), self._configuration.optimisation.gradient_norm)
        self._position.step += 1
        self._position.visit += len(graphs)
        if not torch.isfinite(norm):  # One overflowing batch must not end up in the weights or their average.
            return float(value.detach())
        self._optimiser.step(learning_rate)
        self._average.update(self._model.parameters(), self._position.step)
        return float(value.detach())

    def _on_device(self, array: Any) -> Tensor:
        return torch.from_numpy(array).to(self._device)

    def _remaining_batches(self) -> Iterator[Int64]:
        visits = self._sampler.epoch(self._position.epoch)
        size = self._configuration.optimisation.batch_graphs
        for start in range(self._position.visit, len(visits), size):
            yield visits[start : start + size]

    def _sampler_length(self) -> int:
        return len(self._sampler.epoch(0))

    def _progress(self) -> float:
        optimisation = self._configuration.optimisation
        if optimisation.steps:
            return self._position.step / optimisation.steps
        return self._position.elapsed_seconds / (60.0 * optimisation.time_budget_minutes)

    def _initial_model(self) -> NNFormer:
        section, training_set = self._configuration.model, self._set
        torch.manual_seed(self._configuration.run.seed)
        labels = self._training.labels
        is_trained = np.zeros(training_set.graph_count, dtype=bool)
        is_trained[self._training.labelled_graphs()] = True
        node_counts = np.diff(training_set.graph_offsets)
        trained_rows = np.unique(training_set.feature_rows[np.repeat(is_trained, node_counts)])
        model = NNFormer(
            ModelConfiguration(
                feature_count=training_set.feature_table.shape[1],
                graph_feature_count=training_set.graph_features.shape[1],
                platform_count=len(training_set.platform_ids),
                layers=section.layers,
                width=section.width,
                feedforward_ratio=section.feedforward_ratio,
                head=section.head,
                head_width=section.head_width,
            ),
            Normaliser.fit(torch.from_numpy(training_set.feature_table[trained_rows])),
            Normaliser.fit(torch.from_numpy(training_set.graph_features[is_trained])),
            section.initial_layer_scale,
        )
        platform = self._platforms[labels.column]
        counts = np.bincount(platform, minlength=len(training_set.platform_ids))
        sums = np.bincount(platform, weights=np.log(labels.milliseconds), minlength=len(training_set.platform_ids))
        log_milliseconds = torch.from_numpy((sums / np.maximum(counts, 1)).astype(np.float32))
        model.start_at(log_milliseconds, self._mean_costs(is_trained))
        return model.to(self._device)

    def _mean_weights(self) -> Tensor:
        """By platform, the mean weight of its training labels: what the kernels of one of them weigh together."""
        platforms, count = self._platforms[self._training.labels.column], len(self._set.platform_ids)
        sums = np.bincount(platforms, weights=self._weights, minlength=count)
        labels = np.bincount(platforms, minlength=count)
        return torch.from_numpy((sums / np.maximum(labels, 1)).astype(np.float32))

    def _mean_costs(self, is_trained: npt.NDArray[np.bool_]) -> Tensor:
        """GFLOPs, megabytes and nodes of an average graph among those trained on."""
        node_counts = np.diff(self._set.graph_offsets)
        costs = self._set.cost_table[self._set.feature_rows[np.repeat(is_trained, node_counts)]]
        totals = np.append(costs.sum(axis=0), len(costs)) / np.count_nonzero(is_trained)
        return torch.from_numpy(totals.astype(np.float32))

    def _provenance(self) -> dict[str, Any]:
        return {
            "configuration": self._configuration.as_mapping(),
            "data_sha256": self._set.sha256,
            "commit": self._commit,
            "started_from": self._started_from,
        }

    def _save(self) -> None:
        state = {
            "provenance": self._provenance(),
            "model_configuration": asdict(self._model.configuration),
            "platform_ids": list(self._set.platform_ids),
            "position": asdict(self._position),
            "model": self._model.state_dict(),
            "average": self._average.tensors,
            "optimiser": self._optimiser.state_dict(),
        }
        save_checkpoint(self._directory / CHECKPOINT_NAME, state)

    def _resume(self) -> None:
        """Raises ValueError where the checkpoint is of another configuration, other data or another beginning. What the
        run began with, commit included, stays on record."""
        state = load_checkpoint(self._directory / CHECKPOINT_NAME)
        if state is None:
            return
        stored = TrainingConfiguration.from_mapping(state["provenance"]["configuration"])
        if stored != self._configuration or state["provenance"]["data_sha256"] != self._set.sha256:
            raise ValueError(
                f"{self._directory / CHECKPOINT_NAME} was trained with another configuration or other data; "
                "choose another run directory, or delete it to start anew"
            )
        started_from = state["provenance"]["started_from"]
        if self._started_from not in ({}, started_from):
            raise ValueError(
                f"{self._directory / CHECKPOINT_NAME} did not begin with the weights to start from; choose another run "
                "directory, or name no weights to go on with the run"
            )
        self._started_from, self._commit = started_from, state["provenance"]["commit"]
        self._model.load_state_dict(state["model"])
        for average, saved in zip(self._average.tensors, state["average"], strict=True):
            average.copy_(saved)
        self._optimiser.load_state_dict(state["optimiser"])
        self._position = Position(**state["position"])

    def _log(self, training_loss: float, graphs_per_second: float, errors: dict[str, float]) -> None:
        path = self._directory / LOG_NAME
        is_new = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.writer(file)
            if is_new:
                writer.writerow(
                    ["epoch", "step", "elapsed_minutes", "loss", "graphs_per_second"]
                    + [f"{group}_mape_percent" for group in self._log_groups]
                )
            writer.writerow(
                [
                    self._position.epoch,
                    self._position.step,
                    f"{self._position.elapsed_seconds / 60.0:.2f}",
                    f"{training_loss:.5f}",
                    f"{graphs_per_second:.0f}",
                ]
                + [f"{errors.get(group, float('nan')):.3f}" for group in self._log_groups]
            )


def _summary(epoch: int, training_loss: float, graphs_per_second: float, errors: dict[str, float]) -> str:
    parts = " ".join(f"{group} {error:.2f}%" for group, error in errors.items())
    return f"epoch {epoch} loss {training_loss:.3f} {graphs_per_second:.0f} graphs/s | {parts}"
