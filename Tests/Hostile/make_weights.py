"""Writes Tests/Hostile/weights: safetensors files that must be refused, each wrong in the one way its name says.

    python Tests/Hostile/make_weights.py
"""

from __future__ import annotations

import struct
from pathlib import Path

FOLDER = Path(__file__).parent / "weights"


def document(header: str, data_size: int = 8) -> bytes:
    """Header padded to a multiple of 8, then zeros."""
    text = header.encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + bytes(data_size)


def tensor(shape: str, offsets: str, name: str = "a", element_type: str = "F32") -> str:
    return f'"{name}":{{"dtype":"{element_type}","shape":{shape},"data_offsets":{offsets}}}'


def one_tensor(shape: str, offsets: str, element_type: str = "F32", data_size: int = 8) -> bytes:
    return document("{" + tensor(shape, offsets, element_type=element_type) + "}", data_size)


def two_tensors(first: str, second: str, names: str = "ab") -> bytes:
    return document("{" + tensor("[1]", first, names[0]) + "," + tensor("[1]", second, names[1]) + "}")


FILES = {
    "empty": b"",
    "header-length-huge": struct.pack("<Q", 2**64 - 1) + b"{}",
    "header-length-maximum": struct.pack("<Q", 100_000_000) + b"{}",
    "begins-with-space": document(" {}", 0),
    "header-not-object": document('{}[]', 0),
    "unterminated-string": document('{"a', 0),
    "nested-deeply": document('{"a":' + "[" * 10_000 + "]" * 10_000 + "}", 0),
    "misaligned": struct.pack("<Q", 2 + 1) + b"{} ",
    "metadata-not-strings": document('{"__metadata__":{"a":1}}', 0),
    "duplicate-key": two_tensors("[0,4]", "[4,8]", names="aa"),
    "overlap": two_tensors("[0,4]", "[0,4]"),
    "gap": two_tensors("[0,4]", "[8,12]"),
    "trailing-data": one_tensor("[1]", "[0,4]"),
    "element-type-f16": one_tensor("[4]", "[0,8]", element_type="F16"),
    "shape-negative": one_tensor("[-2]", "[0,8]"),
    "shape-fractional": one_tensor("[2.0]", "[0,8]"),
    "shape-overflow": one_tensor("[4294967296,4294967296,4294967296]", "[0,8]"),
    "shape-size-mismatch": one_tensor("[3]", "[0,8]"),
    "rank-excessive": one_tensor("[2,1,1,1,1,1,1,1,1]", "[0,8]"),
    "offset-beyond-file": one_tensor("[4]", "[0,16]"),
    "offsets-huge": one_tensor("[2]", "[18446744073709551608,18446744073709551616]"),
    "offsets-negative": one_tensor("[2]", "[-8,0]"),
    "offsets-reversed": one_tensor("[2]", "[8,0]"),
}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, contents in FILES.items():
        (FOLDER / f"{name}.safetensors").write_bytes(contents)


if __name__ == "__main__":
    main()
