"""What a cell of NAS-Bench-201 computes, as an expression: an oracle for isomorphism and for pruning."""

from __future__ import annotations

from nnformer_training.search_spaces.nasbench201 import (
    EDGES,
    INPUT_NODE,
    OUTPUT_NODE,
    DisconnectedCell,
    is_disconnected,
    live_edges,
    parse_architecture,
)


def cell_expression(architecture: str) -> str:
    """The cell's output as an expression of its input ``x``, equal for isomorphic cells.

    A result that is read twice is written ``shared(…)``: computing it once is not the same as computing it twice with
    weights of its own each time. Raises ``DisconnectedCell``.
    """
    operations = parse_architecture(architecture)
    if is_disconnected(architecture):
        raise DisconnectedCell(architecture)
    live = live_edges(operations)

    def expression(node: int) -> str:
        if node == INPUT_NODE:
            # One tensor however often it is read.
            return "x"
        summands = sorted(summand(edge) for edge, (_, target) in enumerate(EDGES) if target == node and live[edge])
        total = summands[0] if len(summands) == 1 else "(" + "+".join(summands) + ")"
        readers = sum(source == node and is_live for (source, _), is_live in zip(EDGES, live, strict=True))
        return f"shared({total})" if readers > 1 and total != "x" else total

    def summand(edge: int) -> str:
        source = expression(EDGES[edge][0])
        return source if operations[edge] == "skip_connect" else f"{operations[edge]}({source})"

    return expression(OUTPUT_NODE)
