"""Makes files that the library must refuse, each with the status and a part of the message that say why.

    python make_hostile.py [folder]

`expected.tsv` names them: file, status (nnformer_status of nnformer.h), part of the message. Files that are not refused, but once
ended the process, are named `.onnx`.
"""

from __future__ import annotations

import gzip
import pickle
import random
import sys
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

INPUT_OUTPUT = 2
MALFORMED_INPUT = 3
LIMIT_EXCEEDED = 4


class Refusal(NamedTuple):
    """Content of a file, and how the library must answer it."""

    content: bytes
    status: int
    message_part: str


def varint(value: int) -> bytes:
    """https://protobuf.dev/programming-guides/encoding/#varints"""
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def delimited(number: int, content: bytes, claimed_length: int | None = None) -> bytes:
    """A length-delimited field, whose length may lie."""
    length = len(content) if claimed_length is None else claimed_length
    return varint(number << 3 | 2) + varint(length) + content


def relu_model(**changes: object) -> onnx.ModelProto:
    """A small valid model."""
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "relu", value[:1], value[1:], **changes)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])


def with_tensor(dims: list[int], name: str = "weight") -> bytes:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=dims)
    return relu_model(initializer=[tensor]).SerializeToString()


def nested(depth: int) -> bytes:
    """A model whose main graph holds `depth` subgraphs, one inside the other, built from the inside."""
    graph = delimited(2, b"innermost")
    for _ in range(depth):
        attribute = delimited(1, b"body") + delimited(6, graph) + b"\xa0\x01\x05"
        graph = delimited(1, delimited(4, b"Loop") + delimited(5, attribute))
    return b"\x08\x08" + delimited(7, graph) + delimited(8, b"\x10\x11")


def without(model: onnx.ModelProto, field: str) -> bytes:
    model.ClearField(field)
    return model.SerializeToString()


def zip_archive() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("archive/data.pkl"), b"data")
    return buffer.getvalue()


def refusals() -> dict[str, Refusal]:
    valid = relu_model().SerializeToString()
    graph = relu_model().graph.SerializeToString()
    tensor = numpy_helper.from_array(np.zeros(3, np.float32)).SerializeToString()
    kinds = {
        "empty": Refusal(b"", INPUT_OUTPUT, "is empty"),
        "text": Refusal(b"not a model\n" * 40, MALFORMED_INPUT, "looks like text"),
        "onnx_text": Refusal(b'<ir_version: 8, opset_import: ["" : 17]>\nagraph', MALFORMED_INPUT, "looks like text"),
        "html": Refusal(b"<!DOCTYPE html><title>404</title>", MALFORMED_INPUT, "an HTML page"),
        "xml": Refusal(b'<?xml version="1.0"?><net/>', MALFORMED_INPUT, "an XML file"),
        "lfs_pointer": Refusal(
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", MALFORMED_INPUT, "a Git LFS pointer"
        ),
        "zip": Refusal(zip_archive(), MALFORMED_INPUT, "a ZIP archive"),
        "gzip": Refusal(gzip.compress(valid, mtime=0), MALFORMED_INPUT, "a gzip file"),
        "pickle": Refusal(pickle.dumps([1, 2, 3], protocol=2), MALFORMED_INPUT, "a Python pickle"),
        "tflite": Refusal(b"\x1c\0\0\0TFL3" + bytes(56), MALFORMED_INPUT, "a TensorFlow Lite model"),
        "safetensors": Refusal(b"\x10\0\0\0\0\0\0\0" + b'{"a":{}}        ', MALFORMED_INPUT, "a safetensors file"),
        "zeros": Refusal(bytes(64), MALFORMED_INPUT, "no protobuf field starts at byte 0"),
        "tensor_without_model": Refusal(tensor, MALFORMED_INPUT, "holds no graph"),
    }
    structure = {
        "no_graph": Refusal(without(relu_model(), "graph"), MALFORMED_INPUT, "holds no graph"),
        "no_operator_set": Refusal(without(relu_model(), "opset_import"), MALFORMED_INPUT, "imports no operator set"),
        "truncated_in_graph": Refusal(
            valid[: len(valid) // 2], MALFORMED_INPUT, f"truncated: the file ends at byte {len(valid) // 2}"
        ),
        "truncated_in_tag": Refusal(valid + b"\xa2", MALFORMED_INPUT, f"truncated: the file ends at byte {len(valid) + 1}"),
        "graph_longer_than_file": Refusal(
            b"\x08\x08" + delimited(7, graph, claimed_length=2**63), MALFORMED_INPUT, "truncated"
        ),
        "node_longer_than_graph": Refusal(
            b"\x08\x08" + delimited(7, delimited(1, b"", claimed_length=5)) + delimited(8, b"\x10\x11"),
            MALFORMED_INPUT, "corrupt: the field at byte 4 runs past the end of its message",
        ),
        "endless_varint": Refusal(b"\x08" + b"\xff" * 20, MALFORMED_INPUT, "does not end after 10 bytes"),
        "group": Refusal(b"\x08\x08\x3b", MALFORMED_INPUT, "no protobuf field starts at byte 2"),
        "field_number_zero": Refusal(valid + b"\x02\x00", MALFORMED_INPUT, "no protobuf field starts at byte"),
        "overlong_length": Refusal(
            b"\x08\x08" + b"\x3a" + bytes([0x80 | len(graph)]) + b"\x80" * 6 + b"\x00" + graph, MALFORMED_INPUT,
            "libonnx rejects",
        ),
    }
    tensors = {
        "negative_dimension": Refusal(with_tensor([2, -3]), MALFORMED_INPUT, "'weight' has an extent of -3 at axis 1"),
        "overflowing_dimensions": Refusal(with_tensor([2**40, 2**40]), MALFORMED_INPUT, "'weight' has an extent"),
        "overflow_hidden_by_zero": Refusal(with_tensor([0, 2**62, 4]), MALFORMED_INPUT, "'weight' has an extent of 4"),
        "too_many_tensor_axes": Refusal(with_tensor([1] * 65), LIMIT_EXCEEDED, "'weight' has 65 axes"),
        "too_many_value_axes": Refusal(
            relu_model(value_info=[helper.make_tensor_value_info("wide", TensorProto.FLOAT, [1] * 65)]).SerializeToString(),
            LIMIT_EXCEEDED, "'wide' has 65 axes",
        ),
    }
    nesting = {
        "nested_9_deep": Refusal(nested(9), LIMIT_EXCEEDED, "nests subgraphs more than 8 deep"),
        "nested_2000_deep": Refusal(nested(2000), LIMIT_EXCEEDED, "nests subgraphs more than 8 deep"),
    }
    return kinds | structure | tensors | nesting | multiplications()


def multiplications() -> dict[str, Refusal]:
    """Small files that ask for much: what functions write out again at every call, and bodies that are inferred again."""
    shape = [1000] + [1] * 63
    parts = helper.make_node("Split", ["a"], ["b"] + [f"n{i}" for i in range(999)], axis=0)
    generator = random.Random(1)
    hubs = [helper.make_node("Relu", ["a"], [f"h{i}"]) for i in range(64)]
    members = [helper.make_node("Sum", [f"h{i}" for i in generator.sample(range(64), 8)], [f"n{j}"]) for j in range(512)]
    joined = helper.make_node("Sum", [node.output[0] for node in members], ["b"])
    listed = helper.make_node("Relu", ["a"], ["b"], kernel_shape=[1] * 20_000)
    return {
        "multiplied_names": Refusal(
            called([helper.make_node("O" * 30_000, ["a"], ["b"], domain="f")], 80), LIMIT_EXCEEDED,
            "names and attributes of the model's functions",
        ),
        "multiplied_attributes": Refusal(
            called([listed], 80), LIMIT_EXCEEDED, "names and attributes of the model's functions"
        ),
        "multiplied_shapes": Refusal(called([parts], 26, shape), LIMIT_EXCEEDED, "the shapes of the model's values"),
        "multiplied_siblings": Refusal(called([*hubs, *members, joined], 10), LIMIT_EXCEEDED, "siblings"),
        "multiplied_bodies": Refusal(nested_loops(8), LIMIT_EXCEEDED, "nest too deeply to be inferred"),
    }


def called(body: list[onnx.NodeProto], count: int, shape: Sequence[int] = (1, 4)) -> bytes:
    """A model that calls a function `count` times which calls another, of the given body from `a` to `b`, as often."""
    sets = [helper.make_opsetid("", 17), helper.make_opsetid("f", 1)]

    def calls(name: str, first: str) -> list[onnx.NodeProto]:
        return [helper.make_node(name, [first], [f"v{i}"], domain="f") for i in range(count)] + [
            helper.make_node("Sum", [f"v{i}" for i in range(count)], ["b"])
        ]

    inner = helper.make_function("f", "Inner", ["a"], ["b"], body, sets)
    outer = helper.make_function("f", "Outer", ["a"], ["b"], calls("Inner", "a"), sets)
    graph = helper.make_graph(
        calls("Outer", "x"), "calls", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("b", TensorProto.FLOAT, None)],
    )
    return helper.make_model(graph, opset_imports=sets, functions=[inner, outer]).SerializeToString()


