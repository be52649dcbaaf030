"""The Python package over the installed library."""

import gc
import pathlib
import subprocess
import sys
import threading

import pytest

import nnformer
from onnx_bytes import SMALL_NETWORK_MACS, SMALL_NETWORK_PARAMETERS, model, node, small_network, value

numpy = pytest.importorskip("numpy")
pytestmark = pytest.mark.usefixtures("library")


@pytest.fixture
def graph():
    with nnformer.Graph.parse(small_network(), batch_size=2) as graph:
        yield graph


def test_versions(library):
    loaded = nnformer.Library(library)
    assert loaded.version == nnformer.__version__
    assert loaded.feature_schema_version >= 1
    assert len(loaded.feature_names) == len(set(loaded.feature_names)) == loaded.feature_count > 0
    assert len(loaded.graph_feature_names) == loaded.graph_feature_count > 0


def test_another_abi_version_is_refused(library, monkeypatch):
    monkeypatch.setattr(nnformer.library, "ABI_VERSION", nnformer.ABI_VERSION + 1)
    with pytest.raises(ImportError, match="ABI version"):
        nnformer.Library(library)


def test_a_library_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("NNFORMER_LIBRARY", str(tmp_path / "libnnformer.so"))
    with pytest.raises(OSError, match="libnnformer.so"):
        nnformer.Library()


def test_predictor(predictor, graph):
    assert predictor.platforms
    estimates = predictor.predict(graph)
    assert list(estimates) == [platform.id for platform in predictor.platforms]
    assert all(latency_ms > 0 for latency_ms in estimates.values())
    for platform in predictor.platforms:
        assert platform.id and platform.quantity in nnformer.QUANTITIES
        assert predictor.find_platform(platform.id) is platform


def test_fast_estimates_are_near_and_not_the_same(predictor, graph):
    described = pathlib.Path("/proc/cpuinfo").read_text().split()
    needed = {"avx2", "fma", "avx512f", "avx512vl", "avx512bw", "avx512dq", "avx512_vnni"}
    with nnformer.Predictor(fast=True) as fast:
        assert fast.platforms == predictor.platforms
        assert fast.predict(graph) == pytest.approx(predictor.predict(graph), rel=0.05)
        assert (fast.predict(graph) != predictor.predict(graph)) == (needed <= set(described))


def test_weights_of_a_file_are_those_inside(predictor, graph, weights):
    for fast in (False, True):
        with nnformer.Predictor(fast=fast) as inside:
            with nnformer.Predictor(weights / "nnformer.safetensors", fast=fast) as opened:
                assert opened.platforms == inside.platforms
                assert opened.predict(graph) == inside.predict(graph)


def test_an_unknown_platform_names_the_nearest(predictor):
    platform = predictor.platforms[0].id
    with pytest.raises(nnformer.NotFoundError, match=platform) as caught:
        predictor.find_platform(platform + "x")
    assert (caught.value.status, caught.value.status_name) == (7, "not found")


def test_summary_and_nodes(graph):
    summary = graph.summary()
    assert (summary.node_count, summary.edge_count, summary.batch_size) == (2, 1, 2)
    assert summary.macs == 2 * SMALL_NETWORK_MACS
    assert summary.parameters == SMALL_NETWORK_PARAMETERS
    convolution, pooling = graph.nodes()
    assert (convolution.name, convolution.operator_name) == ("first", "Conv")
    assert convolution.output_types == (nnformer.TensorType(1, (2, 4, 8, 8)),)
    assert convolution.input_types[1] == nnformer.TensorType(1, (4, 3, 3, 3))
    assert pooling.output_types == (nnformer.TensorType(1, (2, 4, 1, 1)),)
    assert convolution.is_known and pooling.is_known
    assert graph.unknown_operators() == []


def test_unknown_operators():
    with nnformer.Graph.parse(small_network(custom_operator="Custom"), batch_size=1) as graph:
        assert graph.unknown_operators() == ["company::Custom"]
        assert [node.is_known for node in graph.nodes()] == [True, False]


def test_features(graph):
    features = graph.features()
    assert features.dtype == numpy.float32 and features.shape == (2, graph._library.feature_count)
    assert numpy.isfinite(features).all()
    assert features[0, graph._library.feature_names.index("operator:Conv")] == 1
    assert features[1, graph._library.feature_names.index("operator:Conv")] == 0
    assert graph.graph_features().shape == (graph._library.graph_feature_count,)


def test_relations(graph):
    relations = graph.relations()
    assert tuple(relations) == nnformer.RELATIONS
    for name, (offsets, indices) in relations.items():
        assert offsets.dtype == indices.dtype == numpy.uint32
        again = graph.relation(name)
        assert (again[0] == offsets).all() and (again[1] == indices).all()
    assert relations["successors"][0].tolist() == [0, 1, 1] and relations["successors"][1].tolist() == [1]
    assert relations["predecessors"][0].tolist() == [0, 0, 1] and relations["predecessors"][1].tolist() == [0]
    with pytest.raises(ValueError, match="co_children"):
        graph.relation("cousins")


