"""From the kernels that a runtime ran to the nodes of a graph."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper
from residual_network import write_residual_network

from nnformer_training.cli import main
from nnformer_training.features.kernel_groups import NO_GROUP, group_nodes
from nnformer_training.measure.networks import ZooNetwork
from nnformer_training.measure.profiles import WARM_UP_RUNS, Kernel, attributed, profile_openvino, read_kernels
from nnformer_training.measure.runtimes import example_inputs
from nnformer_training.zoo import FAMILIES

MISSING_RUNTIME = "not installed: pip install 'Training[measure]'"


def predecessors(*lists: list[int]) -> list[np.ndarray]:
    return [np.array(members, np.int64) for members in lists]


def test_nodes_without_a_kernel_belong_to_the_one_before_them(tmp_path: Path) -> None:
    model = write_residual_network(tmp_path / "model.onnx")
    # The library folds the normalisation; the runtime names its kernel after it.
    names = ["conv", "act", "sum", "pool"]
    kernels = [Kernel(("norm", "act"), 30.0), Kernel(("pool",), 5.0)]
    found = group_nodes(model, names, predecessors([], [0], [1], [2]), kernels)
    assert found.groups.tolist() == [0, 0, 0, 1]
    assert found.microseconds.tolist() == [30.0, 5.0]


def test_a_node_before_every_kernel_has_no_group(tmp_path: Path) -> None:
    model = write_residual_network(tmp_path / "model.onnx")
    kernels = [Kernel(("sum",), 2.0), Kernel(("pool",), 1.0), Kernel(("not in the file's graph",), 9.0)]
    names = ["conv", "act", "sum", "pool"]
    with pytest.raises(KeyError):
        group_nodes(model, names, predecessors([], [0], [1], [2]), kernels)
    found = group_nodes(model, names, predecessors([], [0], [1], [2]), kernels[:2])
    assert found.groups.tolist() == [NO_GROUP, NO_GROUP, 0, 1]


def test_of_nodes_that_compute_the_same_one_kernel_pays_for_all(tmp_path: Path) -> None:
    def pool(name: str, source: str, size: int = 3) -> onnx.NodeProto:
        return helper.make_node("MaxPool", [source], [name], name, kernel_shape=[size, size])

    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 4, 8, 8))
    nodes = [pool("a", "x"), pool("other", "x", 2), pool("b", "x"), pool("after_a", "a"), pool("after_b", "b")]
    model = helper.make_model(helper.make_graph(nodes, "twins", [value], []))
    names = [node.name for node in nodes]
    kernels = [Kernel(("a",), 5.0), Kernel(("other",), 3.0), Kernel(("after_a",), 2.0)]
    found = group_nodes(model, names, predecessors([], [], [], [0], [2]), kernels)
    a, other, b, after_a, after_b = found.groups.tolist()
    assert a == b and after_a == after_b and len({a, other, after_a}) == 3
    assert found.microseconds[[a, other, after_a]].tolist() == [5.0, 3.0, 2.0]


def test_nameless_kernels_are_added_to_the_one_they_serve() -> None:
    slow_start = [100.0] * WARM_UP_RUNS
    kernels = [
        ((), True, [*slow_start, 1.0, 1.0, 9.0]),
        (("conv",), False, [*slow_start, 10.0, 12.0, 11.0]),
        ((), False, [*slow_start, 2.0, 2.0, 2.0]),
        (("pool",), False, [*slow_start, 4.0, 4.0, 4.0]),
    ]
    assert attributed(kernels) == [Kernel(("conv",), 14.0), Kernel(("pool",), 4.0)]


@pytest.fixture
def restored_cores() -> Iterator[None]:
    """``profile`` pins the process, which ends with it; this one goes on."""
    cores = os.sched_getaffinity(0)
    yield
    os.sched_setaffinity(0, cores)


@pytest.mark.usefixtures("restored_cores")
@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_every_kernel_of_a_real_run_names_nodes_of_the_file(runtime: str, tmp_path: Path) -> None:
    pytest.importorskip(runtime, reason=MISSING_RUNTIME)
    model = write_residual_network(tmp_path / "model.onnx")
    main(["profile", str(tmp_path / "kernels.csv"), str(tmp_path / "model.onnx"), "--runtime", runtime])
    kernels = read_kernels(tmp_path / "kernels.csv")["model", runtime]
    names = {node.name for node in model.graph.node}
    assert kernels and all(set(kernel.nodes) <= names and kernel.microseconds >= 0 for kernel in kernels)
    # Fused with what follows, the convolution runs under the name of any of them.
    assert {"conv", "norm", "act", "sum"} & {name for kernel in kernels for name in kernel.nodes}
    # What is there is not profiled again.
    before = (tmp_path / "kernels.csv").read_bytes()
    main(["profile", str(tmp_path / "kernels.csv"), str(tmp_path / "model.onnx"), "--runtime", runtime])
    assert (tmp_path / "kernels.csv").read_bytes() == before


def test_recurrent_kernels_of_openvino_are_those_of_the_recurrent_nodes(tmp_path: Path) -> None:
    pytest.importorskip("openvino", reason=MISSING_RUNTIME)
    recipe = FAMILIES["recurrent"].recipe_type("LSTM", 2, True, 12, 16, 64, 100, True, 10)
    network = ZooNetwork("stack", "recurrent", 0, 1, FAMILIES["recurrent"].to_json(recipe))
    model = network.prepare(tmp_path)
    kernels = profile_openvino(model, example_inputs(model), 1, 1)
    named = [name for kernel in kernels for name in kernel.nodes if name.endswith(".cell")]
    assert named == ["layer0.cell"] * 2 + ["layer1.cell"] * 2


def test_networks_that_were_only_profiled_get_a_corrected_latency(tmp_path: Path) -> None:
    recipe = FAMILIES["mixture"].to_json(FAMILIES["mixture"].sample(random.Random(0)))
    latencies = {"a": 10.0, "b": 20.0, "c": 30.0}
    pd.DataFrame(
        [{"network": name, "onnxruntime_ms": ms, "openvino_ms": 2 * ms} for name, ms in latencies.items()]
    ).to_csv(tmp_path / "zoo_latency_ms.csv", index=False)
    # Profiling took a tenth longer than the latency, of b twice as long; d and e were never measured.
    times = {"a": 11.0, "b": 40.0, "c": 33.0, "d": 44.0, "e": 0.022}
    rows = [
        {"network": name, "runtime": runtime, "nodes": node, "microseconds": 500.0 * ms * factor}
        for name, ms in times.items()
        for runtime, factor in (("onnxruntime", 1), ("openvino", 2))
        for node in ("first", "second")
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "kernels.csv", index=False)
    alone = [{"network": name, "family": "mixture", "seed": 0, "batch": 1, "recipe": recipe} for name in ("d", "e")]
    pd.DataFrame(alone).to_csv(tmp_path / "zoo.csv", index=False)
    command = ["collect-kernels", str(tmp_path / "kernels.csv"), "--zoo", str(tmp_path / "zoo.csv")]
    main([*command, "--output", str(tmp_path)])
    assert set(pd.read_csv(tmp_path / "zoo_kernels.csv.gz")["network"]) == set(latencies)
    profiled = pd.read_csv(tmp_path / "profiled_latency_ms.csv.gz")
    assert profiled["network"].tolist() == ["d", "e"]
    # The kernels of e are too short for their sum to say how long the network takes.
    assert profiled["onnxruntime_ms"].tolist() == pytest.approx([40.0, np.nan], rel=1e-3, nan_ok=True)
    assert profiled["openvino_ms"].tolist() == pytest.approx([80.0, np.nan], rel=1e-3, nan_ok=True)
    assert len(read_kernels(tmp_path / "profiled_kernels.csv.gz")["d", "openvino"]) == 2
    first = (tmp_path / "profiled_kernels.csv.gz").read_bytes()
    main([*command, "--output", str(tmp_path)])
    assert (tmp_path / "profiled_kernels.csv.gz").read_bytes() == first


def kernel_rows(*networks: str, runtimes: tuple[str, ...] = ("onnxruntime", "openvino")) -> pd.DataFrame:
    rows = [(network, runtime, "node", 900.0) for network in networks for runtime in runtimes]
    return pd.DataFrame(rows, columns=["network", "runtime", "nodes", "microseconds"])


def test_collect_kernels_refuses_before_it_writes_and_leaves_what_it_has_no_row_for(tmp_path: Path) -> None:
    latencies = {"onnxruntime_ms": 1.0, "openvino_ms": 1.0}
    pd.DataFrame([{"network": "a", **latencies}]).to_csv(tmp_path / "zoo_latency_ms.csv", index=False)
    pd.DataFrame([{"network": "r", **latencies}]).to_csv(tmp_path / "real_latency_ms.csv", index=False)

    def written() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in tmp_path.glob("*.csv.gz")}

    def collect(kernels: pd.DataFrame, *options: str) -> dict[str, bytes]:
        kernels.to_csv(tmp_path / "kernels.csv", index=False)
        main(["collect-kernels", str(tmp_path / "kernels.csv"), "--output", str(tmp_path), *options])
        return written()

    before = collect(kernel_rows("a", "r"))
    assert before.keys() == {"zoo_kernels.csv.gz", "real_kernels.csv.gz"}
    kept = collect(kernel_rows("a", "a"))
    assert kept["real_kernels.csv.gz"] == before["real_kernels.csv.gz"]
    last = collect(kernel_rows("r", "r"))
    assert last["zoo_kernels.csv.gz"] == kept["zoo_kernels.csv.gz"] != before["zoo_kernels.csv.gz"]
    assert last["real_kernels.csv.gz"] != kept["real_kernels.csv.gz"]
    zoo = tmp_path / "zoo.csv"
    zoo.write_text("network,family,seed,batch,recipe\nd,vgg,0,1,{}\n")
    with pytest.raises(ValueError, match="no network has kernels on openvino"):
        collect(kernel_rows("r", runtimes=("onnxruntime",)))
    with pytest.raises(ValueError, match=r"no network of zoo_latency_ms\.csv has kernels on onnxruntime:"):
        collect(pd.concat([kernel_rows("r"), kernel_rows("a", runtimes=("openvino",))]))
    with pytest.raises(ValueError, match=r"no network of zoo_latency_ms\.csv has kernels on onnxruntime, openvino"):
        collect(kernel_rows("d"), "--zoo", str(zoo))
    with pytest.raises(ValueError, match="no network has kernels on onnxruntime, openvino"):
        collect(kernel_rows())
    assert written() == last
