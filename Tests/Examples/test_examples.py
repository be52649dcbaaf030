"""Each example is built as a stranger would build it, against the installed library, and agrees with the shell tool."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

import nnformer

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def build(example: str, prefix: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    subprocess.run(["cmake", "-S", ROOT / "Examples" / example, "-B", folder, "-G", "Ninja",
                    f"-DCMAKE_PREFIX_PATH={prefix}"], check=True, capture_output=True)
    subprocess.run(["cmake", "--build", folder], check=True, capture_output=True)
    return folder


def tool_estimates(tool: pathlib.Path, model: pathlib.Path, *arguments: str) -> dict[str, float]:
    output = subprocess.run([tool, "predict", model, "--format", "json", *arguments], check=True,
                            capture_output=True, text=True).stdout
    return {row["platform"]: row["latency_ms"] for row in json.loads(output)}


@pytest.fixture(scope="session")
def c_example(prefix, tmp_path_factory) -> pathlib.Path:
    return build("C", prefix, tmp_path_factory.mktemp("c")) / "predict"


@pytest.fixture(scope="session")
def cpp_example(prefix, tmp_path_factory) -> pathlib.Path:
    return build("Cpp", prefix, tmp_path_factory.mktemp("cpp")) / "search"


def test_c_agrees_with_the_tool(c_example, tool, models):
    for model in sorted(models.glob("*.onnx")):
        output = subprocess.run([c_example, model, "2"], check=True, capture_output=True, text=True).stdout
        rows = dict(line.split("\t") for line in output.splitlines())
        expected = tool_estimates(tool, model, "--batch", "2")
        assert rows.keys() == expected.keys()
        for platform, latency_ms in expected.items():
            assert float(rows[platform]) == pytest.approx(latency_ms, rel=1e-8)


def test_c_reports_a_missing_file(c_example):
    result = subprocess.run([c_example, "/nowhere/model.onnx"], capture_output=True, text=True)
    assert result.returncode != 0
    assert "/nowhere/model.onnx" in result.stderr
    assert result.stdout == ""


def searched_network(width: int) -> nnformer.Graph:
    """The network that the C++ example builds at a width."""
    with nnformer.GraphBuilder() as builder:
        builder.add_input("x", (1, 3, 32, 32))
        source, inputs = "x", 3
        for layer in ("first", "second"):
            builder.add_parameter(f"{layer}.weight", (width, inputs, 3, 3))
            builder.add_node("Conv", [source, f"{layer}.weight"], [layer], {"pads": [1, 1, 1, 1]})
            builder.add_node("Relu", [layer], [f"{layer}.relu"])
            source, inputs = f"{layer}.relu", width
        return builder.finish()


def test_cpp_finds_the_widest_within_a_budget(cpp_example, predictor):
    platform = predictor.platforms[0].id
    latency_ms = {width: predictor.predict(searched_network(width))[platform] for width in range(8, 257, 8)}
    for smaller, larger in ((64, 72), (128, 136)):
        budget_ms = (latency_ms[smaller] + latency_ms[larger]) / 2
        widest = max(width for width in latency_ms if latency_ms[width] <= budget_ms)
        assert widest < 256
        result = subprocess.run([cpp_example, platform, str(budget_ms)], capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        assert result.stdout == f"width {widest}: {latency_ms[widest]:.4g} ms\n"


def test_cpp_says_that_no_width_fits(cpp_example, predictor):
    result = subprocess.run([cpp_example, predictor.platforms[0].id, "0"], capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (1, "no width fits 0 ms\n")


def test_cpp_names_the_nearest_platform(cpp_example):
    result = subprocess.run([cpp_example, "no-such-platform", "1"], capture_output=True, text=True)
    assert result.returncode != 0
    assert "no-such-platform" in result.stderr


def test_python_agrees_with_the_tool(library, tool, models):
    model = sorted(models.glob("*.onnx"))[0]
    output = subprocess.run([sys.executable, ROOT / "Examples" / "Python" / "example.py", model, "1"], check=True,
                            capture_output=True, text=True,
                            env={**os.environ, "NNFORMER_LIBRARY": str(library)}).stdout
    rows = dict(line.split("\t") for line in output.splitlines())
    for platform, latency_ms in tool_estimates(tool, model, "--batch", "1").items():
        assert float(rows[platform]) == pytest.approx(latency_ms, rel=1e-8)


def test_pkg_config_knows_the_library(prefix):
    environment = {**os.environ, "PKG_CONFIG_PATH": ":".join(map(str, prefix.glob("lib/**/pkgconfig")))}
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "nnformer"], check=True, capture_output=True,
                           text=True, env=environment).stdout
    assert "-lnnformer" in flags
