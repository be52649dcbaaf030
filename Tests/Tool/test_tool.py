"""The shell tool, driven as a shell would drive it."""

import csv
import io
import json
import os
import re
import signal
import subprocess

import pytest

import nnformer
from onnx_bytes import SMALL_NETWORK_MACS, SMALL_NETWORK_PARAMETERS, small_network

USAGE, DATA_ERROR, NO_INPUT = 64, 65, 66


@pytest.fixture(autouse=True)
def files(tmp_path):
    """What `run` finds: small.onnx (open batch axis), fixed.onnx, custom.onnx and garbage.onnx."""
    (tmp_path / "small.onnx").write_bytes(small_network())
    (tmp_path / "fixed.onnx").write_bytes(small_network(batch=1))
    (tmp_path / "custom.onnx").write_bytes(small_network(batch=1, custom_operator='Cus"tom,\x1b'))
    (tmp_path / "garbage.onnx").write_bytes(b"no protobuf")


@pytest.fixture
def platforms(run) -> list[dict]:
    return json.loads(run("platforms", "--format", "json").stdout)


def test_version(run):
    assert run("--version").stdout == nnformer.__version__ + "\n"


def test_help_documents_the_exit_statuses(run):
    text = " ".join(run("--help").stdout.split())
    for status in (USAGE, DATA_ERROR, NO_INPUT, 70):
        assert f" {status} " in text


# ------------------------------------------------------------------------------------------------ predict


def test_predict_json_agrees_with_the_library(run, platforms, library, tmp_path):
    rows = json.loads(run("predict", "small.onnx", "--batch", "3", "--format", "json").stdout)
    with nnformer.Predictor() as predictor, nnformer.Graph.open(tmp_path / "small.onnx", batch_size=3) as graph:
        expected = predictor.predict(graph)
    assert {row["platform"]: row["latency_ms"] for row in rows} == pytest.approx(expected, rel=1e-12)
    assert [row["platform"] for row in rows] == [platform["id"] for platform in platforms]
    assert all(row["file"] == "small.onnx" and row["unknown_operators"] == [] for row in rows)


def test_predict_csv_has_every_digit(run):
    rows = json.loads(run("predict", "fixed.onnx", "--format", "json").stdout)
    records = list(csv.DictReader(io.StringIO(run("predict", "fixed.onnx", "--format", "csv").stdout)))
    numbers = ["latency_ms", "lower_ms", "upper_ms", "in_domain_score"]
    assert list(records[0]) == ["file", "platform", "quantity", *numbers, "unseen_operators"]
    for name in numbers:
        assert [float(record[name]) for record in records] == [row[name] for row in rows]


def test_predict_csv_names_unseen_operators(run):
    for file, operator in (("fixed.onnx", ""), ("custom.onnx", 'company::Cus"tom,\x1b')):
        rows = json.loads(run("predict", file, "--format", "json").stdout)
        records = csv_records(run("predict", file, "--format", "csv").stdout)
        names = [record["unseen_operators"] for record in records]
        assert names == [" ".join(row["unseen_operators"]) for row in rows]
        assert all(operator in name for name in names)


def test_predict_table_is_aligned(run, platforms):
    lines = run("predict", "fixed.onnx").stdout.splitlines()
    assert len(lines) == 1 + len(platforms)
    end = lines[0].index("milliseconds") + len("milliseconds")
    for line in lines[1:]:
        number = line[:end].split()[-1]
        assert line[end - len(number) : end] == number and line[end : end + 2] == "  "
        assert len(number.replace(".", "").lstrip("0")) == 4


def test_one_row_a_file_and_platform(run, platforms):
    records = csv_records(run("predict", "fixed.onnx", "custom.onnx", "--format", "csv").stdout)
    assert [record["file"] for record in records] == ["fixed.onnx"] * len(platforms) + ["custom.onnx"] * len(platforms)


def test_platforms_can_be_chosen(run, platforms):
    ids = [platforms[-1]["id"], platforms[0]["id"]]
    records = csv_records(run("predict", "--platform", ids[0], "--platform", ids[1], "fixed.onnx", "--format", "csv").stdout)
    assert [record["platform"] for record in records] == ids


def test_an_unknown_platform_names_the_nearest(run, platforms):
    result = run("predict", "fixed.onnx", "--platform", platforms[0]["id"] + "x", status=USAGE)
    assert result.stderr.startswith("nnformer: ") and platforms[0]["id"] + "," in result.stderr + ","
    assert result.stdout == ""


def test_standard_input(run, tmp_path):
    piped = json.loads(run("predict", "-", "--format", "json", stdin=small_network(batch=1)).stdout)
    read = json.loads(run("predict", "fixed.onnx", "--format", "json").stdout)
    assert [row["latency_ms"] for row in piped] == [row["latency_ms"] for row in read]
    run("predict", "-", "-", status=USAGE)


def test_input_shapes(run):
    expected = run("predict", "small.onnx", "--batch", "2", "--format", "csv").stdout
    for shape in ("2x3x8x8", "image=2x3x8x8", "image=2x-1x-1x-1"):
        assert run("predict", "small.onnx", "--input", shape, "--format", "csv").stdout == expected


@pytest.mark.parametrize(
    "arguments",
    [
        ["predict"],
        ["predict", "small.onnx", "--batch", "0"],
        ["predict", "small.onnx", "--batch", "many"],
        ["predict", "small.onnx", "--input", "image=2xthreex8x8"],
        ["predict", "small.onnx", "--input", "image=2x-2"],
        ["predict", "small.onnx", "--input", "image="],
        ["predict", "small.onnx", "--input", "nothing=2x3x8x8"],
        ["predict", "small.onnx", "--format", "xml"],
        ["platforms", "--format", "csv"],
        ["inspect"],
        ["no-such-command"],
    ],
)
def test_usage_errors(run, arguments):
    result = run(*arguments, status=USAGE)
    assert result.stderr and not result.stdout


