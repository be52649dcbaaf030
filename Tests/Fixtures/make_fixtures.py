"""Makes the ONNX files of this folder, and for each a listing of what is in it.

    python make_fixtures.py [folder]

Networks are exported by torch.onnx.export from torchvision; initializers above 1 KiB become references to external data that
does not exist, so that a file keeps its structure and loses its weights. `constructs.onnx` holds what those networks do
not: subgraphs, functions, sparse and external tensors, every element type.

A listing (`.listing`) is the reading of the file by Python's onnx package, one item a line; the tests of NNFOnnx
write the same listing from what the library's reader understood and compare them. Elements appear as their number and a FNV-1a
hash over their 64-bit patterns.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
import torch
import torchvision
from onnx import TensorProto, helper, numpy_helper

LARGEST_INLINE_TENSOR_IN_BYTES = 1024
LARGEST_FILE_IN_BYTES = 60_000
# Limits.constantElements of the library.
LARGEST_CONSTANT_IN_ELEMENTS = 4096

NETWORKS = {
    "resnet18_opset13": (torchvision.models.resnet18, 13),
    "mobilenet_v3_small_opset15": (torchvision.models.mobilenet_v3_small, 15),
    "squeezenet1_1_opset17": (torchvision.models.squeezenet1_1, 17),
}


def strip(model: onnx.ModelProto) -> None:
    """Replaces large initializers by references to external data, in place."""
    for tensor in model.graph.initializer:
        if len(tensor.raw_data) > LARGEST_INLINE_TENSOR_IN_BYTES:
            tensor.ClearField("raw_data")
            tensor.data_location = TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value="weights.bin")


def export_network(name: str) -> onnx.ModelProto:
    """The torchvision network of that name with random weights, in inference mode, batch size open."""
    make_network, operator_set = NETWORKS[name]
    torch.manual_seed(0)
    network = make_network(weights=None).eval()
    path = Path(torch.hub.get_dir()).parent / f"{name}.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        network,
        (torch.zeros(1, 3, 224, 224),),
        str(path),
        opset_version=operator_set,
        dynamo=False,
        input_names=["image"],
        output_names=["scores"],
        dynamic_axes={"image": {0: "batch"}},
    )
    model = onnx.load(str(path))
    path.unlink()
    strip(model)
    return model


def typed_constants() -> Iterator[TensorProto]:
    """Small tensors of every element type, as raw data and as the list that onnx.proto prescribes."""
    values = [0, 1, 3, 5]
    for element_type in sorted(TensorProto.DataType.values()):
        if element_type in (TensorProto.UNDEFINED, TensorProto.STRING):
            continue
        type_name = TensorProto.DataType.Name(element_type)
        array = np.array(values).astype(helper.tensor_dtype_to_np_dtype(element_type))
        yield numpy_helper.from_array(array, f"raw_{type_name}")
        if element_type <= TensorProto.BFLOAT16:
            yield helper.make_tensor(f"listed_{type_name}", element_type, [2, 2], values)
    yield helper.make_tensor("strings", TensorProto.STRING, [2], [b"one", b"two"])
    yield numpy_helper.from_array(np.array([-2, 127, -128], dtype=np.int8), "negative_int8")
    yield helper.make_tensor("negative_listed_int8", TensorProto.INT8, [3], [-2, 127, -128])
    yield numpy_helper.from_array(np.array([-8, 7, -1]).astype(ml_dtypes.int4), "negative_int4")
    yield numpy_helper.from_array(np.array(2**63, dtype=np.uint64), "beyond_int64")
    yield numpy_helper.from_array(np.array([], dtype=np.int64), "no_elements")
    yield numpy_helper.from_array(np.array(7, dtype=np.int64), "scalar")
    yield numpy_helper.from_array(np.arange(LARGEST_CONSTANT_IN_ELEMENTS, dtype=np.int8), "largest_constant")
    yield numpy_helper.from_array(np.zeros(LARGEST_CONSTANT_IN_ELEMENTS + 1, dtype=np.int8), "too_large_constant")
    # 4,096 negative int64 in a list take 10 bytes each: the longest payload that is still read.
    yield helper.make_tensor(
        "longest_payload", TensorProto.INT64, [LARGEST_CONSTANT_IN_ELEMENTS], [-1] * LARGEST_CONSTANT_IN_ELEMENTS
    )
    mismatched = numpy_helper.from_array(np.zeros(4, dtype=np.float32), "payload_shorter_than_dimensions")
    mismatched.dims[0] = 5
    yield mismatched
    external = TensorProto(name="external", data_type=TensorProto.FLOAT, dims=[2, 3])
    external.data_location = TensorProto.EXTERNAL
    external.external_data.add(key="location", value="../../etc/passwd")
    yield external


def make_constructs() -> onnx.ModelProto:
    """A model with every construct that the networks above lack."""
    branch_value = helper.make_tensor_value_info("branch", TensorProto.FLOAT, None)
    then_branch = helper.make_graph(
        [helper.make_node("Constant", [], ["branch"], value=numpy_helper.from_array(np.float32([1, 2])))],
        "then", [], [branch_value],
    )
    inner = helper.make_graph([helper.make_node("Identity", ["x"], ["branch"])], "inner", [], [branch_value])
    else_branch = helper.make_graph(
        [helper.make_node("If", ["condition"], ["branch"], then_branch=inner, else_branch=then_branch)],
        "else", [], [branch_value],
    )
    sparse = helper.make_sparse_tensor(
        numpy_helper.from_array(np.float32([4, 5]), "sparse"), numpy_helper.from_array(np.int64([1, 3])), [2, 3]
    )
    node_with_every_attribute = helper.make_node(
        "Everything", ["x", "", "raw_FLOAT"], ["y", "z"], name="every attribute", domain="test.domain",
        float_value=0.5, int_value=-3, string_value="text", floats=[1.5, -2.5], ints=[1, 2, -3], strings=["a", "b"],
        tensor=numpy_helper.from_array(np.int64([1, -1]), "shape"),
    )
    sparse_attribute = onnx.AttributeProto(name="sparse_value", type=onnx.AttributeProto.SPARSE_TENSOR)
    sparse_attribute.sparse_tensor.CopyFrom(sparse)
    node_with_every_attribute.attribute.append(sparse_attribute)
    without_type = onnx.AttributeProto(name="ints_without_type", ints=[7, 8])
    node_with_every_attribute.attribute.append(without_type)

    scaled = helper.make_node("Gemm", ["a", "b"], ["c"])
    scaled.attribute.append(onnx.AttributeProto(name="alpha", type=onnx.AttributeProto.FLOAT, ref_attr_name="scale"))
    function = helper.make_function(
        "test.domain", "ScaledProduct", ["a", "b"], ["c"], [scaled], [helper.make_opsetid("", 17)],
        attributes=["scale"], attribute_protos=[helper.make_attribute("offset", 1.25)],
    )
    nodes = [
        helper.make_node("If", ["condition"], ["chosen"], name="choice", then_branch=then_branch, else_branch=else_branch),
        node_with_every_attribute,
        helper.make_node("ScaledProduct", ["x", "x"], ["product"], domain="test.domain", scale=2.0),
        helper.make_node("Relu", ["product"], ["result"], domain="ai.onnx"),
    ]
    inputs = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, None, ""], doc_string="left out"),
        helper.make_tensor_value_info("condition", TensorProto.BOOL, []),
        helper.make_tensor_sequence_value_info("sequence", TensorProto.FLOAT, [1]),
    ]
    graph = helper.make_graph(
        nodes, "constructs", inputs,
        [helper.make_tensor_value_info("result", TensorProto.FLOAT, None)],
        initializer=list(typed_constants()),
        value_info=[helper.make_tensor_value_info("product", TensorProto.FLOAT, [-1, 0, 4])],
        sparse_initializer=[sparse], doc_string="left out",
    )
    model = helper.make_model(
        graph, functions=[function], producer_name="make_fixtures.py",
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("test.domain", 3)],
    )
    model.metadata_props.add(key="left", value="out")
    return model


def hash_of(elements: Sequence[int] | Sequence[float]) -> str:
    """Number of elements and FNV-1a over their 64-bit patterns, little endian."""
    state = 0xCBF29CE484222325
    for element in elements:
        for byte in struct.pack("<q" if isinstance(element, int) else "<d", element):
            state = ((state ^ byte) * 0x100000001B3) % 2**64
    kind = "integers" if all(isinstance(element, int) for element in elements) else "reals"
    return f"{kind} {len(elements)} {state:016x}"


UNDECODED_TYPES = {
    TensorProto.STRING, TensorProto.COMPLEX64, TensorProto.COMPLEX128, TensorProto.FLOAT8E4M3FN, TensorProto.FLOAT8E4M3FNUZ,
    TensorProto.FLOAT8E5M2, TensorProto.FLOAT8E5M2FNUZ, TensorProto.FLOAT4E2M1, TensorProto.FLOAT8E8M0,
}
REAL_TYPES = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE}


def list_tensor(tensor: TensorProto, dims: Sequence[int], is_dense: bool = True) -> str:
    """`name type dims elements`, elements being `-` where the library keeps none."""
    elements = "-"
    count = int(np.prod(dims, dtype=np.int64))
    is_readable = is_dense and tensor.data_location != TensorProto.EXTERNAL and tensor.data_type not in UNDECODED_TYPES
    if is_readable and 0 < tensor.data_type <= TensorProto.FLOAT8E8M0 and count <= LARGEST_CONSTANT_IN_ELEMENTS:
        try:
            array = numpy_helper.to_array(tensor)
        except ValueError:
            array = None
        if array is not None and tensor.data_type in REAL_TYPES:
            elements = hash_of([float(element) for element in array.astype(np.float64).ravel()]) if count else "reals 0"
        elif array is not None:
            integers = [int(element) for element in array.ravel()]
            if all(integer < 2**63 for integer in integers):
                elements = hash_of(integers)
    return f"{tensor.name} {tensor.data_type} {list(dims)} {elements}"


def list_value(value: onnx.ValueInfoProto) -> str:
    tensor_type = value.type.tensor_type
    if not tensor_type.HasField("shape"):
        return f"{value.name} {tensor_type.elem_type} unknown"
    axes = []
    for axis in tensor_type.shape.dim:
        if axis.HasField("dim_value"):
            axes.append(str(axis.dim_value) if axis.dim_value >= 0 else "?")
        else:
            axes.append(axis.dim_param or "?")
    return f"{value.name} {tensor_type.elem_type} [{', '.join(axes)}]"


def reals(values: Sequence[float]) -> str:
    return " ".join(struct.pack(">d", value).hex() for value in values)


def list_attribute(attribute: onnx.AttributeProto) -> Iterator[str]:
    name = attribute.name
    if attribute.ref_attr_name:
        yield f"reference {name} {attribute.ref_attr_name}"
    elif attribute.type == onnx.AttributeProto.FLOAT:
        yield f"float {name} {reals([attribute.f])}"
    elif attribute.type == onnx.AttributeProto.INT:
        yield f"int {name} {attribute.i}"
    elif attribute.type == onnx.AttributeProto.STRING:
        yield f"string {name} {attribute.s.decode()}"
    elif attribute.type == onnx.AttributeProto.FLOATS:
        yield f"floats {name} {reals(attribute.floats)}"
    elif attribute.type == onnx.AttributeProto.STRINGS:
        yield f"strings {name} {' '.join(string.decode() for string in attribute.strings)}"
    elif attribute.type == onnx.AttributeProto.TENSOR:
        yield f"tensor {name} {list_tensor(attribute.t, attribute.t.dims)}"
    elif attribute.type == onnx.AttributeProto.SPARSE_TENSOR:
        tensor = attribute.sparse_tensor
        yield f"tensor {name} {list_tensor(tensor.values, tensor.dims, is_dense=False)}"
    elif attribute.type == onnx.AttributeProto.GRAPH:
        yield f"graph {name}"
        yield from list_graph(attribute.g)
        yield "end"
    else:  # Without a type, only lists of integers occur here.
        yield f"ints {name} {' '.join(map(str, attribute.ints))}"


def canonical_domain(domain: str) -> str:
    return "" if domain == "ai.onnx" else domain


def list_node(node: onnx.NodeProto) -> Iterator[str]:
    inputs, outputs = ",".join(node.input), ",".join(node.output)
    yield f"node '{node.name}' {canonical_domain(node.domain)}::{node.op_type} ({inputs}) -> ({outputs})"
    order = ("reference", "tensor", "graph")
    listed = [list(list_attribute(attribute)) for attribute in node.attribute]
    plain = [lines for lines in listed if not lines[0].startswith(order)]
    for lines in sorted(plain, key=lambda lines: lines[0].split()[1]):
        yield from lines
    for kind in order:
        chosen = [lines for lines in listed if lines[0].startswith(kind + " ")]
        for lines in sorted(chosen, key=lambda lines: lines[0].split()[1]):
            yield from lines


def list_graph(graph: onnx.GraphProto) -> Iterator[str]:
    yield f"name {graph.name}"
    for kind, values in (("input", graph.input), ("output", graph.output), ("value", graph.value_info)):
        for value in values:
            yield f"{kind} {list_value(value)}"
    for tensor in graph.initializer:
        yield f"initializer {list_tensor(tensor, tensor.dims)}"
    for sparse in graph.sparse_initializer:
        yield f"initializer {list_tensor(sparse.values, sparse.dims, is_dense=False)}"
    for node in graph.node:
        yield from list_node(node)


def list_operator_sets(sets: Sequence[onnx.OperatorSetIdProto]) -> str:
    return ", ".join(f"{domain}={version}" for domain, version in sorted((s.domain, s.version) for s in sets))


def list_model(model: onnx.ModelProto) -> Iterator[str]:
    yield f"ir {model.ir_version} operator sets {list_operator_sets(model.opset_import)}"
    yield from list_graph(model.graph)
    for function in model.functions:
        yield f"function {function.domain}::{function.name} ({','.join(function.input)}) -> ({','.join(function.output)})"
        yield f"operator sets {list_operator_sets(function.opset_import)}"
        for attribute in sorted(function.attribute_proto, key=lambda attribute: attribute.name):
            yield from list_attribute(attribute)
        for node in function.node:
            yield from list_node(node)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    models = {name: export_network(name) for name in NETWORKS} | {"constructs": make_constructs()}
    for name, model in models.items():
        content = model.SerializeToString(deterministic=True)
        if name != "constructs" and len(content) > LARGEST_FILE_IN_BYTES:
            raise SystemExit(f"{name}.onnx would take {len(content)} bytes; at most {LARGEST_FILE_IN_BYTES} are wanted")
        (folder / f"{name}.onnx").write_bytes(content)
        (folder / f"{name}.listing").write_text("\n".join(list_model(model)) + "\n")
        print(f"{name}.onnx: {len(content)} bytes")


if __name__ == "__main__":
    main()