def nested_loops(depth: int) -> bytes:
    """Two loops in each body, whose carried value rotates its axes, so that each is inferred three times: 6^depth in all."""

    def loop(level: int, number: int) -> onnx.NodeProto:
        nodes = [loop(level + 1, inner) for inner in range(2)] if level < depth else []
        nodes.append(helper.make_node("Transpose", ["v"], ["o"], perm=[1, 2, 0]))
        inputs = [helper.make_tensor_value_info(*value) for value in (("i", 7, []), ("d", 9, []), ("v", 1, None))]
        outputs = [helper.make_tensor_value_info(*value) for value in (("d", 9, []), ("o", 1, None))]
        return helper.make_node(
            "Loop", ["n", "c", "x"], [f"w{number}"], body=helper.make_graph(nodes, "b", inputs, outputs)
        )

    inputs = [helper.make_tensor_value_info(*value) for value in (("x", 1, [1, 1, 2]), ("n", 7, [1]), ("c", 9, [1]))]
    graph = helper.make_graph(
        [loop(1, 0)], "loops", inputs, [helper.make_tensor_value_info("w0", TensorProto.FLOAT, None)]
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString()


def parameter_overflow() -> bytes:
    """A node that reads two parameters without a payload, of 2^62 elements each."""
    parameters = [TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[2**62]) for name in ("v", "w")]
    node = helper.make_node("Foo", ["x", "v", "w"], ["y"], domain="my")
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])
    graph = helper.make_graph([node], "graph", [x], [helper.make_empty_tensor_value_info("y")], initializer=parameters)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString()


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    lines = []
    for name, refusal in refusals().items():
        (folder / f"{name}.bin").write_bytes(refusal.content)
        lines.append(f"{name}.bin\t{refusal.status}\t{refusal.message_part}\n")
    (folder / "parameter_overflow.onnx").write_bytes(parameter_overflow())
    (folder / "expected.tsv").write_text("".join(lines))


if __name__ == "__main__":
    main()
