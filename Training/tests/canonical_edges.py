"""The graph that an ONNX file comes down to, by networkx alone, and how many pairs Model.md's relations have in it."""

from __future__ import annotations

from collections import Counter

import networkx
import onnx

#: Documentation/Model.md, "Hubs".
SEEN_THROUGH_ONE_NODE = 64


def canonical_graph(model: onnx.ModelProto) -> networkx.DiGraph:
    """Nodes that compute, named after their output. As in every runtime, a convolution takes in the normalisation that
    alone reads it, and x · σ(x) is one operator."""
    file = model.graph
    readers = Counter(name for node in file.node for name in node.input) + Counter(value.name for value in file.output)
    graph = networkx.DiGraph()
    made_by: dict[str, str] = {}
    convolutions = {node.output[0] for node in file.node if node.op_type == "Conv"}
    for node in file.node:
        (output,), sources = node.output, [made_by[name] for name in node.input if name in made_by]
        if node.op_type == "BatchNormalization" and node.input[0] in convolutions and readers[node.input[0]] == 1:
            made_by[output] = sources[0]
            continue
        graph.add_node(output, operator=node.op_type)
        graph.add_edges_from((source, output) for source in sources)
        made_by[output] = output
    for product in [node for node, operator in graph.nodes(data="operator") if operator == "Mul"]:
        for gate in list(graph.predecessors(product)):
            is_gate = graph.nodes[gate]["operator"] in ("Sigmoid", "HardSigmoid") and graph.out_degree(gate) == 1
            if is_gate and {*graph.predecessors(gate), gate} == set(graph.predecessors(product)):
                graph.remove_node(gate)
    return graph


def relation_sizes(graph: networkx.DiGraph) -> list[int]:
    """Of successors, predecessors, co-children and co-parents, where no two nodes meet both in a hub and elsewhere."""
    edges = graph.number_of_edges()
    return [edges, edges, _siblings(graph), _siblings(graph.reverse())]


def _siblings(graph: networkx.DiGraph) -> int:
    pairs: set[tuple[str, str]] = set()
    through_hubs = 0
    for parent in graph:
        children = list(graph.successors(parent))
        if len(children) <= SEEN_THROUGH_ONE_NODE:
            pairs |= {(one, other) for one in children for other in children if one != other}
        else:
            # Each child sees those that come first; they themselves see one fewer.
            through_hubs += len(children) * SEEN_THROUGH_ONE_NODE - SEEN_THROUGH_ONE_NODE
    return len(pairs) + through_hubs
