"""What each part of a network takes: the runtimes' own profilers, in terms of the nodes of the ``.onnx`` file.

A runtime runs kernels, of which one may do the work of several nodes and some, such as changes of layout, do the work
of none. A `Kernel` names the nodes that it stands for; the time of one that stands for none is added to the kernel it
serves.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import onnx

from nnformer_training.measure.runtimes import Inputs, OnnxRuntime, OpenVino

WARM_UP_RUNS = 2

#: What taking the time adds to a kernel, by runtime: with it the kernels of the measured networks come closest to their
#: latencies (``collect-kernels`` fits and prints it).
OVERHEAD_MICROSECONDS = {"onnxruntime": 2.5, "openvino": 2.9}
#: Of a kernel that takes hardly longer than that, what is left at least.
_LEAST_REMAINING = 0.1


@dataclass(frozen=True)
class Kernel:
    """``nodes``: names in the order of the file, at least one. ``microseconds``: median over runs."""

    nodes: tuple[str, ...]
    microseconds: float


Profile = Callable[[Path, Inputs, int, int], list[Kernel]]
"""(model, inputs, threads, runs) to the kernels of a run that took any time, in the order they ran."""


def profile_onnx_runtime(model: Path, inputs: Inputs, threads: int, runs: int) -> list[Kernel]:
    runtime = OnnxRuntime()
    with tempfile.TemporaryDirectory() as directory:
        session = runtime.session(model, threads, profile_prefix=str(Path(directory) / "profile"))
        for _ in range(WARM_UP_RUNS + runs):
            session.run(None, inputs)
        events = json.loads(Path(session.end_profiling()).read_text())
    durations: dict[str, list[float]] = {}
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith(_KERNEL_TIME):
            durations.setdefault(event["name"].removesuffix(_KERNEL_TIME), []).append(float(event["dur"]))
    nodes = _nodes_by_name(_graph(model))
    return attributed(
        [(_known(kernel, nodes), kernel.startswith("ReorderInput"), times) for kernel, times in durations.items()]
    )


_KERNEL_TIME = "_kernel_time"
#: What ONNX Runtime puts before or after the name of a node, or of its output, that it replaces.
_REPLACEMENT = re.compile(r"^fused |(_nchwc|_token_\d+|_transformed|/\w+Fusion/?|_FusedConv)$")


def _known(kernel: str, nodes: Mapping[str, str]) -> tuple[str, ...]:
    """The node that a kernel is named after, if it is."""
    while kernel not in nodes:
        shorter = _REPLACEMENT.sub("", kernel, count=1)
        if shorter == kernel:
            return ()
        kernel = shorter
    return (nodes[kernel],)


def _graph(model: Path) -> onnx.GraphProto:
    return onnx.load(model, load_external_data=False).graph


def _nodes_by_name(graph: onnx.GraphProto) -> dict[str, str]:
    """The name of a node by itself and by the names of its outputs."""
    by_output = {output: node.name for node in graph.node if node.name for output in node.output if output}
    return by_output | {node.name: node.name for node in graph.node if node.name}


def profile_openvino(model: Path, inputs: Inputs, threads: int, runs: int) -> list[Kernel]:
    runtime = OpenVino()
    compiled = runtime.compile(model, threads, is_profiling=True)
    request = runtime.request(compiled, inputs)
    durations: dict[str, list[float]] = {}
    for _ in range(WARM_UP_RUNS + runs):
        request.infer()
        for kernel in request.get_profiling_info():
            durations.setdefault(kernel.node_name, []).append(kernel.real_time.total_seconds() * 1e6)
    graph = _graph(model)
    names = set(_nodes_by_name(graph).values())
    operations = [
        (operation.get_friendly_name(), {key: str(value.astype(str)) for key, value in operation.rt_info.items()})
        for operation in compiled.get_runtime_model().get_ordered_ops()
    ]
    origins = {
        name: tuple(origin for origin in information["originalLayersNames"].split(",") if origin in names)
        for name, information in operations
        if "originalLayersNames" in information
    }
    recurrent = [name for name, information in operations if information.get("layerType") == "RNNSeq"]
    origins |= _recurrent_origins(graph, recurrent)
    return attributed(
        [(origins.get(kernel, ()), False, times) for kernel, times in durations.items() if max(times) > 0]
    )


def _recurrent_origins(graph: onnx.GraphProto, kernels: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """OpenVINO's recurrent kernels name no node. They run in the order of the file's recurrent nodes, of which one in
    both directions makes two; empty where that is not how many there are."""
    nodes = []
    for node in graph.node:
        if node.op_type in ("GRU", "LSTM", "RNN"):
            directions = [attribute.s for attribute in node.attribute if attribute.name == "direction"]
            nodes += [(node.name,)] * (2 if directions == [b"bidirectional"] else 1)
    return dict(zip(kernels, nodes, strict=True)) if len(nodes) == len(kernels) else {}


def attributed(kernels: Sequence[tuple[tuple[str, ...], bool, Sequence[float]]]) -> list[Kernel]:
    """Kernels in the order they ran, as the nodes they stand for, whether a nameless one prepares what follows instead
    of finishing what came before, and microseconds of each run; the first `WARM_UP_RUNS` do not count."""
    result: list[Kernel] = []
    pending = 0.0
    for nodes, is_preparing, times in kernels:
        microseconds = median(times[WARM_UP_RUNS:] or times)
        if nodes:
            result.append(Kernel(nodes, microseconds + pending))
            pending = 0.0
        elif is_preparing or not result:
            pending += microseconds
        else:
            result[-1] = Kernel(result[-1].nodes, result[-1].microseconds + microseconds)
    if pending and result:
        result[-1] = Kernel(result[-1].nodes, result[-1].microseconds + pending)
    return result


def without_overhead(microseconds: float, runtime: str) -> float:
    return max(microseconds - OVERHEAD_MICROSECONDS.get(runtime, 0.0), _LEAST_REMAINING * microseconds)


def read_kernels(path: Path) -> dict[tuple[str, str], list[Kernel]]:
    """By network and runtime, in the order they ran: what ``profile`` wrote, compressed or not, without the overhead of
    profiling."""
    kernels: dict[tuple[str, str], list[Kernel]] = {}
    with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
        for row in csv.DictReader(file):
            kernel = Kernel(
                tuple(row["nodes"].split(" ")), without_overhead(float(row["microseconds"]), row["runtime"])
            )
            kernels.setdefault((row["network"], row["runtime"]), []).append(kernel)
    return kernels


PROFILERS: dict[str, Profile] = {"onnxruntime": profile_onnx_runtime, "openvino": profile_openvino}
