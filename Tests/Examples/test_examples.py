"""Each example is built as a stranger would build it, against the installed library, and agrees with the shell tool."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

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


def test_cpp_finds_a_width(cpp_example, tool):
    platforms = json.loads(subprocess.run([tool, "platforms", "--format", "json"], check=True,
                                          capture_output=True, text=True).stdout)
    result = subprocess.run([cpp_example, platforms[0]["id"], "1000"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("width 256:")


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
