"""safetensors files out of nothing but the format, for tests that run where no safetensors package is installed."""

import json
import struct
from collections.abc import Mapping, Sequence


def beginning(header: Mapping[str, object], minimum_size: int = 0) -> bytes:
    """All that comes before the data: the header's length and the header, with spaces up to a multiple of 8 bytes."""
    text = json.dumps(header).encode().ljust(max(minimum_size - 8, 0))
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text


def split(file: bytes) -> tuple[dict, bytes]:
    """The header and the data of a file."""
    end = 8 + struct.unpack("<Q", file[:8])[0]
    return json.loads(file[8:end]), file[end:]


def pack(tensors: Mapping[str, Sequence[float]], metadata: Mapping[str, str]) -> bytes:
    """A file of float32 tensors of rank 1."""
    header, data = {"__metadata__": metadata}, b""
    for name, numbers in tensors.items():
        end = len(data) + 4 * len(numbers)
        header[name] = {"dtype": "F32", "shape": [len(numbers)], "data_offsets": [len(data), end]}
        data += struct.pack(f"<{len(numbers)}f", *numbers)
    return beginning(header) + data
