"""Measured latencies: which files there are, what each column means, and which graph it was measured on.

The files live outside the repository. Columns that the table knows but a file lacks are skipped, so the same code
reads fuller editions of the public sets; columns that the table does not know are not labels.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd

from nnformer_training.labels.platforms import MEASURED_PLATFORMS, PLATFORMS_BY_ID, Platform
from nnformer_training.locations import TRAINING
from nnformer_training.measure.networks import zoo_networks
from nnformer_training.measure.profiles import Kernel, read_kernels
from nnformer_training.search_spaces import fbnet, mnasnet, nasbench201, once_for_all
from nnformer_training.search_spaces.nasbench201 import Form
from nnformer_training.zoo import FAMILIES

#: What was measured with ``nnformer-measure``: part of the repository.
MEASURED_DIRECTORY = TRAINING / "measured"


class Unit(enum.StrEnum):
    """What the numbers of a column are."""

    MILLISECONDS = "ms"
    IMAGES_PER_SECOND = "images/s"


@dataclass(frozen=True)
class LabelColumn:
    """A column of measurements: every row's network on one platform at one batch size.

    A batch of 0 is the network's own. A column with a family holds only the rows of that family.
    """

    name: str
    platform_id: str
    batch: int = 1
    #: The graph that the labels belong to; only NAS-Bench-201 has more than the executed one.
    form: Form = Form.EXECUTED
    unit: Unit = Unit.MILLISECONDS
    family: str = ""

    @property
    def platform(self) -> Platform:
        return PLATFORMS_BY_ID[self.platform_id]

    def milliseconds(self, frame: pd.DataFrame) -> np.ndarray:
        """Float64 milliseconds (per image where the column is a throughput); NaN for what is no usable measurement:
        empty, not finite, not positive, of another family."""
        numbers = frame[self.name].to_numpy(np.float64)
        usable = np.where(np.isfinite(numbers) & (numbers > 0), numbers, np.nan)
        if self.family:
            usable = np.where(frame["family"] == self.family, usable, np.nan)
        return 1000.0 / usable if self.unit is Unit.IMAGES_PER_SECOND else usable


@dataclass(frozen=True)
class LabelSet:
    """A file of measurements over one family of networks.

    ``architectures`` turns the file's table into one architecture a row; ``write`` and ``describe`` turn one
    architecture into its ONNX graph and into the one-hot description that simple predictors and the outlier rule use.
    """

    name: str
    file: str
    family: str
    columns: tuple[LabelColumn, ...]
    architectures: Callable[[pd.DataFrame, Path], list[Any]]
    write: Callable[[Any, Form], onnx.ModelProto]
    describe: Callable[[Any], np.ndarray]
    is_disconnected: Callable[[Any], bool] = lambda architecture: False
    #: Batch size of an architecture that brings its own, for columns without one.
    own_batch: Callable[[Any], int] = lambda architecture: 1
    #: Whether a linear function of the description fits well enough to tell gross outliers (``cleaning``).
    is_screened: bool = True
    #: Where the file lies; label sets without a folder of their own lie in that of ``--labels``.
    directory: Path | None = None
    #: What the kernels of its networks took (``profile``), in the same folder; none: not known.
    kernels_file: str | None = None
    #: Whether its labels are good enough for validation and tests; if not, all of them train.
    is_tested: bool = True
    read_table: Callable[[Path], pd.DataFrame] = pd.read_csv

    def path(self, directory: Path) -> Path:
        return (self.directory or directory) / self.file

    def read(self, directory: Path) -> LabelTable:
        """Read the file under ``directory``; ``FileNotFoundError`` where it is missing."""
        frame = self.read_table(self.path(directory))
        present = tuple(column for column in self.columns if column.name in frame.columns)
        if not present:
            raise ValueError(f"{self.path(directory)} has none of the columns of label set {self.name}")
        table = LabelTable(
            label_set=self,
            architectures=self.architectures(frame, directory),
            columns=present,
            milliseconds=np.stack([column.milliseconds(frame) for column in present], axis=1),
        )
        if self.kernels_file is None:
            return table
        return replace(table, kernels=_kernels(table, self.path(directory).with_name(self.kernels_file)))

    def split_form(self, architecture: Any) -> Form:
        """The form whose hash decides the split: pruned, so that cells that compute the same fall on one side."""
        if self.family != "nasbench201" or self.is_disconnected(architecture):
            return Form.EXECUTED
        return Form.PRUNED


@dataclass(frozen=True)
class LabelTable:
    """A label set as read: architecture i (a row of the file) took ``milliseconds[i, c]`` in ``columns[c]``, or NaN."""

    label_set: LabelSet
    architectures: list[Any]
    columns: tuple[LabelColumn, ...]
    milliseconds: np.ndarray
    #: By row and column: the kernels of that network on that platform, where they are known.
    kernels: Mapping[tuple[int, int], list[Kernel]] = field(default_factory=dict)

    def batch(self, row: int, column: LabelColumn) -> int:
        return column.batch or self.label_set.own_batch(self.architectures[row])

    def descriptions(self) -> np.ndarray:
        """Float32 [rows, d]: the one-hot descriptions."""
        return np.stack([self.label_set.describe(architecture) for architecture in self.architectures])

    def disconnected(self) -> np.ndarray:
        """Bool [rows]: networks whose output does not depend on their input."""
        return np.array([self.label_set.is_disconnected(architecture) for architecture in self.architectures], bool)


def _kernels(table: LabelTable, path: Path) -> dict[tuple[int, int], list[Kernel]]:
    rows = {architecture.name: row for row, architecture in enumerate(table.architectures)}
    columns = {
        (row, column.platform_id): number
        for number, column in enumerate(table.columns)
        for row in np.flatnonzero(~np.isnan(table.milliseconds[:, number])).tolist()
    }
    found = {}
    for (network, runtime), kernels in read_kernels(path).items():
        key = (rows[network], MEASURED_PLATFORMS[runtime])
        if key in columns:
            found[key[0], columns[key]] = kernels
    return found


def _batches(device: str, platform_id: str, *batches: int) -> list[LabelColumn]:
    return [LabelColumn(f"{device}_{batch}", platform_id, batch) for batch in batches]


def _help_columns(largest_batch: int, compiled: Form) -> tuple[LabelColumn, ...]:
    """The columns of HELP's NAS-Bench-201 and FBNet tables, which differ in the largest batch of the GPUs and in
    whether a compiler leaves another graph than an eager framework (``compiled``)."""
    columns: list[LabelColumn] = []
    for device in ("1080ti", "2080ti", "titanx", "titanxp", "titan_rtx"):
        columns += _batches(device, f"{device}-pytorch-fp32", 1, 32, largest_batch)
    for device in ("gold_6240", "silver_4114", "silver_4210r"):
        columns.append(LabelColumn(device, f"{device}-pytorch-fp32"))
    for device in ("essential_ph_1", "samsung_a50", "samsung_s7"):
        columns.append(LabelColumn(device, f"{device}-eager-fp32"))
    for device in ("pixel3", "raspi4"):
        columns.append(LabelColumn(device, f"{device}-tflite-fp32", form=compiled))
    for device in ("eyeriss", "fpga"):
        columns.append(LabelColumn(device, f"{device}-simulated"))
    return tuple(columns)


def _nasbench201_from_indices(frame: pd.DataFrame, directory: Path) -> list[str]:
    # Indices are those of the official order, whichever table they appear in.
    space = pd.read_csv(directory / "nasbench201_architectures.csv").set_index("index")["arch"]
    return space.loc[frame["index"]].tolist()


def _fbnet(frame: pd.DataFrame, directory: Path) -> list[tuple[int, ...]]:
    return list(map(tuple, frame[[f"op{position}" for position in range(fbnet.POSITIONS)]].to_numpy().tolist()))


def _once_for_all(frame: pd.DataFrame, directory: Path) -> list[once_for_all.Architecture]:
    return [once_for_all.Architecture.from_json(text) for text in frame["arch"]]


def _mnasnet(frame: pd.DataFrame, directory: Path) -> list[tuple[mnasnet.Stage, ...]]:
    stages = len(mnasnet.STAGE_CHANNELS)
    numbers = frame[[f"block{stage}_{part}" for stage in range(stages) for part in ("e", "k", "l", "se")]].to_numpy()
    return [
        tuple(mnasnet.Stage(int(e), int(k), int(layers), bool(se)) for e, k, layers, se in row.reshape(stages, 4))
        for row in numbers
    ]


NASBENCH201 = LabelSet(
    name="nasbench201",
    file="nasbench201_latency_ms.csv",
    family="nasbench201",
    columns=_help_columns(largest_batch=256, compiled=Form.COMPILED),
    architectures=_nasbench201_from_indices,
    write=nasbench201.write_network,
    describe=nasbench201.one_hot_edges,
    is_disconnected=nasbench201.is_disconnected,
)

NNLQ_NASBENCH201 = LabelSet(
    name="nnlq_nasbench201",
    file="nnlq_nasbench201_gtx1660_trt71_fp32.csv",
    family="nasbench201",
    columns=(LabelColumn("latency_ms", "gtx1660-tensorrt7.1-fp32", form=Form.PRUNED),),
    architectures=_nasbench201_from_indices,
    write=nasbench201.write_network,
    describe=nasbench201.one_hot_edges,
    is_disconnected=nasbench201.is_disconnected,
)

FBNET = LabelSet(
    name="fbnet",
    file="fbnet_latency_ms.csv",
    family="fbnet",
    columns=_help_columns(largest_batch=64, compiled=Form.EXECUTED),
    architectures=_fbnet,
    write=lambda operations, form: fbnet.write_network(operations),
    describe=fbnet.one_hot_blocks,
)

ONCE_FOR_ALL = LabelSet(
    name="once_for_all",
    file="ofa_latency_ms.csv",
    family="once_for_all",
    columns=(
        *_batches("2080ti", "2080ti-pytorch-fp32", 1, 32, 64),
        *_batches("titan_rtx", "titan_rtx-pytorch-fp32", 1, 32, 64),
        *_batches("titan_xp", "titanxp-pytorch-fp32", 1, 32, 64),
        *_batches("v100", "v100-pytorch-fp32", 1, 32, 64),
    ),
    architectures=_once_for_all,
    write=lambda architecture, form: once_for_all.write_network(architecture),
    describe=once_for_all.Architecture.one_hot,
)

MNASNET = LabelSet(
    name="mnasnet",
    file="accel_nasbench.csv",
    family="mnasnet",
    columns=(
        LabelColumn("latency_zcu102", "zcu102-vitisai-int8"),
        LabelColumn("latency_vck190", "vck190-vitisai-int8"),
        LabelColumn("throughput_zcu102", "zcu102-vitisai-int8-throughput", unit=Unit.IMAGES_PER_SECOND),
        LabelColumn("throughput_vck190", "vck190-vitisai-int8-throughput", unit=Unit.IMAGES_PER_SECOND),
        LabelColumn("throughput_a100", "a100-throughput", unit=Unit.IMAGES_PER_SECOND),
        LabelColumn("throughput_3090", "rtx3090-throughput", unit=Unit.IMAGES_PER_SECOND),
        LabelColumn("throughput_tpuv2", "tpuv2-throughput", unit=Unit.IMAGES_PER_SECOND),
        LabelColumn("throughput_tpuv3", "tpuv3-throughput", unit=Unit.IMAGES_PER_SECOND),
    ),
    architectures=_mnasnet,
    write=lambda stages, form: mnasnet.write_network(stages),
    describe=mnasnet.one_hot_stages,
)

MEASURED = LabelSet(
    name="measured",
    file="zoo_latency_ms.csv",
    family="zoo",
    columns=tuple(
        LabelColumn(f"{runtime}_ms", platform_id, batch=0, family=family)
        for runtime, platform_id in MEASURED_PLATFORMS.items()
        for family in FAMILIES
    ),
    architectures=lambda frame, directory: zoo_networks(frame.to_dict("records")),
    write=lambda network, form: network.write(),
    # Too varied for a linear description; measured again and again instead of screened.
    describe=lambda network: np.zeros(0, np.float32),
    own_batch=lambda network: network.batch,
    is_screened=False,
    directory=MEASURED_DIRECTORY,
    kernels_file="zoo_kernels.csv.gz",
)

#: Further networks, of which only the kernels were timed, once: training learns from them, no test uses them.
PROFILED = replace(
    MEASURED,
    name="profiled",
    file="profiled_latency_ms.csv.gz",
    kernels_file="profiled_kernels.csv.gz",
    is_tested=False,
)

#: Every label set, by name, in the order in which caches list them.
LABEL_SETS: dict[str, LabelSet] = {
    label_set.name: label_set
    for label_set in (NASBENCH201, NNLQ_NASBENCH201, FBNET, ONCE_FOR_ALL, MNASNET, MEASURED, PROFILED)
}


def is_tested(label_set: str) -> bool:
    """Whether labels of the set of that name may test; those of sets that the table does not know, such as NNLQ's,
    may."""
    return label_set not in LABEL_SETS or LABEL_SETS[label_set].is_tested