def test_an_open_axis_says_what_to_give(run):
    result = run("predict", "small.onnx", status=USAGE)
    assert result.stderr == (
        "nnformer: small.onnx: input 'image' axis 0 ('batch') is open in Nx3x8x8: give its extent, or a batch size "
        "(--batch N or --input NAME=SHAPE)\n"
    )


@pytest.mark.parametrize(
    ("file", "status"), [("missing.onnx", NO_INPUT), ("garbage.onnx", DATA_ERROR), (".", NO_INPUT), ("-", DATA_ERROR)]
)
@pytest.mark.parametrize("command", ["predict", "inspect"])
def test_a_bad_file_is_one_line_and_a_status(run, command, file, status):
    result = run(command, file, status=status)
    assert re.fullmatch(rf"nnformer: {re.escape(file)}: [^\n]+\n", result.stderr)
    assert result.stdout == ""


def test_after_a_bad_file_the_rest_goes_on(run, platforms):
    result = run("predict", "missing.onnx", "fixed.onnx", "garbage.onnx", "--format", "csv", status=NO_INPUT)
    assert {record["file"] for record in csv_records(result.stdout)} == {"fixed.onnx"}
    assert len(result.stderr.splitlines()) == 2


def test_names_do_not_break_lines_or_steer_the_terminal(run):
    result = run("predict", "no\nsuch\x1b[31m.onnx", status=NO_INPUT)
    assert result.stderr.count("\n") == 1 and "\x1b" not in result.stderr
    result = run("inspect", "custom.onnx")
    assert "\x1b" not in result.stdout + result.stderr


def test_unknown_operators_are_noted_on_standard_error(run):
    result = run("predict", "custom.onnx")
    assert re.fullmatch(r"nnformer: custom\.onnx: note: .*company::Cus\"tom, .*\n", result.stderr)
    lines = result.stdout.splitlines()[1:]
    assert lines and all(line.endswith('outside company::Cus"tom,') for line in lines)  # no control sequence among them
    assert run("predict", "fixed.onnx").stderr == ""


@pytest.mark.parametrize("command", ["predict", "platforms"])
def test_weights_files_are_checked(run, command, tmp_path):
    files = ["fixed.onnx"] if command == "predict" else []
    (tmp_path / "weights").write_bytes(b"not safetensors")
    result = run(command, *files, "--weights", "weights", status=DATA_ERROR)
    assert re.fullmatch(r"nnformer: weights: [^\n]+\n", result.stderr)
    run(command, *files, "--weights", "missing", status=NO_INPUT)


def test_a_reader_that_leaves_is_no_error(tool, tmp_path):
    (tmp_path / "fixed.onnx").write_bytes(small_network(batch=1))
    read, write = os.pipe()
    os.close(read)
    # Started as from a program that ignores SIGPIPE, which children inherit.
    process = subprocess.run(
        [tool, "inspect", "fixed.onnx"], cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, restore_signals=False
    )
    os.close(write)
    assert process.returncode == -signal.SIGPIPE
    assert process.stderr == b""


# ---------------------------------------------------------------------------------------------- platforms


def test_platforms_agree_with_the_library(platforms, library):
    with nnformer.Predictor() as predictor:
        expected = predictor.platforms
    assert [platform["id"] for platform in platforms] == [platform.id for platform in expected]
    for platform, described in zip(platforms, expected):
        assert platform.pop("label_sets") == [vars(label_set) for label_set in described.label_sets]
        assert platform == {name: value for name, value in vars(described).items() if name != "label_sets"}


def test_platforms_table_names_every_platform(run, platforms):
    lines = run("platforms").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [platform["id"] for platform in platforms]


# ------------------------------------------------------------------------------------------------ inspect


def test_inspect_json(run):
    network = json.loads(run("inspect", "small.onnx", "--batch", "2", "--format", "json").stdout)
    assert (network["batch_size"], network["edges"], network["unknown_operators"]) == (2, 1, [])
    assert network["costs"]["macs"] == 2 * SMALL_NETWORK_MACS
    assert network["costs"]["parameters"] == SMALL_NETWORK_PARAMETERS
    convolution = network["nodes"][0]
    assert convolution["operator_name"] == "Conv" and convolution["is_known"]
    assert convolution["outputs"] == [{"element_type": 1, "shape": [2, 4, 8, 8]}]
    for cost, total in network["costs"].items():
        assert sum(node["costs"][cost] for node in network["nodes"]) == total


def test_inspect_csv_is_escaped(run):
    records = csv_records(run("inspect", "custom.onnx", "--format", "csv").stdout)
    assert [record["operator"] for record in records] == ["Conv", 'company::Cus"tom,\x1b']
    assert [record["is_known"] for record in records] == ["1", "0"]
    assert records[0]["macs"] == str(SMALL_NETWORK_MACS)


def test_inspect_table(run):
    text = run("inspect", "custom.onnx").stdout
    assert "Conv" in text and "1x4x8x8" in text and "total" in text
    assert "Unknown operators: company::Cus" in text


def test_results_are_the_same_every_time(run):
    for arguments in (["predict", "fixed.onnx"], ["inspect", "fixed.onnx"], ["platforms"]):
        assert len({run(*arguments, "--format", "json").stdout for _ in range(3)}) == 1


def csv_records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))
