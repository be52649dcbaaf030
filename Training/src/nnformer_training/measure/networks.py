"""What is to be measured: ONNX files of the user's, or networks of the zoo, which are written when they are needed."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import onnx

from nnformer_training.measure.parameters import fix_batch, refer_to_weights, write_weights_file
from nnformer_training.zoo import FAMILIES

_MODEL_NAME = "model.onnx"


class Network(Protocol):
    """A network at a batch size. Picklable, so that another process can prepare it."""

    @property
    def name(self) -> str:
        """Unique within a campaign."""
        ...

    @property
    def batch(self) -> int: ...

    def prepare(self, workspace: Path) -> Path:
        """The path of a model that is ready to run: parameters have values, the batch axis its extent. Files may be
        written to the folder ``workspace``, to be replaced by those of the next network."""
        ...


@dataclass(frozen=True)
class NetworkFile:
    """An ``.onnx`` file; where the first axis of an input is symbolic, it gets the batch size, and where it is not, it
    has to be that already."""

    path: Path
    batch: int = 1

    @property
    def name(self) -> str:
        return self.path.stem if self.batch == 1 else f"{self.path.stem}@{self.batch}"

    def prepare(self, workspace: Path) -> Path:
        skeleton = onnx.load(self.path, load_external_data=False)
        shapes = [value.type.tensor_type.shape.dim for value in skeleton.graph.input]
        symbolic = [shape[0] for shape in shapes if shape and not shape[0].HasField("dim_value")]
        if not symbolic:
            fixed = shapes[0][0].dim_value if shapes and shapes[0] else 1
            if fixed != self.batch:
                raise ValueError(f"its batch size is fixed at {fixed} and cannot be {self.batch}: give --batch {fixed}")
            return self.path
        onnx.load_external_data_for_model(skeleton, str(self.path.parent))
        for dimension in symbolic:
            dimension.dim_value = self.batch
        path = workspace / _MODEL_NAME
        onnx.save(skeleton, path)
        return path


@dataclass(frozen=True)
class ZooNetwork:
    """A row of the zoo's list: the recipe as JSON, the seed that drew it and the batch size."""

    name: str
    family: str
    seed: int
    batch: int
    recipe: str

    def write(self) -> onnx.ModelProto:
        """As the library reads it: no parameter has bytes, the batch axis is symbolic."""
        family = FAMILIES[self.family]
        return family.write(family.from_json(self.recipe))

    def prepare(self, workspace: Path) -> Path:
        model = self.write()
        fix_batch(model, self.batch)
        refer_to_weights(model)
        write_weights_file(workspace)
        path = workspace / _MODEL_NAME
        path.write_bytes(model.SerializeToString())
        return path


def network_files(paths: Sequence[Path], batches: Sequence[int]) -> list[Network]:
    """Files, and the ``.onnx`` files of folders, each at each batch size. ``FileNotFoundError`` for what is not
    there."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(path.glob("*.onnx"))
        elif path.exists():
            files.append(path)
        else:
            raise FileNotFoundError(f"{path}: no such file or folder")
    return [NetworkFile(file, batch) for file in files for batch in batches]


def read_zoo(path: Path) -> list[ZooNetwork]:
    """The list that ``sample-zoo`` wrote."""
    with path.open(newline="") as file:
        return zoo_networks(csv.DictReader(file))


def zoo_networks(rows: Iterable[Mapping[str, str]]) -> list[ZooNetwork]:
    """From the rows of a table that has at least the columns of the zoo's list."""
    return [
        ZooNetwork(row["network"], row["family"], int(row["seed"]), int(row["batch"]), row["recipe"]) for row in rows
    ]
