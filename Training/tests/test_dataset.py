"""The feature cache gives back what the library said, graph by graph."""

from __future__ import annotations

import functools
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cell_expressions import cell_expression
from fake_library import FakeLibrary
from label_set_files import label_set_file
from onnx_counters import infer_shapes, multiply_accumulates

from nnformer_training import cli
from nnformer_training.features.dataset import build_label_set, graph_keys
from nnformer_training.features.feature_cache import FORMAT_VERSION, FeatureCache, LabelSetCache
from nnformer_training.features.graph_collector import GraphKey
from nnformer_training.features.graph_library import RELATIONS, TOTALS, GraphLibrary
from nnformer_training.labels.label_sets import FBNET, NASBENCH201, NNLQ_NASBENCH201, LabelSet
from nnformer_training.search_spaces import nasbench201
from nnformer_training.search_spaces.nasbench201 import Form, is_disconnected

ROWS = {"nasbench201": 150, "nnlq_nasbench201": 60, "fbnet": 40}


@pytest.fixture(scope="module")
def label_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small editions of three label sets, with an empty cell, a zero and disconnected cells among the rows."""
    directory = tmp_path_factory.mktemp("labels")
    space = label_set_file("nasbench201_architectures.csv")
    shutil.copy(space, directory)
    architectures = pd.read_csv(space).set_index("index")["arch"]
    frame = pd.read_csv(label_set_file(NASBENCH201.file))
    disconnected = frame[[is_disconnected(architectures[index]) for index in frame["index"]]].head(5)
    frame = pd.concat([frame.head(ROWS["nasbench201"] - 5), disconnected])
    frame.loc[frame.index[0], "2080ti_32"] = np.nan
    frame.loc[frame.index[1], "gold_6240"] = 0
    frame.to_csv(directory / NASBENCH201.file, index=False)
    for label_set in (NNLQ_NASBENCH201, FBNET):
        pd.read_csv(label_set_file(label_set.file), nrows=ROWS[label_set.name]).to_csv(directory / label_set.file)
    return directory


def build(label_set: LabelSet, label_directory: Path, directory: Path) -> LabelSetCache:
    return build_label_set(
        label_set, label_directory, directory / "cache", directory / "splits", open_library=FakeLibrary, processes=2
    )


@pytest.fixture(scope="module")
def built(label_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("built")
    for label_set in (NASBENCH201, NNLQ_NASBENCH201, FBNET):
        build(label_set, label_directory, directory)
    return directory


@pytest.fixture(scope="module")
def cache(built: Path) -> FeatureCache:
    return FeatureCache.open(built / "cache")


@functools.cache
def library_data(label_set: LabelSet, directory: Path, key: GraphKey):
    table = read(label_set, directory)
    return FakeLibrary().graph_data(
        label_set.write(table.architectures[key.row], key.form).SerializeToString(), key.batch
    )


@functools.cache
def read(label_set: LabelSet, directory: Path):
    return label_set.read(directory)


def keys(one: LabelSetCache) -> list[GraphKey]:
    arrays = one.arrays
    return [
        GraphKey(int(row), list(Form)[form], int(batch))
        for row, form, batch in zip(arrays["graph_architecture"], arrays["graph_form"], arrays["graph_batch"])
    ]


def test_graphs_come_back_as_the_library_gave_them(cache: FeatureCache, label_directory: Path) -> None:
    relations = cache.node_relations()
    first_graph = 0
    sets = {label_set.name: label_set for label_set in (NASBENCH201, NNLQ_NASBENCH201, FBNET)}
    for one in cache.label_sets:
        for number in range(0, one.graph_count, 13):
            graph = first_graph + number
            data = library_data(sets[one.name], label_directory, keys(one)[number])
            first, last = cache.graph_offsets[graph : graph + 2]
            np.testing.assert_array_equal(cache.feature_table[cache.node_feature_rows[first:last]], data.features)
            np.testing.assert_array_equal(cache.graph_features[graph], data.graph_features)
            np.testing.assert_array_equal(cache.graph_totals[graph], data.totals)
            assert one.arrays["graph_hash"][number].decode() == data.graph_hash
            for name, (offsets, indices) in zip(RELATIONS, data.relations, strict=True):
                taken = getattr(relations, name).take(np.arange(first, last))
                np.testing.assert_array_equal(taken.offsets, offsets)
                np.testing.assert_array_equal(taken.indices - first, indices)
                alone = one.relation(name, number)
                np.testing.assert_array_equal(alone.offsets, offsets)
                np.testing.assert_array_equal(alone.indices, indices)
        first_graph += one.graph_count
    assert first_graph == cache.graph_count == len(cache.graph_offsets) - 1


def test_labels_are_those_of_the_file(cache: FeatureCache, label_directory: Path) -> None:
    sets = {label_set.name: label_set for label_set in (NASBENCH201, NNLQ_NASBENCH201, FBNET)}
    first_graph, all_keys = 0, []
    for one in cache.label_sets:
        all_keys += keys(one)
        first_graph += one.graph_count
    labels = cache.labels
    for position in range(0, len(labels.graph), 17):
        column = cache.columns[labels.column[position]]
        key = all_keys[labels.graph[position]]
        assert (key.batch, key.form) == (column.batch, column.form)
        assert cache.label_sets[cache.label_set_of_graph[labels.graph[position]]].name == column.label_set
        table = read(sets[column.label_set], label_directory)
        number = [one.name for one in table.columns].index(column.column)
        assert labels.milliseconds[position] == table.milliseconds[key.row, number]


def test_unusable_and_disconnected_labels_are_not_stored(cache: FeatureCache) -> None:
    counts = np.bincount(cache.labels.column, minlength=len(cache.columns))
    by_column = {(one.label_set, one.column): int(count) for one, count in zip(cache.columns, counts)}
    assert by_column["nasbench201", "2080ti_1"] == ROWS["nasbench201"]
    assert by_column["nasbench201", "2080ti_32"] == ROWS["nasbench201"] - 1
    assert by_column["nasbench201", "gold_6240"] == ROWS["nasbench201"] - 1
    assert 0 < by_column["nasbench201", "pixel3"] <= ROWS["nasbench201"] - 5
    assert not (cache.labels.is_validation & ~cache.labels.is_clean).any()


def test_no_network_has_labels_in_both_splits(cache: FeatureCache) -> None:
    labels, networks = cache.labels, cache.graph_architecture[cache.labels.graph]
    training, validation = (set(networks[chosen].tolist()) for chosen in (labels.is_training, labels.is_validation))
    assert len(training) > len(validation) > 0
    assert not training & validation


def test_every_distinct_row_and_structure_is_stored_once(cache: FeatureCache) -> None:
    for one in cache.label_sets:
        table = one.arrays["feature_table"]
        assert len(np.unique(table, axis=0)) == len(table) < len(one.arrays["node_feature_rows"]) / 20
    fbnet = cache.label_sets[[one.name for one in cache.label_sets].index("fbnet")]
    structures = len(fbnet.arrays["structure_offsets"]) - 1
    assert structures == ROWS["fbnet"] and fbnet.graph_count == 3 * structures, "batch sizes share structures"


def test_the_split_does_not_separate_cells_that_compute_the_same(built: Path, label_directory: Path) -> None:
    side: dict[str, bool] = {}
    for label_set in (NASBENCH201, NNLQ_NASBENCH201):
        one = LabelSetCache.open(built / "cache" / label_set.name)
        for architecture, is_validation in zip(
            read(label_set, label_directory).architectures, one.arrays["is_validation"]
        ):
            if not is_disconnected(architecture):
                assert side.setdefault(cell_expression(architecture), bool(is_validation)) == is_validation
    assert any(side.values()) and not all(side.values())
    assert len(side) < sum(ROWS[one.name] for one in (NASBENCH201, NNLQ_NASBENCH201))


def test_no_graph_is_in_both_splits(cache: FeatureCache) -> None:
    graph_hash = np.concatenate([one.arrays["graph_hash"] for one in cache.label_sets])
    labels = cache.labels
    training, validation = (
        set(graph_hash[labels.graph[chosen]].tolist()) for chosen in (labels.is_training, labels.is_validation)
    )
    assert training
    assert validation
    assert not training & validation


def test_twins_of_training_graphs_are_in_neither_split(built: Path, tmp_path: Path) -> None:
    """A validation network whose graph is given the hash of a training network's loses its labels."""
    shutil.copytree(built / "cache", tmp_path / "cache")
    before = FeatureCache.open(tmp_path / "cache", ["fbnet"])
    arrays = before.label_sets[0].arrays
    validation = np.flatnonzero(before.graph_is_validation)[0]
    training = np.flatnonzero(~before.graph_is_validation)[0]
    hashes = arrays["graph_hash"].copy()
    hashes[validation] = hashes[training]
    np.save(tmp_path / "cache" / "fbnet" / "graph_hash.npy", hashes)
    after = FeatureCache.open(tmp_path / "cache", ["fbnet"])
    is_twin = after.labels.graph == validation
    assert is_twin.any()
    assert not (after.labels.is_validation | after.labels.is_training)[is_twin].any()
    np.testing.assert_array_equal(after.labels.is_training, before.labels.is_training)
    np.testing.assert_array_equal(after.labels.is_validation[~is_twin], before.labels.is_validation[~is_twin])


