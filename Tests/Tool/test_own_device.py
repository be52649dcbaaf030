"""explain, calibrate and suggest, driven as a shell would drive them."""

import csv
import html.parser
import io
import json
import re
import shutil
import subprocess

import pytest

import nnformer
from onnx_bytes import model, node, parameter, small_network, value

USAGE, DATA_ERROR, NO_INPUT = 64, 65, 66
PLATFORM = "2080ti-pytorch-fp32"


@pytest.fixture(autouse=True)
def networks(models, tmp_path):
    """What `run` finds: the example networks, in networks/."""
    shutil.copytree(models, tmp_path / "networks")


@pytest.fixture
def samples(predictor, models) -> list[tuple[str, int, float]]:
    """What a device half as fast as a known one takes."""
    rows = []
    for path in sorted(models.glob("*.onnx")):
        for batch in (1, 2, 4):
            with nnformer.Graph.open(path, batch_size=batch) as graph:
                rows.append((f"networks/{path.name}", batch, 2 * predictor.predict(graph)[PLATFORM]))
    return rows


def write_samples(path, rows, header=("model", "batch", "milliseconds")):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


# ------------------------------------------------------------------------------------------------ explain


def test_explain_json_sums_to_the_estimate(run):
    text = run("explain", "networks/nasbench201.onnx", "--batch", "1", "--platform", PLATFORM, "--format", "json").stdout
    breakdown = json.loads(text)
    assert breakdown["fixed_ms"] + sum(node["latency_ms"] for node in breakdown["nodes"]) == pytest.approx(
        breakdown["latency_ms"]
    )
    assert breakdown["fixed_ms"] + sum(block["latency_ms"] for block in breakdown["blocks"]) == pytest.approx(
        breakdown["latency_ms"]
    )
    own = next(platform for platform in breakdown["platforms"] if platform["id"] == PLATFORM)
    assert own["latency_ms"] == pytest.approx(breakdown["latency_ms"])


def test_explain_csv_and_table_agree_with_json(run):
    arguments = ("explain", "networks/fbnet.onnx", "--batch", "1", "--platform", PLATFORM)
    breakdown = json.loads(run(*arguments, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(run(*arguments, "--format", "csv").stdout)))
    assert [float(row["latency_ms"]) for row in rows] == [node["latency_ms"] for node in breakdown["nodes"]]
    table = run(*arguments, "--top", "3").stdout.splitlines()
    assert len(table) == 1 + len(breakdown["blocks"]) + 2 + 1 + 1 + 3


