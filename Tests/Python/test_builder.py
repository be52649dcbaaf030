"""GraphBuilder: graphs made node by node are the graphs that files of the same content give."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnformer
import onnx_bytes

pytestmark = pytest.mark.usefixtures("library")

UNARY = ["Relu", "Sqrt", "Exp", "Sigmoid", "Tanh", "Softmax"]
BINARY = ["Add", "Mul", "Sub"]
# What a graph may be refused with; an InternalError would be a defect.
REFUSALS = (
    nnformer.InvalidArgumentError, nnformer.InvalidModelError, nnformer.LimitExceededError, nnformer.OpenAxisError,
)  # fmt: skip


def test_the_builder_agrees_with_the_file():
    with nnformer.GraphBuilder() as builder:
        builder.add_input("image", (-1, 3, 8, 8))
        builder.add_parameter("filter", (4, 3, 3, 3))
        builder.add_node("Conv", ["image", "filter"], ["features"], {"pads": [1, 1, 1, 1]})
        builder.add_node("GlobalAveragePool", ["features"], ["result"])
        builder.add_output("result")
        built = builder.finish(batch_size=2)
    with built, nnformer.Graph.parse(onnx_bytes.small_network(), batch_size=2) as parsed:
        assert built.hash() == parsed.hash()
        assert built.summary() == parsed.summary()


@st.composite
def networks(draw: st.DrawFn) -> list[tuple[str, list[int]]]:
    """Operators in topological order, each with the numbers of the values it reads: 0 is the input, i + 1 node i."""
    nodes = []
    for number in range(draw(st.integers(1, 24))):
        earlier = st.integers(0, number)
        if draw(st.booleans()):
            nodes.append((draw(st.sampled_from(UNARY)), [draw(earlier)]))
        else:
            nodes.append((draw(st.sampled_from(BINARY)), [draw(earlier), draw(earlier)]))
    return nodes


def build(network: list[tuple[str, list[int]]], order: list[int], name: str) -> nnformer.Graph:
    """The network with its nodes added in `order`; values are named `name` and a number."""
    with nnformer.GraphBuilder() as builder:
        builder.add_input(f"{name}0", (2, 16))
        for number in order:
            operator, inputs = network[number]
            builder.add_node(operator, [f"{name}{source}" for source in inputs], [f"{name}{number + 1}"])
        return builder.finish(keep_unused_nodes=True)


@settings(deadline=None, max_examples=60)
@given(networks(), st.randoms(use_true_random=False))
def test_neither_names_nor_the_order_of_nodes_matter(predictor, network, random):
    order = list(range(len(network)))
    with build(network, order, "x") as graph:
        random.shuffle(order)
        with build(network, order, "other/") as shuffled:
            assert shuffled.hash() == graph.hash()
            assert shuffled.summary() == graph.summary()
            assert predictor.predict(shuffled) == pytest.approx(predictor.predict(graph), rel=1e-4)


@settings(deadline=None, max_examples=60)
@given(networks())
def test_a_file_gives_the_same_graph(network):
    read = {source for _, inputs in network for source in inputs}
    data = onnx_bytes.model(
        [
            onnx_bytes.node(operator, [f"x{source}" for source in inputs], [f"x{number + 1}"])
            for number, (operator, inputs) in enumerate(network)
        ],
        [onnx_bytes.value("x0", [2, 16])],
        [onnx_bytes.value(f"x{number + 1}", [2, 16]) for number in range(len(network)) if number + 1 not in read],
    )
    with build(network, list(range(len(network))), "x") as built, nnformer.Graph.parse(data) as parsed:
        assert built.hash() == parsed.hash()
        assert built.summary() == parsed.summary()


@settings(deadline=None, max_examples=200)
@given(
    operator=st.text(max_size=12),
    inputs=st.lists(st.one_of(st.none(), st.text(max_size=8)), max_size=4),
    outputs=st.lists(st.text(max_size=8), max_size=4),
    shape=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=70),
    element_type=st.integers(-(2**31), 2**31 - 1),
    attributes=st.dictionaries(
        st.text(max_size=8),
        st.one_of(
            st.integers(-(2**63), 2**63 - 1),
            st.floats(width=32),
            st.text(max_size=8),
            st.lists(st.integers(-(2**63), 2**63 - 1), max_size=6),
            st.lists(st.floats(width=32), max_size=6),
        ),
        max_size=4,
    ),
)
def test_anything_else_is_an_error_and_no_more(operator, inputs, outputs, shape, element_type, attributes):
    with nnformer.GraphBuilder() as builder:
        for call in (
            lambda: builder.add_input("x", shape, element_type),
            lambda: builder.add_integers("integers", shape),
            lambda: builder.add_node(operator, inputs, outputs, attributes),
            lambda: builder.add_node("Conv", ["x", "x"], ["y"], attributes),
            lambda: builder.add_node("Reshape", ["x", "integers"], ["z"], attributes),
            lambda: builder.finish(batch_size=1).close(),
        ):
            try:
                call()
            except (*REFUSALS, ValueError) as error:
                assert "\n" not in str(error)


def test_attributes_of_a_wrong_type_add_no_node():
    with nnformer.GraphBuilder() as builder:
        builder.add_input("x", (1, 8))
        for wrong in (None, object(), {"a": 1}, ["a"], b"bytes"):
            with pytest.raises(TypeError):
                builder.add_node("Softmax", ["x"], ["y"], {"axis": wrong})
        builder.add_node("Softmax", ["x"], ["y"], {"axis": 1})
        with builder.finish() as graph:
            assert graph.node_count == 1


def test_constants_with_values():
    with nnformer.GraphBuilder(operator_set=17) as builder:
        builder.add_input("x", (1, 2, 4, 4))
        builder.add_floats("scales", [1, 1, 2, 2])
        builder.add_integers("shape", [1, 2, -1])
        builder.add_node("Resize", ["x", None, "scales"], ["large"], {"mode": "nearest"})
        builder.add_node("Reshape", ["large", "shape"], ["flat"])
        builder.add_node("Softmax", ["flat"], ["y"], {"axis": -1})
        with builder.finish() as graph:
            assert graph.nodes()[-1].output_types == (nnformer.TensorType(1, (1, 2, 64)),)
