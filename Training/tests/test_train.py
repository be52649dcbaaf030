"""Training lowers the loss, resumes bit for bit and refuses to mix runs."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from synthetic_graphs import synthetic_training_set

from nnformer_training.features.feature_cache import Labels
from nnformer_training.features.sharing import share
from nnformer_training.locations import CONFIGURATIONS
from nnformer_training.model.nnformer import NNFormer
from nnformer_training.model.packing import Packer
from nnformer_training.protocol.experiments import EXPERIMENTS_FILE, read_experiments
from nnformer_training.protocol.predictors import read_configuration
from nnformer_training.training.checkpoint import load_checkpoint
from nnformer_training.training.configuration import TrainingConfiguration
from nnformer_training.training.objective import label_weights, loss
from nnformer_training.training.sampling import EpochSampler
from nnformer_training.training.schedule import WeightAverage, kernel_weight_factor, learning_rate_factor
from nnformer_training.training.trained_model import TrainedModel
from nnformer_training.training.trainer import CHECKPOINT_NAME, LOG_NAME, Trainer
from nnformer_training.training.training_set import TrainingSet


def configuration(steps: int, **run: object) -> TrainingConfiguration:
    return TrainingConfiguration.from_mapping(
        {
            "model": {"width": 8, "head_width": 8, "feedforward_ratio": 2},
            "optimisation": {"batch_graphs": 4, "steps": steps, "learning_rate": 1e-2, "average_decay": 0.9},
            "run": {"threads": 1, **run},
        }
    )


def trained(directory: Path, steps: int, **run: object) -> dict[str, float]:
    return Trainer(synthetic_training_set(3), configuration(steps, **run), directory, commit="test").run()


def test_training_halves_its_loss_and_lowers_the_validation_error(tmp_path: Path) -> None:
    untrained = Trainer(synthetic_training_set(3), configuration(1), tmp_path / "0", "test").validation_errors(None)
    errors = trained(tmp_path / "1", 200)
    losses = [float(row["loss"]) for row in csv.DictReader((tmp_path / "1" / LOG_NAME).open())]
    assert losses[-1] < 0.5 * losses[0]
    assert errors.keys() == untrained.keys()
    for label_set, error in errors.items():
        assert error < 0.75 * untrained[label_set]


def test_kernels_teach_what_each_node_takes(tmp_path: Path) -> None:
    """The sum over a graph leaves open which node takes how long; its kernels do not."""
    errors = {}
    for weight in (0.0, 1.0):
        document = {**configuration(300).as_mapping(), "objective": {"kernel_weight": weight, "column_balance": 0.0}}
        training_set = synthetic_training_set(3)
        directory = tmp_path / str(weight)
        Trainer(training_set, TrainingConfiguration.from_mapping(document), directory, "test").run()
        errors[weight] = _mean_share_error(TrainedModel.load(directory).model, training_set)
    assert errors[1.0] < 0.5 * errors[0.0]


def _mean_share_error(model: NNFormer, training_set: TrainingSet) -> float:
    """Between the shares of kernels of training graphs and what the model contributes for their nodes in column 0."""
    shared = share(training_set.feature_rows, training_set.graph_offsets, training_set.relations, 2)
    packer = Packer(shared, training_set.feature_table, training_set.cost_table, training_set.graph_features)
    labels, kernels = training_set.labels, training_set.kernels
    graphs = np.unique(labels.graph[labels.is_training])
    with torch.no_grad():
        contributions = model.with_contributions(packer.pack(graphs))[1].numpy()
    differences = []
    for graph in graphs:
        first, last = training_set.graph_offsets[graph : graph + 2]
        estimated = contributions[packer.local_rows(shared.node_rows[first:last]), 0]
        differences.append(np.abs(estimated / estimated.sum() - kernels.group_shares[first:last]).sum())
    return float(np.mean(differences))


class _Interrupted(Exception):
    pass


def test_resumed_run_equals_an_uninterrupted_one_bit_for_bit(tmp_path: Path) -> None:
    steps = 23
    trained(tmp_path / "whole", steps)

    # A clock that jumps an hour a reading makes every step due for a checkpoint; the run is cut after the 10th step.
    class CuttingClock:
        hours = 0

        def __call__(self) -> float:
            self.hours += 1
            if self.hours > 25:
                raise _Interrupted
            return 3600.0 * self.hours

    training_set = synthetic_training_set(3)
    with pytest.raises(_Interrupted):
        Trainer(training_set, configuration(steps), tmp_path / "cut", "test", CuttingClock()).run()
    interrupted = load_checkpoint(tmp_path / "cut" / CHECKPOINT_NAME)
    assert 0 < interrupted["position"]["step"] < steps
    Trainer(training_set, configuration(steps), tmp_path / "cut", "test").run()

    whole, resumed = (load_checkpoint(tmp_path / name / CHECKPOINT_NAME) for name in ("whole", "cut"))
    for name, tensor in whole["model"].items():
        assert torch.equal(tensor, resumed["model"][name]), name
    for expected, actual in zip(whole["average"], resumed["average"], strict=True):
        assert torch.equal(expected, actual)
    for part in ("step", "epoch", "visit"):
        assert whole["position"][part] == resumed["position"][part]


def test_log_has_a_row_an_epoch(tmp_path: Path) -> None:
    trained(tmp_path, 23)
    position = load_checkpoint(tmp_path / CHECKPOINT_NAME)["position"]
    rows = list(csv.DictReader((tmp_path / LOG_NAME).open()))
    assert [int(row["epoch"]) for row in rows] == list(range(1, position["epoch"] + 1))
    assert position["epoch"] > 1


def test_time_budget_ends_a_run(tmp_path: Path) -> None:
    ticks = iter(range(10**6))
    timed = TrainingConfiguration.from_mapping(
        {
            "model": {"width": 8, "head_width": 8},
            "optimisation": {"batch_graphs": 4, "time_budget_minutes": 1},
            "run": {"threads": 1},
        }
    )
    Trainer(synthetic_training_set(3), timed, tmp_path, "test", clock=lambda: float(next(ticks))).run()
    position = load_checkpoint(tmp_path / CHECKPOINT_NAME)["position"]
    assert 60.0 <= position["elapsed_seconds"] < 66.0


def test_run_directory_of_another_configuration_is_refused(tmp_path: Path) -> None:
    trained(tmp_path, 2)
    with pytest.raises(ValueError, match="another configuration"):
        trained(tmp_path, 3)


def test_configuration_survives_its_own_mapping_and_names_wrong_keys() -> None:
    original = configuration(5, every_batch_size=True)
    assert TrainingConfiguration.from_mapping(original.as_mapping()) == original
    with pytest.raises(ValueError, match=r"optimisation\.learning"):
        TrainingConfiguration.from_mapping({"optimisation": {"learning": 1.0, "steps": 1}})
    with pytest.raises(ValueError, match="exactly one"):
        TrainingConfiguration.from_mapping({})
    with pytest.raises(ValueError, match=r"run\.every_batch_size"):
        TrainingConfiguration.from_mapping({"optimisation": {"steps": 1}, "run": {"every_batch_size": 1}})


@pytest.mark.parametrize(
    "name", sorted({path.stem for path in CONFIGURATIONS.glob("*.toml")} - {EXPERIMENTS_FILE.stem})
)
def test_configuration_files_are_readable(name: str) -> None:
    path = CONFIGURATIONS / f"{name}.toml"
    original = TrainingConfiguration.read(path)
    assert original.optimisation.steps > 0 or original.optimisation.time_budget_minutes > 0
    overrides = {"optimisation": {"steps": 7, "time_budget_minutes": 0.0}, "run": {"seed": 5}}
    changed = TrainingConfiguration.read(path, overrides)
    assert (changed.optimisation.steps, changed.run.seed) == (7, 5)
    assert changed.model == original.model


@pytest.mark.parametrize("name", read_experiments())
def test_experiments_are_configurations(name: str) -> None:
    """Each but the first, which is the protocol's own, changes something of it."""
    tried = read_configuration("protocol", 1, read_experiments()[name].overrides)
    assert (tried == read_configuration("protocol", 1)) == (name == "nnformer")