class Page(html.parser.HTMLParser):
    """Collects what a page loads from elsewhere, and checks that elements are closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.loaded, self.text = [], [], ""

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "rect", "br"):
            self.open.append(tag)
        self.loaded += [value for name, value in attributes if name in ("src", "href", "xlink:href")]
        assert tag != "script"

    def handle_endtag(self, tag):
        if tag not in ("meta", "rect", "br"):
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_explain_html_stands_by_itself(run, tmp_path):
    name = "<script>alert('x')</script>&.onnx"
    (tmp_path / name.replace("/", "_")).write_bytes(small_network(batch=1))
    text = run("explain", name.replace("/", "_"), "--platform", PLATFORM, "--format", "html").stdout
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == [] and page.loaded == [] and "url(" not in text
    assert PLATFORM in page.text and "alert('x')" in page.text
    # So small a network is unlike those that most platforms were trained on.
    assert re.search(r"0\.\d\d outside", page.text)


def test_explain_refuses_what_it_cannot_do(run):
    result = run("explain", "networks/fbnet.onnx", "--batch", "1", "--platform", "2080ti", status=USAGE)
    assert "nearest" in result.stderr and result.stdout == ""
    run("explain", "networks/fbnet.onnx", "--batch", "1", status=USAGE)
    top = run("explain", "networks/fbnet.onnx", "--batch", "1", "--platform", PLATFORM, "--top=-1", status=USAGE)
    assert "--top is -1" in top.stderr and top.stdout == ""
    run("explain", "missing.onnx", "--platform", PLATFORM, status=NO_INPUT)


@pytest.mark.skipif(not (shutil.which("chromium") or shutil.which("google-chrome")), reason="needs Chromium")
def test_the_page_is_drawn_without_errors(run, tmp_path):
    text = run("explain", "networks/once_for_all.onnx", "--batch", "1", "--platform", PLATFORM, "--format", "html").stdout
    (tmp_path / "page.html").write_text(text)
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    result = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
         f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"file://{tmp_path / 'page.html'}"],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "CONSOLE" not in result.stderr
    assert result.stdout.count("<rect") == text.count("<rect")


# ------------------------------------------------------------------------------------------------ calibrate


def test_a_calibrated_platform_goes_through_every_command(run, tmp_path, samples):
    write_samples(tmp_path / "samples.csv", samples)
    result = run("calibrate", "samples.csv", "-o", "mydevice.nnfp")
    assert result.stdout.startswith("mydevice.nnfp: platform mydevice, 12 samples")
    assert re.search(r"error [0-4]\.\d %, rank correlation (1\.0|0\.9)", result.stdout)
    option = ("--calibration", "mydevice.nnfp")
    rows = json.loads(
        run("predict", "networks/fbnet.onnx", "--batch", "8", *option, "--format", "json").stdout
    )
    latency = {row["platform"]: row["latency_ms"] for row in rows}
    assert latency["mydevice"] == pytest.approx(2 * latency[PLATFORM], rel=0.1)
    assert "mydevice" in run("platforms", *option).stdout
    run("calibrate", "-", "-o", "other.nnfp", stdin=(tmp_path / "samples.csv").read_bytes())
    listed = json.loads(run("platforms", *option, "--calibration", "other.nnfp", "--format", "json").stdout)
    assert [platform["id"] for platform in listed[-2:]] == ["mydevice", "other"]
    explained = run("explain", "networks/fbnet.onnx", "--batch", "8", "--platform", "mydevice", *option, "--format", "json")
    assert json.loads(explained.stdout)["latency_ms"] == pytest.approx(latency["mydevice"], rel=1e-6)


def test_samples_may_have_further_columns_quotes_and_a_byte_order_mark(run, tmp_path, samples):
    rows = [(f"{ms!r}", "a, b", batch, model) for model, batch, ms in samples]
    write_samples(tmp_path / "plain.csv", samples)
    text = io.StringIO()
    csv.writer(text).writerows([("milliseconds", "note", "batch", "Model"), *rows])
    (tmp_path / "rich.csv").write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode() + b"\r\n\r\n")
    run("calibrate", "plain.csv", "-o", "plain.nnfp", "--id", "same")
    run("calibrate", "rich.csv", "-o", "rich.nnfp", "--id", "same")
    assert (tmp_path / "plain.nnfp").read_bytes() == (tmp_path / "rich.nnfp").read_bytes()


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("", DATA_ERROR, "must name the columns model, batch and milliseconds"),
        ("model,batch\n", DATA_ERROR, "must name the columns"),
        ("model,batch,milliseconds\n", DATA_ERROR, "0 different graphs are too few"),
        ("model,batch,milliseconds\nnetworks/fbnet.onnx,1\n", DATA_ERROR, "line 2 has 2 fields"),
        ("model,batch,milliseconds\nnetworks/fbnet.onnx,0,1\n", DATA_ERROR, "line 2: batch is '0'"),
        ("model,batch,milliseconds\nnetworks/fbnet.onnx,1.5,1\n", DATA_ERROR, "line 2: batch"),
        ("model,batch,milliseconds\nnetworks/fbnet.onnx,99999999999999999999,1\n", DATA_ERROR, "line 2: batch"),
        ("model,batch,milliseconds\nnetworks/fbnet.onnx,1,fast\n", DATA_ERROR, "line 2: milliseconds is 'fast'"),
        ("model,batch,milliseconds\nnetworks/fbnet.onnx,1,-3\n", DATA_ERROR, "line 2: milliseconds is '-3'"),
        ("model,batch,milliseconds\nnetworks/fbnet.onnx,1,nan\n", DATA_ERROR, "line 2: milliseconds"),
        ("model,batch,milliseconds\nnetworks/fbnet.onnx,1,1e999\n", DATA_ERROR, "line 2: milliseconds"),
        ("model,batch,milliseconds\n,1,3\n", DATA_ERROR, "line 2 names no model"),
        ("model,batch,milliseconds\nnetworks/fbnet.onnx,1,3\nnetworks/fbnet.onnx,1,9\n", DATA_ERROR, "line 3 (networks/fbnet.onnx)"),
        ("model,batch,milliseconds\n" + "networks/fbnet.onnx,1,3\n" * 7, DATA_ERROR, "1 different graphs are too few"),
        ("model,batch,milliseconds\nmissing.onnx,1,3\n", NO_INPUT, "line 2 (missing.onnx)"),
        ("model,batch,milliseconds\nsamples.csv,1,3\n", DATA_ERROR, "line 2 (samples.csv)"),
    ],
)
def test_samples_that_cannot_be_used_are_refused(run, tmp_path, text, status, message):
    (tmp_path / "samples.csv").write_text(text)
    result = run("calibrate", "samples.csv", "-o", "out.nnfp", status=status)
    assert message in result.stderr and result.stderr.count("\n") == 1
    assert not (tmp_path / "out.nnfp").exists()


def open_network(width: int) -> bytes:
    """A convolution of images of which neither the number nor the height is known."""
    return model(
        [node("Conv", ["image", "filter"], ["result"])],
        [value("image", ["batch", 3, "height", 64])],
        [value("result", ["batch", width, "rows", "columns"])],
        [parameter("filter", [width, 3, 3, 3])],
    )


def test_axes_that_samples_leave_open_are_fixed_by_input(run, tmp_path):
    (tmp_path / "open.onnx").write_bytes(open_network(4))
    write_samples(tmp_path / "samples.csv", [("open.onnx", batch, 0.1 * batch) for batch in (1, 2, 4, 8, 16, 32)])
    result = run("calibrate", "samples.csv", "-o", "out.nnfp", status=USAGE)
    assert "line 2 (open.onnx)" in result.stderr and result.stderr.endswith(
        "input 'image' axis 2 ('height') is open in 1x3xheightx64: give its extent (--input NAME=SHAPE)\n"
    )
    result = run("calibrate", "samples.csv", "-o", "out.nnfp", "--input", "image=-1x3x64x64")
    assert "6 samples" in result.stdout
    run("calibrate", "samples.csv", "-o", "out.nnfp", "--input", "nothing=-1x3x64x64", status=USAGE)


def test_an_id_or_an_output_that_cannot_be_is_refused(run, tmp_path, samples):
    write_samples(tmp_path / "samples.csv", samples)
    for option in (("-o", "out.nnfp", "--id", "x" * 257), ("-o", ".nnfp")):
        assert "1 to 256" in run("calibrate", "samples.csv", *option, status=USAGE).stderr
    result = run("calibrate", "samples.csv", "-o", "missing/out.nnfp", status=NO_INPUT)
    assert "cannot write 'missing/out.nnfp'" in result.stderr and result.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["networks", "samples.csv"]


def test_files_that_are_no_platforms_are_refused(run, tmp_path):
    (tmp_path / "wrong.nnfp").write_bytes(b"\xff" * 64)
    run("predict", "networks/fbnet.onnx", "--batch", "1", "--calibration", "wrong.nnfp", status=DATA_ERROR)
    run("predict", "networks/fbnet.onnx", "--batch", "1", "--calibration", "missing.nnfp", status=NO_INPUT)
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    run("calibrate", "binary.csv", "-o", "out.nnfp", status=DATA_ERROR)
    run("calibrate", "missing.csv", "-o", "out.nnfp", status=NO_INPUT)
    run("calibrate", "networks", "-o", "out.nnfp", status=NO_INPUT)


# ------------------------------------------------------------------------------------------------ suggest


def test_suggestions_are_a_samples_file_without_latencies(run, tmp_path):
    (tmp_path / "networks" / "broken.onnx").write_bytes(b"no protobuf")
    result = run("suggest", "networks", "--count", "3", "--batch", "2", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len({row["model"] for row in rows}) == 3 and {row["batch"] for row in rows} == {"2"}
    assert "broken.onnx" in result.stderr
    assert run("suggest", "networks", "--count", "3", "--batch", "2").stdout.split() == [row["model"] for row in rows]


def test_subfolders_are_searched_and_open_axes_fixed(run, tmp_path):
    inner = tmp_path / "many" / "of" / "them"
    inner.mkdir(parents=True)
    for number in range(3):
        (inner / f"{number}.onnx").write_bytes(open_network(4 << number))
    result = run("suggest", "many", "--count", "3", "--batch", "1", status=USAGE)
    assert result.stderr.count("'height'") == 3
    result = run("suggest", "many", "--count", "3", "--batch", "1", "--input", "image=-1x3x64x64")
    assert sorted(result.stdout.split()) == [f"many/of/them/{number}.onnx" for number in range(3)]


def test_suggest_refuses_what_it_cannot_do(run):
    assert "9 graphs are wanted, 4 are given" in run("suggest", "networks", "--batch", "1", "--count", "9", status=USAGE).stderr
    run("suggest", "missing", status=NO_INPUT)
    run("suggest", "networks", "--count", "0", status=USAGE)
