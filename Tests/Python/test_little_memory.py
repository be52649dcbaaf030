"""A host with little memory gets errors, not an end: each case runs in a process of its own under a limit of its address space."""

import pathlib
import struct
import subprocess
import sys

import pytest

import onnx_bytes
import safetensors_bytes

FOLDER = pathlib.Path(__file__).resolve().parent
PREPARATION = """
import resource, sys
import nnformer
from onnx_bytes import *
predictor = nnformer.Predictor()
with nnformer.Graph.parse(small_network(batch=1)) as graph:
    predictor.estimates(graph)

def leave(megabytes):
    pages = int(open("/proc/self/statm").read().split()[0])
    limit = pages * resource.getpagesize() + (megabytes << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

def outcome(work):
    try:
        work()
        print("done")
    except nnformer.NNFormerError as error:
        print(type(error).__name__)
"""


def run(library, code: str, *arguments: object) -> str:
    """What the program prints; it must not be ended by a signal."""
    result = subprocess.run(
        [sys.executable, "-c", PREPARATION + code, *map(str, arguments)],
        capture_output=True, text=True, timeout=100,
        env={"NNFORMER_LIBRARY": str(library), "PYTHONPATH": f"{FOLDER.parents[1] / 'Examples' / 'Python'}:{FOLDER.parent}"},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def sparse(path: pathlib.Path, beginning: bytes, size: int) -> pathlib.Path:
    with path.open("wb") as file:
        file.write(beginning)
        file.truncate(size)
    return path


def test_a_name_multiplied_by_calls_of_its_function_takes_no_memory(library, tmp_path):
    calls = 4096
    names = ["x", *(f"v{number}" for number in range(calls))]
    inner = onnx_bytes.node("Relu", ["a"], ["b"], name="n" * (4 << 20))
    path = tmp_path / "names.onnx"
    path.write_bytes(
        onnx_bytes.model(
            [onnx_bytes.node("F", [a], [b], domain="f") for a, b in zip(names, names[1:])],
            [onnx_bytes.value("x", [1, 4])], [onnx_bytes.value(names[-1], [1, 4])],
            functions=[onnx_bytes.function("F", "f", ["a"], ["b"], [inner])],
        )
    )  # fmt: skip
    found = run(library, "leave(400); outcome(lambda: nnformer.Graph.open(sys.argv[1]))", path)
    assert found == "done"


@pytest.mark.parametrize("beginning", [b"", struct.pack("<Q", 8) + b"{      }", struct.pack("<Q", 90_000_000) + b"{"])
def test_a_platform_of_a_gigabyte_is_not_read(library, tmp_path, beginning):
    path = sparse(tmp_path / "sparse.nnfp", beginning, 1 << 30)
    found = run(library, "leave(32); outcome(lambda: nnformer.CalibratedPlatform.open(sys.argv[1]))", path)
    assert found == "LimitExceededError"


def test_weights_of_a_gigabyte_are_an_error(library, tmp_path):
    size = (1 << 30) - 4096
    header = {"a": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}}
    path = sparse(tmp_path / "sparse.safetensors", safetensors_bytes.beginning(header, minimum_size=4096), 1 << 30)
    for opening in ("nnformer.Predictor", "nnformer.AccuracyPredictor"):
        assert run(library, f"leave(64); outcome(lambda: {opening}(sys.argv[1]))", path) == "LimitExceededError"


def test_an_estimate_that_memory_does_not_suffice_for_is_an_error(library):
    found = run(
        library,
        """
names = [f"v{number}" for number in range(30_000)]
graph = nnformer.Graph.parse(
    model(
        [node("Sigmoid", [a], [b]) for a, b in zip(names, names[1:])], [value("v0", [1, 4])],
        [value(names[-1], [1, 4])],
    )
)
leave(16)
outcome(lambda: predictor.predict(graph))
""",
    )
    assert found == "LimitExceededError"


def test_half_a_mebibyte_of_stack_is_enough(library):
    found = run(
        library,
        """
import threading
depth = 8
def nested(level):
    name = f"r{level}"
    if level == depth:
        return node("Relu", ["x"], [name])
    inner = [nested(level + 1)]
    return node(
        "If", ["c"], [name], branch("then_branch", inner, value(f"r{level + 1}", [1, 4])),
        branch("else_branch", [node("Tanh", ["x"], [f"s{level}"])], value(f"s{level}", [1, 4])),
    )
data = model([nested(0)], [value("x", [1, 4]), value("c", [], BOOL)], [value("r0", [1, 4])])
def work():
    with nnformer.Graph.parse(data) as graph:
        predictor.estimates(graph)
        predictor.explain(graph, predictor.platforms[0].id)
threading.stack_size(512 << 10)
thread = threading.Thread(target=lambda: outcome(work))
thread.start()
thread.join()
""",
    )
    assert found == "done"