def test_epoch_visits_each_network_once_and_every_graph_in_time() -> None:
    graphs = np.array([3, 5, 6, 9, 11])
    networks = np.array([0, 2, 0, 2, 7])
    sampler = EpochSampler(graphs, networks, seed=1, every_batch_size=False)
    network_of = dict(zip(graphs.tolist(), networks.tolist(), strict=True))
    seen: set[int] = set()
    for epoch in range(40):
        visits = sampler.epoch(epoch)
        assert sorted(network_of[graph] for graph in visits.tolist()) == [0, 2, 7]
        np.testing.assert_array_equal(visits, sampler.epoch(epoch))
        seen |= set(visits.tolist())
    assert seen == set(graphs.tolist())
    every = EpochSampler(graphs, networks, seed=1, every_batch_size=True).epoch(0)
    assert sorted(every.tolist()) == graphs.tolist()
    assert sampler.mean_per_visit(np.arange(12.0)) == pytest.approx(((3 + 6) / 2 + (5 + 9) / 2 + 11) / 3)


def test_balanced_columns_weigh_the_same_in_all() -> None:
    column = np.array([0, 0, 0, 1])
    labels = Labels(np.arange(4), column, np.ones(4), np.zeros(4, bool), np.ones(4, bool))
    weights = label_weights(labels, np.ones(2), column_balance=1.0)
    assert weights[:3].sum() == pytest.approx(weights[3])
    assert weights.mean() == pytest.approx(1.0)
    np.testing.assert_allclose(label_weights(labels, np.ones(2), column_balance=0.0), 1.0)
    halved = label_weights(labels, np.array([1.0, 0.5]), column_balance=0.0)
    np.testing.assert_allclose(halved[3] / halved[:3], 0.5)


