"""Reading, units, platforms and the cleaning rules."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from label_set_files import DIRECTORY, label_set_file

from nnformer_training.labels.cleaning import OUTLIER_FACTOR, Verdict, judge, report
from nnformer_training.labels.label_sets import FBNET, LABEL_SETS, MEASURED, MNASNET, NASBENCH201, LabelColumn, Unit
from nnformer_training.labels.platforms import PLATFORMS, PLATFORMS_BY_ID, Quantity
from nnformer_training.search_spaces.nasbench201 import Form
from nnformer_training.zoo import FAMILIES


def test_platforms_and_columns_agree() -> None:
    assert len(PLATFORMS_BY_ID) == len(PLATFORMS), "ids are unique"
    used = {column.platform_id for label_set in LABEL_SETS.values() for column in label_set.columns}
    assert used == set(PLATFORMS_BY_ID)
    for label_set in LABEL_SETS.values():
        assert len({(column.name, column.family) for column in label_set.columns}) == len(label_set.columns)
        for column in label_set.columns:
            is_throughput = column.unit is Unit.IMAGES_PER_SECOND
            assert (column.platform.quantity is Quantity.TIME_PER_IMAGE) == is_throughput
            assert not is_throughput or column.batch == 1


def test_batch_sizes_are_not_platforms_and_trailing_ones_of_phones_are_not_batch_sizes() -> None:
    columns = {column.name: column for column in NASBENCH201.columns}
    assert {columns[f"2080ti_{batch}"].platform_id for batch in (1, 32, 256)} == {"2080ti-pytorch-fp32"}
    assert [columns[f"2080ti_{batch}"].batch for batch in (1, 32, 256)] == [1, 32, 256]
    assert columns["essential_ph_1"].platform_id == "essential_ph_1-eager-fp32"
    assert columns["pixel3"].form is Form.COMPILED and columns["2080ti_1"].form is Form.EXECUTED
    once_for_all = {column.name: column for column in LABEL_SETS["once_for_all"].columns}
    assert once_for_all["titan_xp_64"].platform_id == columns["titanxp_1"].platform_id
    assert once_for_all["titan_xp_64"].batch == 64


def test_units_and_unusable_numbers() -> None:
    latency = LabelColumn("a", "a100-throughput")
    throughput = LabelColumn("a", "a100-throughput", unit=Unit.IMAGES_PER_SECOND)
    table = pd.DataFrame({"a": [4.0, 0.0, -1.0, np.nan, np.inf], "family": ["vgg", "vgg", "vgg", "vgg", "resnet"]})
    np.testing.assert_array_equal(latency.milliseconds(table), [4.0, np.nan, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(throughput.milliseconds(table), [250.0, np.nan, np.nan, np.nan, np.nan])


def test_column_with_a_family_holds_only_its_rows() -> None:
    table = pd.DataFrame({"a": [4.0, 5.0], "family": ["vgg", "resnet"]})
    column = LabelColumn("a", "a100-throughput", batch=0, family="resnet")
    np.testing.assert_array_equal(column.milliseconds(table), [np.nan, 5.0])


def test_measured_networks_bring_their_own_batch_size_and_family() -> None:
    table = MEASURED.read(DIRECTORY)
    assert {network.family for network in table.architectures} == set(FAMILIES)
    row = next(row for row, network in enumerate(table.architectures) if network.batch == 8)
    labelled = [column for column, latency in zip(table.columns, table.milliseconds[row]) if not np.isnan(latency)]
    assert {column.family for column in labelled} == {table.architectures[row].family}
    assert {table.batch(row, column) for column in labelled} == {8}


@pytest.mark.parametrize("name", LABEL_SETS)
def test_every_label_set_reads_and_writes(name: str) -> None:
    label_set = LABEL_SETS[name]
    if label_set.directory is None:
        label_set_file(label_set.file)
    if label_set.family == "nasbench201":
        label_set_file("nasbench201_architectures.csv")
    table = label_set.read(DIRECTORY)
    frame = label_set.read_table(label_set.path(DIRECTORY))
    rows = len(frame)
    assert len(table.architectures) == rows and table.milliseconds.shape == (rows, len(table.columns))
    assert {column.name for column in table.columns} <= set(frame.columns)
    assert np.nanmin(table.milliseconds) > 0
    has_label = ~np.isnan(table.milliseconds)
    is_due = np.stack(
        [(frame["family"] == column.family) if column.family else np.ones(rows, bool) for column in table.columns],
        axis=1,
    )
    assert is_due.any(axis=0).all() and not (has_label & ~is_due).any()
    # Networks that were only profiled have no latency where their kernels are too short to add up to one.
    assert has_label[is_due].mean() > (0.99 if label_set.is_tested else 0.8)
    assert bool(table.kernels) == (label_set.kernels_file is not None)
    descriptions = table.descriptions()
    assert descriptions.dtype == np.float32 and len(descriptions) == rows
    model = label_set.write(table.architectures[0], label_set.split_form(table.architectures[0]))
    assert len(model.graph.node) > 20


def test_columns_missing_from_a_file_are_skipped(tmp_path) -> None:
    file = label_set_file(FBNET.file)
    pd.read_csv(file, nrows=3).drop(columns=["pixel3", "2080ti_1"]).to_csv(tmp_path / FBNET.file)
    names = {column.name for column in FBNET.read(tmp_path).columns}
    assert "pixel3" not in names and "2080ti_1" not in names and "2080ti_32" in names
    pd.read_csv(file, nrows=3)[["index"]].to_csv(tmp_path / FBNET.file)
    with pytest.raises(ValueError, match="none of the columns"):
        FBNET.read(tmp_path)


def test_nasbench201_labels_below_half_a_millisecond_on_pixel3_are_disconnected_cells() -> None:
    table = NASBENCH201.read(label_set_file(NASBENCH201.file).parent)
    pixel3 = table.milliseconds[:, [column.name for column in table.columns].index("pixel3")]
    assert (table.disconnected() | (pixel3 >= 0.5)).all()
    assert 0 < (pixel3 < 0.5).sum() <= table.disconnected().sum()


def test_mnasnet_throughput_is_time_per_image() -> None:
    directory = label_set_file(MNASNET.file).parent
    table = MNASNET.read(directory)
    column = [column.name for column in table.columns].index("throughput_a100")
    expected = 1000 / pd.read_csv(directory / MNASNET.file)["throughput_a100"].to_numpy()
    np.testing.assert_allclose(table.milliseconds[:, column], expected)


def additive_labels(rows: int = 400, noise: float = 0.02) -> tuple[np.ndarray, np.ndarray]:
    """Milliseconds that are a sum over one-hot choices, with multiplicative noise, and the one-hot choices."""
    generator = np.random.default_rng(7)
    choices = generator.integers(0, 4, (rows, 5))
    descriptions = np.eye(4, dtype=np.float32)[choices].reshape(rows, -1)
    milliseconds = 2 + descriptions @ generator.uniform(0.5, 3, descriptions.shape[1])
    return milliseconds * np.exp(noise * generator.standard_normal(rows)), descriptions


def verdicts_of(milliseconds: np.ndarray, descriptions: np.ndarray, **masks: np.ndarray) -> np.ndarray:
    none = np.zeros(len(milliseconds), bool)
    return judge(milliseconds, descriptions, masks.get("has_no_graph", none), masks.get("is_validation", none))


class TestCleaning:
    def test_clean_labels_stay(self) -> None:
        assert (verdicts_of(*additive_labels()) == Verdict.CLEAN).all()
        assert (verdicts_of(*additive_labels(noise=0.0)) == Verdict.CLEAN).all(), "rounding errors are not outliers"

    def test_gross_errors_in_both_directions_go_and_nothing_else(self) -> None:
        milliseconds, descriptions = additive_labels()
        milliseconds[3] *= 2.5
        milliseconds[50] /= 3
        assert np.flatnonzero(verdicts_of(milliseconds, descriptions) == Verdict.OUTLIER).tolist() == [3, 50]

    def test_small_factors_stay_however_sure_the_fit_is(self) -> None:
        milliseconds, descriptions = additive_labels(noise=0.001)
        milliseconds[3] *= 0.95 * OUTLIER_FACTOR
        assert (verdicts_of(milliseconds, descriptions) == Verdict.CLEAN).all()

    def test_large_factors_stay_in_a_noisy_column(self) -> None:
        milliseconds, descriptions = additive_labels(noise=0.3)
        milliseconds[3] *= 1.1 * OUTLIER_FACTOR
        assert verdicts_of(milliseconds, descriptions)[3] == Verdict.CLEAN

    def test_validation_keeps_outliers_and_does_not_sway_the_fit(self) -> None:
        milliseconds, descriptions = additive_labels()
        is_validation = np.arange(len(milliseconds)) % 2 == 0
        milliseconds[is_validation] *= 10
        milliseconds[3] *= 2.5
        verdicts = verdicts_of(milliseconds, descriptions, is_validation=is_validation)
        assert np.flatnonzero(verdicts != Verdict.CLEAN).tolist() == [3]

    def test_unusable_and_disconnected_go_everywhere(self) -> None:
        milliseconds, descriptions = additive_labels()
        milliseconds[[0, 1]] = np.nan
        has_no_graph = np.arange(len(milliseconds)) < 4
        is_validation = np.arange(len(milliseconds)) % 2 == 0
        verdicts = verdicts_of(milliseconds, descriptions, has_no_graph=has_no_graph, is_validation=is_validation)
        assert verdicts[:5].tolist() == [Verdict.UNUSABLE] * 2 + [Verdict.DISCONNECTED] * 2 + [Verdict.CLEAN]

    def test_report_counts(self) -> None:
        counts = report("a", np.array([0, 0, 1, 2, 3, 3], np.uint8))
        assert (counts.clean, counts.unusable, counts.disconnected, counts.outliers) == (2, 1, 1, 2)

    def test_only_gross_errors_are_removed_from_real_columns(self) -> None:
        """At most 6 % of a phone's labels (they are coarse and often interrupted), at most 1 % elsewhere."""
        for name in ("nasbench201", "once_for_all"):
            table = LABEL_SETS[name].read(label_set_file(LABEL_SETS[name].file).parent)
            descriptions, none = table.descriptions(), np.zeros(len(table.architectures), bool)
            is_disconnected = table.disconnected()
            for number, column in enumerate(table.columns):
                has_no_graph = is_disconnected & (column.form is not Form.EXECUTED)
                verdicts = judge(table.milliseconds[:, number], descriptions, has_no_graph, none)
                share = (verdicts == Verdict.OUTLIER).mean()
                limit = 0.06 if column.platform_id.startswith("samsung") else 0.01
                assert share <= limit, f"{name} {column.name}: {share:.2%} of {DIRECTORY} would be removed"
