"""Reader of NAS-Bench-101's official file, `nasbench_only108.tfrecord` (Ying et al., ICML 2019).

TFRecord: records one after another, each

| bytes | what |
|---|---|
| 0 ..< 8 | N, length of the data, unsigned, little-endian |
| 8 ..< 12 | masked CRC-32C of those 8 bytes |
| 12 ..< 12 + N | the data |
| 12 + N ..< 16 + N | masked CRC-32C of the data |

where masked(c) = rotate_right(c, 15) + 0xa282ead8 modulo 2³². The data is a JSON array: module hash, epochs, adjacency
(a string of N² digits), operations (a string, joined by commas), metrics (base64 of a protocol buffer, `_METRICS`
below). A module has a record for every repeat of its training.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import crc32c
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

MASK_DELTA = 0xA282EAD8
#: Of one record; those of the benchmark have a few hundred bytes.
MAXIMUM_RECORD_BYTES = 1 << 20


class MalformedFileError(ValueError):
    """Says what is wrong and at which byte."""


@dataclass(frozen=True)
class Record:
    """One training of one module; test_accuracy is a fraction, after the last epoch."""

    module_hash: str
    epochs: int
    adjacency: tuple[tuple[int, ...], ...]
    operations: tuple[str, ...]
    test_accuracy: float
    trainable_parameters: int


def read_records(path: Path) -> Iterator[Record]:
    """All records in order, in constant memory. Raises `MalformedFileError`."""
    with path.open("rb") as file:
        for offset, data in _framed(file):
            yield _record(data, offset)


def masked_checksum(data: bytes) -> int:
    checksum = crc32c.crc32c(data)
    return ((checksum >> 15 | checksum << 17) + MASK_DELTA) & 0xFFFFFFFF


def _framed(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while header := file.read(12):
        if len(header) < 12:
            raise MalformedFileError(f"the file ends within the header of the record at byte {offset}")
        length, checksum = struct.unpack("<QI", header)
        if checksum != masked_checksum(header[:8]):
            raise MalformedFileError(f"the length of the record at byte {offset} does not have its checksum")
        if length > MAXIMUM_RECORD_BYTES:
            raise MalformedFileError(
                f"the record at byte {offset} claims {length} bytes, more than {MAXIMUM_RECORD_BYTES}"
            )
        data, footer = file.read(length), file.read(4)
        if len(data) < length or len(footer) < 4:
            raise MalformedFileError(f"the file ends within the record at byte {offset}")
        if struct.unpack("<I", footer)[0] != masked_checksum(data):
            raise MalformedFileError(f"the data of the record at byte {offset} does not have its checksum")
        yield offset, data
        offset += 16 + length


def _record(data: bytes, offset: int) -> Record:
    try:
        module_hash, epochs, adjacency, operations, encoded = json.loads(data)
        names = tuple(operations.split(","))
        count = len(names)
        if len(adjacency) != count * count or set(adjacency) - {"0", "1"}:
            raise ValueError(f"{count} operations do not fit the adjacency {adjacency!r}")
        metrics = ModelMetrics.FromString(base64.b64decode(encoded, validate=True))
        final = metrics.evaluation_data[-1]
    except (ValueError, TypeError, IndexError, AttributeError, _decode_error()) as error:
        raise MalformedFileError(f"the record at byte {offset} is not one of NAS-Bench-101: {error}") from error
    rows = tuple(tuple(int(digit) for digit in adjacency[row * count : (row + 1) * count]) for row in range(count))
    return Record(module_hash, int(epochs), rows, names, final.test_accuracy, metrics.trainable_parameters)


def _decode_error() -> type[Exception]:
    from google.protobuf.message import DecodeError

    return DecodeError


_FIELD = descriptor_pb2.FieldDescriptorProto
_DOUBLE, _INT32, _STRING, _MESSAGE = _FIELD.TYPE_DOUBLE, _FIELD.TYPE_INT32, _FIELD.TYPE_STRING, _FIELD.TYPE_MESSAGE
#: nasbench/lib/model_metrics.proto: by message its fields as (name, type), numbered from 1.
_METRICS: dict[str, list[tuple[str, Any]]] = {
    "EvaluationData": [
        ("current_epoch", _DOUBLE), ("training_time", _DOUBLE), ("train_accuracy", _DOUBLE),
        ("validation_accuracy", _DOUBLE), ("test_accuracy", _DOUBLE), ("checkpoint_path", _STRING),
    ],
    "ModelMetrics": [("evaluation_data", _MESSAGE), ("trainable_parameters", _INT32), ("total_time", _DOUBLE)],
}  # fmt: skip


def _model_metrics() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="nasbench/model_metrics.proto", package="nasbench", syntax="proto2")
    for name, fields in _METRICS.items():
        message = file.message_type.add(name=name)
        for number, (field_name, kind) in enumerate(fields, 1):
            field = message.field.add(name=field_name, number=number, type=kind, label=_FIELD.LABEL_OPTIONAL)
            if kind == _MESSAGE:
                field.label, field.type_name = _FIELD.LABEL_REPEATED, ".nasbench.EvaluationData"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("nasbench.ModelMetrics"))


ModelMetrics = _model_metrics()