def test_loss_is_the_relative_error_for_small_errors_above_delta() -> None:
    estimates, labels = torch.tensor([1.1, 2.0]), torch.tensor([1.0, 2.0])
    value = loss(estimates, labels, torch.tensor([1.0, 3.0]), expected_weight=4.0, delta=1e-3)
    assert float(value) == pytest.approx(0.1 / 4.0, rel=0.06)


def test_learning_rate_rises_then_falls_to_zero() -> None:
    factors = [learning_rate_factor(progress, 0.1) for progress in (0.0, 0.05, 0.1, 0.55, 1.0, 2.0)]
    np.testing.assert_allclose(factors, [0.0, 0.5, 1.0, 0.5, 0.0, 0.0], atol=1e-12)


def test_kernel_weight_falls_to_zero_within_its_fraction_of_the_run() -> None:
    factors = [kernel_weight_factor(progress, 0.8) for progress in (0.0, 0.4, 0.8, 1.0)]
    np.testing.assert_allclose(factors, [1.0, 0.5, 0.0, 0.0], atol=1e-12)
    assert kernel_weight_factor(1.0, 0.0) == 1.0


def test_weight_average_follows_its_formula() -> None:
    parameter = torch.tensor([0.0])
    average = WeightAverage([parameter], decay=0.5)
    parameter += 1.0
    average.update([parameter], step=10**6)
    assert average.tensors[0].item() == pytest.approx(0.5)
    average.update([parameter], step=0)
    assert average.tensors[0].item() == pytest.approx(0.95)


def test_run_may_begin_with_the_weights_of_another(tmp_path: Path) -> None:
    errors = trained(tmp_path / "first", 200)
    first = TrainedModel.load(tmp_path / "first")
    successor = Trainer(synthetic_training_set(3), configuration(1, seed=2), tmp_path / "second", commit="test")
    successor.start_from(first.model, first.platform_ids, first.description())
    assert successor.validation_errors(None) == pytest.approx(errors, rel=1e-3)
    with pytest.raises(ValueError, match="platforms"):
        successor.start_from(first.model, first.platform_ids[::-1], first.description())


def test_resumed_run_keeps_on_record_where_it_began(tmp_path: Path) -> None:
    trained(tmp_path / "first", 2)
    first = TrainedModel.load(tmp_path / "first")

    def successor(commit: str) -> Trainer:
        return Trainer(synthetic_training_set(3), configuration(3), tmp_path / "second", commit)

    begun = successor("then")
    begun.start_from(first.model, first.platform_ids, first.description())
    begun.run()
    successor("now").run()
    resumed = TrainedModel.load(tmp_path / "second")
    assert (resumed.commit, resumed.started_from) == ("then", first.description())
    other = successor("now")
    other.start_from(first.model, first.platform_ids, {**first.description(), "commit": "another"})
    with pytest.raises(ValueError, match="did not begin with"):
        other.run()