def test_graphs_that_labels_need(label_directory: Path) -> None:
    table = read(NASBENCH201, label_directory)
    wanted = {(Form.EXECUTED, 1), (Form.EXECUTED, 32), (Form.EXECUTED, 256), (Form.COMPILED, 1)}
    assert set(graph_keys(table, 5)) == wanted
    assert set(graph_keys(table, len(table.architectures) - 1)) == wanted - {(Form.COMPILED, 1)}, "disconnected"


def test_a_finished_label_set_is_not_built_again_unless_something_changed(
    label_directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = tmp_path / "labels"
    shutil.copytree(label_directory, labels)
    build(FBNET, labels, tmp_path)
    build(FBNET, labels, tmp_path)
    assert "fbnet: up to date" in capsys.readouterr().out
    pd.read_csv(labels / FBNET.file).head(35).to_csv(labels / FBNET.file)
    assert len(build(FBNET, labels, tmp_path).arrays["is_validation"]) == 35
    # An interrupted build leaves a folder without meta.json under another name.
    (tmp_path / "cache" / "fbnet" / "meta.json").rename(tmp_path / "cache" / "meta.json")
    assert len(build(FBNET, labels, tmp_path).arrays["is_validation"]) == 35


def test_a_network_anywhere_in_the_file_tells_that_features_are_outdated(
    label_directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build(FBNET, label_directory, tmp_path)
    capsys.readouterr()
    last = read(FBNET, label_directory).architectures[-1]
    first = read(FBNET, label_directory).architectures[0]
    changed = replace(FBNET, write=lambda network, form: FBNET.write(first if network == last else network, form))
    build(changed, label_directory, tmp_path)
    assert "up to date" not in capsys.readouterr().out


def test_what_may_not_test_is_not_split(label_directory: Path, tmp_path: Path) -> None:
    built = build(replace(FBNET, is_tested=False), label_directory, tmp_path)
    assert not built.arrays["is_validation"].any()
    assert not (tmp_path / "splits").exists()


def test_label_sets_of_different_schemas_do_not_mix(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built / "cache", tmp_path / "cache")
    path = tmp_path / "cache" / "fbnet" / "meta.json"
    path.write_text(path.read_text().replace('"feature_schema": 99', '"feature_schema": 98'))
    with pytest.raises(ValueError, match="differ in feature_schema"):
        FeatureCache.open(tmp_path / "cache")
    path.write_text(path.read_text().replace(f'"format_version": {FORMAT_VERSION}', '"format_version": 0'))
    with pytest.raises(ValueError, match="format 0"):
        FeatureCache.open(tmp_path / "cache")
    with pytest.raises(FileNotFoundError, match="build-dataset"):
        FeatureCache.open(tmp_path)


def test_write_networks_from_the_command_line(
    label_directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["write-networks", "nasbench201", str(tmp_path / "onnx"), "--labels", str(label_directory)]
    assert cli.main([*words, "--form", "pruned"]) == 0
    connected = np.flatnonzero(~read(NASBENCH201, label_directory).disconnected())
    assert 0 < len(connected) <= ROWS["nasbench201"] - 5
    assert {path.name for path in (tmp_path / "onnx").iterdir()} == {f"{row}.onnx" for row in connected}
    assert "disconnected cells have no pruned form" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        cli.main(["no-such-subcommand"])


def test_the_hash_of_the_library_tells_cells_apart_by_what_they_compute(library: GraphLibrary) -> None:
    """Isomorphic cells and variants with dead edges have one hash once pruned; other cells have another."""
    frame = pd.read_csv(label_set_file("nasbench201_architectures.csv"))
    hashes: dict[str, set[str]] = {}
    for architecture in frame["arch"].sample(600, random_state=3):
        if not is_disconnected(architecture):
            model = nasbench201.write_network(architecture, Form.PRUNED).SerializeToString()
            hashes.setdefault(cell_expression(architecture), set()).add(library.graph_hash(model, 1))
    assert all(len(one) == 1 for one in hashes.values())
    assert len(hashes) < 590, "the sample holds cells that compute the same"
    # A sum of three and a sum of a sum are one chain of additions.
    assert len(set.union(*hashes.values())) > 0.97 * len(hashes)


def test_the_library_sees_what_the_label_set_counts(library: GraphLibrary) -> None:
    """Multiply-accumulates and parameters of the FBNet networks, against a counter over the ONNX graph."""
    table = FBNET.read(label_set_file(FBNET.file).parent)
    for architecture in table.architectures[:5]:
        model = FBNET.write(architecture, Form.EXECUTED)
        one, many = (library.graph_data(model.SerializeToString(), batch) for batch in (1, 64))
        macs = TOTALS.index("macs")
        assert one.totals[macs] == multiply_accumulates(model, infer_shapes(model))
        assert many.totals[macs] == 64 * one.totals[macs]
        assert many.totals[TOTALS.index("parameters")] == one.totals[TOTALS.index("parameters")] > 0
        assert many.graph_hash != one.graph_hash
        assert [len(indices) for _, indices in one.relations] == [len(indices) for _, indices in many.relations]
