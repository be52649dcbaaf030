"""The written networks are the networks of the label sets."""

from __future__ import annotations

import itertools
import json
import math

import networkx
import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from cell_expressions import cell_expression
from hypothesis import given, settings
from hypothesis import strategies as st
from label_set_files import label_set_file
from onnx_counters import infer_shapes, multiply_accumulates, trainable_parameters, with_random_weights

from nnformer_training.onnx_writer import OnnxWriter
from nnformer_training.rounding import make_divisible
from nnformer_training.search_spaces import fbnet, mnasnet, nasbench101, nasbench201, once_for_all
from nnformer_training.search_spaces.nasbench201 import Form

DEAD_EDGES = "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|avg_pool_3x3~2|"
DENSE = "|nor_conv_3x3~0|+|nor_conv_1x1~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"
DISCONNECTED = "|none~0|+|none~0|nor_conv_3x3~1|+|none~0|nor_conv_1x1~1|skip_connect~2|"
OFA = once_for_all.Architecture((3, 5, 7, 3) * 5, (3, 4, 6, 3) * 5, (2, 3, 4, 2, 3), 132)
MNASNET = [
    mnasnet.Stage(e, k, n, s)
    for e, k, n, s in zip((1, 4, 5, 6, 4, 1, 6), (3, 5) * 4, (1, 2, 3, 1, 2, 4, 1), (0, 1) * 4)
]
TRUNCATING_CELL = [[0, 1, 1, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 1, 1], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]]

architectures = st.lists(st.sampled_from(nasbench201.OPERATIONS), min_size=6, max_size=6).map(
    lambda o: f"|{o[0]}~0|+|{o[1]}~0|{o[2]}~1|+|{o[3]}~0|{o[4]}~1|{o[5]}~2|"
)


def data_flow(model: onnx.ModelProto) -> networkx.DiGraph:
    """Nodes with their operator and weight shapes, edges from producer to reader."""
    dims = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    graph = networkx.DiGraph()
    for node in model.graph.node:
        graph.add_node(
            node.output[0], operator=node.op_type, weights=[dims[name] for name in node.input if name in dims]
        )
        graph.add_edges_from((name, node.output[0]) for name in node.input if name in graph)
    return graph


def networks(opset: int = 17) -> dict[str, onnx.ModelProto]:
    return {
        "nasbench201 as executed": nasbench201.write_network(DEAD_EDGES, Form.EXECUTED, opset=opset),
        "nasbench201 compiled": nasbench201.write_network(DEAD_EDGES, Form.COMPILED, opset=opset),
        "nasbench201 pruned": nasbench201.write_network(DEAD_EDGES, Form.PRUNED, opset=opset),
        "nasbench201 dense": nasbench201.write_network(DENSE, Form.PRUNED, opset=opset),
        "fbnet": fbnet.write_network([i % 9 for i in range(22)], opset=opset),
        "once_for_all": once_for_all.write_network(OFA, opset=opset),
        "mnasnet": mnasnet.write_network(MNASNET, opset=opset),
        "nasbench101": nasbench101.write_network(TRUNCATING_CELL, [-1, 0, 2, 1, -2], opset=opset),
    }