def test_siblings():
    data = model(
        [node("Relu", ["x"], ["a"]), node("Sqrt", ["a"], ["b"]), node("Exp", ["a"], ["c"]), node("Add", ["b", "c"], ["y"])],
        [value("x", [1, 8])],
        [value("y", [1, 8])],
    )
    with nnformer.Graph.parse(data) as graph:
        relations = graph.relations()
        names = [node.operator_name for node in graph.nodes()]
    left, right = names.index("Sqrt"), names.index("Exp")
    for name in ("co_children", "co_parents"):
        offsets, indices = relations[name]
        assert indices[offsets[left] : offsets[left + 1]].tolist() == [right]
        assert indices[offsets[right] : offsets[right + 1]].tolist() == [left]


def test_hash(graph):
    assert len(graph.hash()) == 32
    with nnformer.Graph.parse(small_network(batch=2)) as same, nnformer.Graph.parse(small_network(batch=3)) as other:
        assert same.hash() == graph.hash() != other.hash()


@pytest.mark.parametrize("data", [bytes, bytearray, memoryview])
def test_parse_takes_any_bytes(data):
    with nnformer.Graph.parse(data(small_network(batch=1))) as graph:
        assert graph.node_count == 2


def test_open_is_parse(tmp_path):
    path = tmp_path / "ünïcode.onnx"
    path.write_bytes(small_network(batch=1))
    with nnformer.Graph.open(path) as opened, nnformer.Graph.open(str(path)) as again:
        assert opened.hash() == again.hash()


@pytest.mark.parametrize(
    "shapes", [{"image": (2, 3, 8, 8)}, {"image": [2, -1, -1, -1]}, (2, 3, 8, 8), numpy.array([2, 3, 8, 8]).tolist()]
)
def test_input_shapes(graph, shapes):
    with nnformer.Graph.parse(small_network(), input_shapes=shapes) as shaped:
        gc.collect()
        assert shaped.hash() == graph.hash()


def test_unused_nodes_can_be_kept():
    data = model(
        [node("Relu", ["x"], ["y"]), node("Exp", ["x"], ["unused"])], [value("x", [1, 8])], [value("y", [1, 8])]
    )
    with nnformer.Graph.parse(data) as needed, nnformer.Graph.parse(data, keep_unused_nodes=True) as all_nodes:
        assert (needed.node_count, all_nodes.node_count) == (1, 2)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: nnformer.Graph.parse(small_network()), nnformer.OpenAxisError),
        (lambda: nnformer.Graph.parse(b"no protobuf"), nnformer.MalformedInputError),
        (lambda: nnformer.Graph.parse(b""), nnformer.MalformedInputError),
        (lambda: nnformer.Graph.open("/nowhere/model.onnx"), nnformer.InputOutputError),
        (lambda: nnformer.Graph.parse(small_network(), input_shapes={"nothing": (1,)}), nnformer.NotFoundError),
        (lambda: nnformer.Graph.parse(small_network(), input_shapes={"image": (-2,)}), nnformer.InvalidArgumentError),
        (lambda: nnformer.Graph.parse(small_network(), input_shapes={"image": (1, 5, 8, 8)}), nnformer.InvalidModelError),
        (lambda: nnformer.Graph.parse(small_network(), batch_size=0), ValueError),
        (lambda: nnformer.Graph.parse(small_network(), batch_size=2**63), OverflowError),
        (lambda: nnformer.Graph.open("a\0b"), ValueError),
        (lambda: nnformer.Predictor("/nowhere/weights"), nnformer.InputOutputError),
        (lambda: nnformer.Predictor(__file__), nnformer.MalformedInputError),
    ],
)
def test_failures(call, error):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value)


def test_closed_handles_say_so(predictor, graph):
    graph.close()
    graph.close()
    with pytest.raises(ValueError, match="closed"):
        graph.summary()
    with pytest.raises(ValueError, match="closed"):
        predictor.predict(graph)


def test_nothing_is_raised_while_objects_go():
    script = "import nnformer\nnnformer.Graph.__new__(nnformer.Graph)\ntry: nnformer.Predictor('/nowhere')\nexcept nnformer.InputOutputError: pass\nkept = nnformer.Predictor()\n"
    beside = pathlib.Path(nnformer.__file__).parent.parent
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=beside)
    assert (result.returncode, result.stderr) == (0, "")


def test_without_numpy(graph, monkeypatch):
    features, relations = graph.features(), graph.relations()
    monkeypatch.setattr(nnformer.arrays, "numpy", None)
    assert graph.features().tolist() == features.ravel().tolist()
    for name, (offsets, indices) in graph.relations().items():
        assert offsets.tolist() == relations[name][0].tolist()
        assert indices.tolist() == relations[name][1].tolist()


def test_a_session_says_what_the_predictor_says(predictor, graph, models):
    others = [nnformer.Graph.open(path, batch_size=1) for path in sorted(models.glob("*.onnx"))]
    graphs = [*others, graph, *others]
    expected = [predictor.predict(each) for each in graphs]
    for thread_count in (1, 2):
        with nnformer.Session(predictor, thread_count) as session:
            assert session.predict(graphs) == expected
            assert session.predict([]) == []
    with pytest.raises(nnformer.InvalidArgumentError, match="thread_count is 0"):
        nnformer.Session(predictor, 0)


def test_threads_share_a_predictor_and_a_graph(predictor, graph):
    expected = predictor.predict(graph)
    results = []

    def work() -> None:
        for _ in range(20):
            results.append(predictor.predict(graph) == expected)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 160
