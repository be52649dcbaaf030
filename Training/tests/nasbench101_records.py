"""NAS-Bench-101's official file as it was published: TFRecords, each a training of one cell."""

from __future__ import annotations

import base64
import json
import struct

from nnformer_training.accuracy.nasbench101_file import ModelMetrics, masked_checksum


def framed(data: bytes) -> bytes:
    """One record with its length and both checksums."""
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_checksum(length)) + data + struct.pack("<I", masked_checksum(data))


def record(module_hash: str, epochs: int, adjacency: str, operations: str, metrics: ModelMetrics) -> bytes:
    """adjacency: the matrix row by row, a digit an entry; operations: names with commas between them."""
    encoded = base64.b64encode(metrics.SerializeToString()).decode()
    return framed(json.dumps([module_hash, epochs, adjacency, operations, encoded]).encode())
