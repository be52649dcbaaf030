"""Options and arguments that several commands share, each given to all that have it."""

import csv
import json

import pytest

from onnx_bytes import model, node, parameter, small_network, value

USAGE, DATA_ERROR, NO_INPUT = 64, 65, 66
PLATFORM = "2080ti-pytorch-fp32"
CELL = "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|nor_conv_1x1~2|"


def network(unused: bool) -> bytes:
    """A convolution, beside which there may be another that no output needs."""
    nodes = [node("Conv", ["image", "filter"], ["result"], name="needed")]
    if unused:
        nodes.append(node("Conv", ["image", "filter"], ["forgotten"], name="unused"))
    return model(
        nodes, [value("image", ["batch", 3, 32, 32])], [value("result", ["batch", 16, 30, 30])],
        [parameter("filter", [16, 3, 3, 3])],
    )  # fmt: skip


@pytest.fixture(autouse=True)
def files(models, tmp_path):
    """What `run` finds: fixed.onnx, and in networks/ one with and one without an unused node."""
    (tmp_path / "fixed.onnx").write_bytes(small_network(batch=1))
    (tmp_path / "networks").mkdir()
    (tmp_path / "networks" / "plain.onnx").write_bytes(network(unused=False))
    (tmp_path / "networks" / "unused.onnx").write_bytes(network(unused=True))
    with (tmp_path / "samples.csv").open("w", newline="") as file:
        rows = [("plain", batch, 0.1 * batch) for batch in (1, 8, 64, 512)] + [("unused", 1, 0.1)]
        csv.writer(file).writerows(
            [("model", "batch", "milliseconds"), *((f"networks/{name}.onnx", batch, ms) for name, batch, ms in rows)]
        )
    measured = [(path, batch, 2.5 * batch) for path in sorted(models.glob("*.onnx")) for batch in (1, 2, 4)]
    with (tmp_path / "measured.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("model", "batch", "milliseconds"), *measured])


# Each command that takes weights, so that it prints or writes what they say.
COMMANDS = {
    "predict": ["predict", "fixed.onnx", "--format", "json"],
    "explain": ["explain", "fixed.onnx", "--platform", PLATFORM, "--format", "json"],
    "platforms": ["platforms", "--format", "json"],
    "calibrate": ["calibrate", "measured.csv", "-o", "mine.nnfp"],
    "suggest": ["suggest", "networks", "--batch", "4", "--keep-unused", "--count", "2", "--format", "csv"],
    "accuracy": ["accuracy", "--space", "nasbench201", CELL, "--format", "json"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_weights_of_a_file_are_those_inside(run, command, weights, tmp_path):
    def found(*option: object) -> tuple[str, bytes]:
        output = run(*COMMANDS[command], *option).stdout
        return output, (tmp_path / "mine.nnfp").read_bytes() if command == "calibrate" else b""

    own, other = ("accuracy", "nnformer") if command == "accuracy" else ("nnformer", "accuracy")
    assert found("--weights", weights / f"{own}.safetensors") == found()
    refused = run(*COMMANDS[command], "--weights", weights / f"{other}.safetensors", status=DATA_ERROR)
    assert refused.stdout == "" and f"{other}.safetensors" in refused.stderr
    run(*COMMANDS[command], "--weights", "missing", status=NO_INPUT)


def test_unused_nodes_are_kept_where_asked_for(run):
    reading = ("networks/unused.onnx", "--batch", "1", "--format", "json")
    assert len(json.loads(run("inspect", *reading).stdout)["nodes"]) == 1
    assert len(json.loads(run("inspect", *reading, "--keep-unused").stdout)["nodes"]) == 2
    explaining = ("explain", *reading, "--platform", PLATFORM)
    assert len(json.loads(run(*explaining).stdout)["nodes"]) == 1
    assert len(json.loads(run(*explaining, "--keep-unused").stdout)["nodes"]) == 2
    plain = run("predict", "networks/plain.onnx", *reading[1:]).stdout
    assert run("predict", *reading).stdout == plain.replace("plain.onnx", "unused.onnx")
    assert run("predict", *reading, "--keep-unused").stdout != plain.replace("plain.onnx", "unused.onnx")


def test_networks_that_differ_in_unused_nodes_are_different_where_these_are_kept(run):
    suggesting = ("suggest", "networks", "--batch", "4", "--count", "2")
    assert "2 graphs are wanted, of which 1 are different" in run(*suggesting, status=USAGE).stderr
    assert len(run(*suggesting, "--keep-unused").stdout.splitlines()) == 2
    calibrating = ("calibrate", "samples.csv", "-o", "mine.nnfp")
    assert "4 different graphs are too few" in run(*calibrating, status=DATA_ERROR).stderr
    assert "5 samples" in run(*calibrating, "--keep-unused").stdout


@pytest.mark.parametrize("command", ["predict", "explain", "inspect"])
def test_standard_input_is_a_file(run, command):
    arguments = ("--format", "csv", *(["--platform", PLATFORM] if command != "inspect" else []))
    read = run(command, "fixed.onnx", *arguments).stdout
    assert run(command, "-", *arguments, stdin=small_network(batch=1)).stdout == read.replace("fixed.onnx", "-")
