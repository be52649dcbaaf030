"""NNLQ's data as they are published (Liu et al., ICPP 2022): a folder with ``gt.txt`` and the networks it names.

A line of ``gt.txt`` is a measurement, its fields separated by spaces: number of the measurement, path of the ``.onnx``
file below the folder, batch size, milliseconds, family, number of the platform, and further fields that are not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pandas as pd

from nnformer_training.labels.label_sets import LabelColumn, LabelSet

FILE = "gt.txt"
NAME = "nnlq"
_COLUMN = "latency_ms_"
_FIELDS = ("measurement", "path", "batch", "milliseconds", "family", "platform")


@dataclass(frozen=True)
class MeasuredFile:
    """A network at the batch size it was measured at."""

    path: Path
    batch: int

    def read(self) -> onnx.ModelProto:
        return onnx.load(self.path, load_external_data=False)


def nnlq_label_set(directory: Path) -> LabelSet:
    """A column for each family and platform. ``ValueError`` for a ``gt.txt`` of another form."""
    table = _read(directory / FILE)
    platforms = sorted(int(name.removeprefix(_COLUMN)) for name in table.columns if name.startswith(_COLUMN))
    pairs = [
        (platform, family)
        for platform in platforms
        for family in sorted(set(table.loc[table[f"{_COLUMN}{platform}"].notna(), "family"]))
    ]
    return LabelSet(
        name=NAME,
        file=FILE,
        family="",
        columns=tuple(
            LabelColumn(f"{_COLUMN}{platform}", f"nnlq-platform-{platform}", batch=0, family=family)
            for platform, family in pairs
        ),
        architectures=lambda frame, _: [
            MeasuredFile(directory / path, int(batch)) for path, batch in zip(frame["path"], frame["batch"])
        ],
        write=lambda network, form: network.read(),
        describe=lambda network: np.zeros(0, np.float32),
        own_batch=lambda network: network.batch,
        is_screened=False,
        directory=directory,
        read_table=_read,
    )


def _read(path: Path) -> pd.DataFrame:
    """A row for each network and batch size, so that what was measured of it on several platforms is known to be of
    one network. Of measurements on one platform the mean."""
    rows = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        fields = line.split()
        if not fields:
            continue
        try:
            values = dict(zip(_FIELDS, fields[: len(_FIELDS)], strict=True))
            latency = float(values["milliseconds"])
            row = {"path": values["path"], "batch": int(values["batch"]), "family": values["family"]}
            column = f"{_COLUMN}{int(values['platform'])}"
        except ValueError:
            raise ValueError(f"{path}, line {number}: not '{' '.join(_FIELDS)} …': {line[:80]!r}") from None
        rows.append({**row, column: latency})
    return pd.DataFrame(rows).groupby(["path", "batch", "family"], sort=False, as_index=False).mean()
