"""ONNX files out of nothing but the wire format, for tests that run where no onnx package is installed.

Field numbers are those of onnx.proto; messages are bytes, made from the inside out.
"""

from collections.abc import Iterable, Sequence

FLOAT = 1
INT64 = 7
BOOL = 9


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1  # negative numbers take ten bytes, as protobuf's int64 does
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _message(field: int, content: bytes | str) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def value(name: str, shape: Iterable[int | str], element_type: int = FLOAT) -> bytes:
    """ValueInfoProto; a string in the shape is the name of an open axis."""
    axes = b"".join(
        _message(1, _message(2, axis) if isinstance(axis, str) else _number(1, axis)) for axis in shape
    )
    return _message(1, name) + _message(2, _message(1, _number(1, element_type) + _message(2, axes)))


def parameter(name: str, shape: Sequence[int], element_type: int = FLOAT) -> bytes:
    """TensorProto whose payload is said to lie in another file, which nobody writes."""
    location = _message(1, "location") + _message(2, "weights.bin")
    dimensions = b"".join(_number(1, extent) for extent in shape)
    return dimensions + _number(2, element_type) + _message(8, name) + _message(13, location) + _number(14, 1)


def ints(name: str, values: Iterable[int]) -> bytes:
    """AttributeProto of type INTS."""
    return _message(1, name) + b"".join(_number(8, number) for number in values) + _number(20, 7)


def branch(name: str, nodes: Iterable[bytes], output: bytes) -> bytes:
    """AttributeProto of type GRAPH, a body without inputs of its own."""
    graph = b"".join(_message(1, content) for content in nodes) + _message(2, name) + _message(12, output)
    return _message(1, name) + _message(6, graph) + _number(20, 5)


def node(operator: str, inputs: Iterable[str], outputs: Iterable[str], *attributes: bytes, domain: str = "",
         name: str = "") -> bytes:
    """NodeProto."""
    return (
        b"".join(_message(1, text) for text in inputs)
        + b"".join(_message(2, text) for text in outputs)
        + (_message(3, name) if name else b"")
        + _message(4, operator)
        + b"".join(_message(5, attribute) for attribute in attributes)
        + (_message(7, domain) if domain else b"")
    )


def function(name: str, domain: str, inputs: Iterable[str], outputs: Iterable[str], nodes: Iterable[bytes]) -> bytes:
    """FunctionProto."""
    return (
        _message(1, name)
        + b"".join(_message(4, text) for text in inputs)
        + b"".join(_message(5, text) for text in outputs)
        + b"".join(_message(7, content) for content in nodes)
        + _message(9, _message(1, "") + _number(2, 17))
        + _message(10, domain)
    )


def model(
    nodes: Iterable[bytes],
    inputs: Iterable[bytes],
    outputs: Iterable[bytes],
    parameters: Iterable[bytes] = (),
    operator_set: int = 17,
    functions: Iterable[bytes] = (),
) -> bytes:
    """ModelProto."""
    graph = (
        b"".join(_message(1, content) for content in nodes)
        + _message(2, "graph")
        + b"".join(_message(5, content) for content in parameters)
        + b"".join(_message(11, content) for content in inputs)
        + b"".join(_message(12, content) for content in outputs)
    )
    operator_sets = _message(8, _message(1, "") + _number(2, operator_set))
    return _number(1, 8) + _message(7, graph) + operator_sets + b"".join(_message(25, content) for content in functions)


def small_network(batch: int | str = "batch", custom_operator: str | None = None) -> bytes:
    """A convolution of a 3×8×8 image with four 3×3 filters, and a pooling or `custom_operator` after it."""
    after = custom_operator or "GlobalAveragePool"
    return model(
        [
            node("Conv", ["image", "filter"], ["features"], ints("pads", [1, 1, 1, 1]), name="first"),
            node(after, ["features"], ["result"], domain="company" if custom_operator else "", name="second"),
        ],
        [value("image", [batch, 3, 8, 8])],
        [value("result", [batch, 4, "height", "width"])],
        [parameter("filter", [4, 3, 3, 3])],
    )


SMALL_NETWORK_MACS = 4 * 3 * 3 * 3 * 8 * 8
"""Multiply-accumulates of `small_network` for one image."""
SMALL_NETWORK_PARAMETERS = 4 * 3 * 3 * 3