@pytest.mark.parametrize("opset", [13, 14, 17])
@pytest.mark.parametrize("name", networks())
def test_a_runtime_accepts_and_runs_every_network_at_any_batch(name: str, opset: int) -> None:
    """Strict shape inference leaves nothing open, and a session runs at two batch sizes: no node fixes the batch."""
    model = networks(opset)[name]
    filled = with_random_weights(model, seed=1)
    onnx.checker.check_model(filled, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(filled.SerializeToString(), options, providers=["CPUExecutionProvider"])
    shape = [dimension.dim_value for dimension in model.graph.input[0].type.tensor_type.shape.dim[1:]]
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    for batch in (1, 3):
        (output,) = session.run(None, {"input": np.zeros((batch, *shape), np.float32)})
        assert output.shape == infer_shapes(model, batch)[model.graph.output[0].name]
        assert np.isfinite(output).all()
    assert len({node.name for node in model.graph.node}) == len(model.graph.node)


def test_weights_have_shapes_but_no_bytes() -> None:
    for name, model in networks().items():
        weights = [tensor for tensor in model.graph.initializer if tensor.data_location == onnx.TensorProto.EXTERNAL]
        assert len(weights) > 20, name
        assert not any(tensor.HasField("raw_data") or len(tensor.float_data) for tensor in weights)
        assert len(model.SerializeToString()) < 60_000, name


def test_hard_swish_is_two_nodes_before_opset_14() -> None:
    old, new = (
        [node.op_type for node in once_for_all.write_network(OFA, opset=opset).graph.node] for opset in (13, 14)
    )
    assert "HardSwish" not in old
    assert new.count("HardSwish") == old.count("Mul") - new.count("Mul") > 10


def test_the_writer_refuses_what_it_cannot_write() -> None:
    with pytest.raises(ValueError, match="opset 18"):
        OnnxWriter("graph", 18)
    writer = OnnxWriter("graph")
    x = writer.relu(writer.input("input", (3, 8, 8)), "relu")
    with pytest.raises(ValueError, match="two nodes are called relu"):
        writer.relu(x, "relu")
    with pytest.raises(ValueError, match="groups"):
        writer.convolution(x, "conv", 4, 3, groups=2)
    with pytest.raises(ValueError, match="cannot add"):
        writer.add(x, writer.global_average_pool(x, "pool"), "sum")


class TestNasBench201:
    def test_as_executed_every_edge_is_run(self) -> None:
        model = nasbench201.write_network(DEAD_EDGES, Form.EXECUTED)
        operators = [node.op_type for node in model.graph.node]
        assert operators.count("Mul") == 15 * 3, "three edges are none"
        assert operators.count("Add") == 15 * 3 + 2, "three sums a cell, one a reduction"
        assert operators.count("Conv") == 1 + 15 + 2 * 3, "stem, the dead 3×3 edge, reductions"
        assert operators.count("AveragePool") == 15 + 2

    def test_pruned_dead_edges_are_gone(self) -> None:
        model = nasbench201.write_network(DEAD_EDGES, Form.PRUNED)
        operators = [node.op_type for node in model.graph.node]
        assert operators.count("Mul") == operators.count("AveragePool") - 2 == 0
        assert operators.count("Add") == 2 and operators.count("Conv") == 1 + 2 * 3
        read = {name for node in model.graph.node for name in node.input} | {model.graph.output[0].name}
        assert all(node.output[0] in read for node in model.graph.node)

    @pytest.mark.parametrize(
        ("cell", "edges"),
        [
            # A zero into the output reads nothing, so node 2 and then node 1 have no reader left.
            ("|nor_conv_3x3~0|+|nor_conv_3x3~0|skip_connect~1|+|nor_conv_1x1~0|none~1|none~2|", "03"),
            # The same, but node 2 sums a zero: it stays, and with it all that it reads.
            ("|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|nor_conv_1x1~0|none~1|none~2|", "01 02 12 03 23"),
            # Operations on zeros are run.
            ("|none~0|+|none~0|nor_conv_3x3~1|+|nor_conv_1x1~0|none~1|nor_conv_1x1~2|", "01 02 12 03 23"),
        ],
    )
    def test_compiled_form(self, cell: str, edges: str) -> None:
        kept = nasbench201.kept_edges(nasbench201.parse_architecture(cell), Form.COMPILED)
        names = [f"{source}{target}" for (source, target), keeps in zip(nasbench201.EDGES, kept) if keeps]
        assert names == edges.split()

    @settings(max_examples=200, deadline=None)
    @given(architectures, st.sampled_from(Form))
    def test_every_form_is_a_connected_graph(self, architecture: str, form: Form) -> None:
        """Every node leads to the output; the forms hold ever fewer edges."""
        operations = nasbench201.parse_architecture(architecture)
        if form is not Form.EXECUTED and nasbench201.is_disconnected(architecture):
            with pytest.raises(nasbench201.DisconnectedCell):
                nasbench201.write_network(architecture, form)
            return
        model = nasbench201.write_network(architecture, form)
        graph = data_flow(model)
        output = model.graph.output[0].name
        assert networkx.ancestors(graph, output) | {output} == set(graph)
        executed, compiled, pruned = (nasbench201.kept_edges(operations, other) for other in Form)
        assert all(e >= c >= p for e, c, p in zip(executed, compiled, pruned))

    def test_a_cell_without_dead_edges_is_the_same_graph_up_to_the_order_of_sums(self) -> None:
        executed, pruned = (nasbench201.write_network(DENSE, form) for form in (Form.EXECUTED, Form.PRUNED))
        count = [sorted(node.op_type for node in model.graph.node) for model in (executed, pruned)]
        assert count[0] == count[1]

    def test_disconnected_cells_have_no_pruned_form(self) -> None:
        with pytest.raises(nasbench201.DisconnectedCell):
            nasbench201.write_network(DISCONNECTED, Form.PRUNED)
        with pytest.raises(nasbench201.DisconnectedCell):
            cell_expression(DISCONNECTED)
        assert nasbench201.write_network(DISCONNECTED, Form.EXECUTED).graph.node

    def test_isomorphic_cells_are_one_graph(self) -> None:
        """Nodes 1 and 2 swapped, with nothing between them."""
        a = "|nor_conv_3x3~0|+|avg_pool_3x3~0|none~1|+|nor_conv_1x1~0|nor_conv_1x1~1|skip_connect~2|"
        b = "|avg_pool_3x3~0|+|nor_conv_3x3~0|none~1|+|nor_conv_1x1~0|skip_connect~1|nor_conv_1x1~2|"
        graphs = [data_flow(nasbench201.write_network(cell, Form.PRUNED)) for cell in (a, b)]
        assert networkx.is_isomorphic(*graphs, node_match=lambda left, right: left == right)
        assert cell_expression(a) == cell_expression(b)

    @settings(max_examples=300, deadline=None)
    @given(architectures)
    def test_pruning_keeps_the_value(self, architecture: str) -> None:
        """The pruned expression, with operations as functions that keep zero, equals the sum over all six edges."""
        modulus = 2**61 - 1
        functions = {
            "nor_conv_3x3": lambda v: 3 * v**5 % modulus,
            "nor_conv_1x1": lambda v: 5 * v**3 % modulus,
            "avg_pool_3x3": lambda v: 7 * v % modulus,
            "skip_connect": lambda v: v,
            "none": lambda v: 0,
            "shared": lambda v: v,
        }
        x = 123_456_789
        nodes = [x, 0, 0, 0]
        for (source, target), operation in zip(nasbench201.EDGES, nasbench201.parse_architecture(architecture)):
            nodes[target] = (nodes[target] + functions[operation](nodes[source])) % modulus
        if nasbench201.is_disconnected(architecture):
            assert nodes[3] == 0
        else:
            expression = cell_expression(architecture)
            assert nodes[3] == eval(expression, {"__builtins__": {}}, {**functions, "x": x}) % modulus != 0

    def test_counts_over_the_whole_space(self) -> None:
        """SEARCH_SPACES.md counts 6,180 cells with a dead edge; 341 have no path at all."""
        space = [
            f"|{o[0]}~0|+|{o[1]}~0|{o[2]}~1|+|{o[3]}~0|{o[4]}~1|{o[5]}~2|"
            for o in itertools.product(nasbench201.OPERATIONS, repeat=6)
        ]
        operations = [nasbench201.parse_architecture(cell) for cell in space]
        dead = sum(
            any(o != "none" and not is_live for o, is_live in zip(cell, nasbench201.live_edges(cell)))
            for cell in operations
        )
        assert (len(space), dead, sum(map(nasbench201.is_disconnected, space))) == (15_625, 6_180, 341)

    def test_one_hot(self) -> None:
        encoded = nasbench201.one_hot_edges(DENSE).reshape(6, 5)
        assert encoded.sum(axis=1).tolist() == [1] * 6
        assert [nasbench201.OPERATIONS[i] for i in encoded.argmax(1)] == list(nasbench201.parse_architecture(DENSE))

    @pytest.mark.parametrize("text", ["", "|a~0|+|b~0|c~1|+|d~0|e~1|f~2|", DENSE[:-20], DENSE.replace("~2", "~0")])
    def test_other_strings_are_refused(self, text: str) -> None:
        with pytest.raises(ValueError):
            nasbench201.parse_architecture(text)


def test_fbnet_blocks() -> None:
    def operators(block: int) -> list[str]:
        return [node.op_type for node in fbnet.write_network([block] * 22).graph.node]

    # Shapes change at the first position of six stages (not of the first, where 16 channels stay 16).
    assert operators(8).count("Conv") == 2 + 6 and "Add" not in operators(8)
    assert operators(0).count("Conv") == 2 + 22 * 3 and operators(0).count("Add") == 16
    assert operators(1).count("Transpose") == 22 and operators(1).count("Reshape") == 44
    shapes = infer_shapes(fbnet.write_network([8] * 22))
    assert shapes["block21.skip.relu"] == (1, 352, 4, 4)
    with pytest.raises(ValueError):
        fbnet.write_network([9] * 22)
    assert fbnet.one_hot_blocks([8] * 22).reshape(22, 9)[:, 8].all()


def test_once_for_all_shapes() -> None:
    model = once_for_all.write_network(OFA)
    shapes = infer_shapes(model)
    assert shapes["stem.act"] == (1, 16, 66, 66)
    assert shapes["s4.b2.sum"] == (1, 160, 5, 5), "132 → 66, 33, 17, 9, 9, 5"
    # 40 × 4 rounds to 160; a quarter of 160 to 40.
    assert shapes["s1.b1.expand.act"][1] == 160 and shapes["s1.b1.se.act"][1] == 40
    assert sum(node.op_type == "HardSigmoid" for node in model.graph.node) == 3 + 2 + 3
    assert make_divisible(18) == 24, "16 would lose more than a tenth"
    assert OFA.one_hot().shape == (241,) and OFA.one_hot()[:120].sum() == 2 * sum(OFA.depths)
    with pytest.raises(ValueError):
        once_for_all.Architecture((3,) * 20, (3,) * 20, (2, 3, 4, 2, 5), 132)


def test_mnasnet_meets_the_parameters_and_macs_of_the_label_set() -> None:
    """The set's counter charges 4 per normalised element and size² + 1 per pooled channel besides."""
    rows = pd.read_csv(label_set_file("accel_nasbench.csv")).sample(25, random_state=5)
    for _, row in rows.iterrows():
        stages = [
            mnasnet.Stage(*(int(row[f"block{i}_{part}"]) for part in "ekl"), bool(row[f"block{i}_se"]))
            for i in range(7)
        ]
        model = mnasnet.write_network(stages)
        shapes = infer_shapes(model)
        charges = 0
        for node in model.graph.node:
            if node.op_type == "BatchNormalization":
                charges += 4 * math.prod(shapes[node.output[0]])
            elif node.op_type == "GlobalAveragePool":
                _, channels, height, width = shapes[node.input[0]]
                charges += channels * (height * width + 1)
        assert trainable_parameters(model) == round(row["params"] * 1e6)
        assert multiply_accumulates(model, shapes) + charges == round(row["macs"] * 1e6)


def test_nasbench101_meets_the_parameters_of_the_label_set() -> None:
    rows = pd.read_csv(label_set_file("nasbench101_5v_4epoch.csv")).drop_duplicates(["adjacency", "ops"])
    for _, row in rows.sample(60, random_state=5).iterrows():
        model = nasbench101.write_network(json.loads(row["adjacency"]), json.loads(row["ops"]))
        infer_shapes(model)
        assert trainable_parameters(model) == row["params"]


def test_nasbench101_truncates_and_refuses() -> None:
    # Vertices 2 and 3 share the 129 channels of the output; vertex 1 is as wide as its widest reader.
    assert nasbench101.vertex_channels(TRUNCATING_CELL, 128, 129) == [128, 65, 65, 64, 129]
    operators = [node.op_type for node in nasbench101.write_network(TRUNCATING_CELL, [-1, 0, 2, 1, -2]).graph.node]
    assert operators.count("Concat") == 9 and operators.count("MaxPool") == 9 + 2
    with pytest.raises(ValueError, match="upper triangular"):
        nasbench101.write_network([[0, 1, 1], [1, 0, 1], [0, 0, 0]], [-1, 0, -2])
    with pytest.raises(ValueError, match="fed by nothing"):
        nasbench101.write_network([[0, 0, 1], [0, 0, 1], [0, 0, 0]], [-1, 0, -2])
    with pytest.raises(ValueError, match="operations"):
        nasbench101.write_network([[0, 1], [0, 0]], [-1, 0, -2])
