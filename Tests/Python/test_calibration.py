"""A device of one's own: calibrated from measurements of networks, saved, and used like any other platform."""

import json
import math
import pathlib
import struct

import pytest

import nnformer
import safetensors_bytes

BATCHES = (1, 2, 4, 8)


@pytest.fixture(scope="module")
def graphs(library, models):
    return [nnformer.Graph.open(path, batch_size=batch) for path in sorted(models.glob("*.onnx")) for batch in BATCHES]


def measure(predictor, graph) -> float:
    """A made-up device: between two known ones, and a little slower."""
    known = predictor.predict(graph)
    return 1.3 * math.sqrt(known["1080ti-pytorch-fp32"] * known["titanx-pytorch-fp32"])


def calibrated(predictor, graphs, latencies) -> nnformer.CalibratedPlatform:
    with nnformer.Calibration(predictor) as calibration:
        for graph, latency_ms in zip(graphs, latencies):
            calibration.add_sample(graph, latency_ms)
        return calibration.fit("mine")


def test_ten_samples_meet_the_rest(predictor, graphs):
    latencies = [measure(predictor, graph) for graph in graphs]
    mine = calibrated(predictor, graphs[:10], latencies[:10])
    report = mine.report()
    assert (report.id, report.sample_count, report.outlier_count) == ("mine", 10, 0)
    assert report.leave_one_out_mape_percent < 5
    extended = predictor.with_platforms([mine])
    assert [platform.id for platform in extended.platforms][:-1] == [platform.id for platform in predictor.platforms]
    for graph, latency_ms in zip(graphs[10:], latencies[10:]):
        assert extended.predict(graph)["mine"] == pytest.approx(latency_ms, rel=0.05)


def test_a_wrong_measurement_among_many_counts_little(predictor, graphs):
    latencies = [measure(predictor, graph) for graph in graphs]
    wrong = [5 * latencies[0], *latencies[1:]]
    report = calibrated(predictor, graphs, wrong).report()
    assert report.outlier_count == 1
    extended = predictor.with_platforms([calibrated(predictor, graphs, wrong)])
    for graph, latency_ms in zip(graphs[1:], latencies[1:]):
        assert extended.predict(graph)["mine"] == pytest.approx(latency_ms, rel=0.1)


def test_a_calibrated_platform_is_one_like_any_other(predictor, graphs):
    extended = predictor.with_platforms([calibrated(predictor, graphs, [measure(predictor, g) for g in graphs])])
    graph = graphs[5]
    estimate = extended.estimates(graph)["mine"]
    assert estimate.latency_ms == extended.predict(graph)["mine"]
    assert estimate.lower_ms < estimate.latency_ms < estimate.upper_ms
    explanation = extended.explain(graph, "mine")
    assert explanation.latency_ms == pytest.approx(estimate.latency_ms)
    assert explanation.fixed_ms + sum(explanation.node_ms) == pytest.approx(estimate.latency_ms)
    with nnformer.Session(extended) as session:
        assert [row["mine"] for row in session.predict(graphs)] == [extended.predict(g)["mine"] for g in graphs]


def test_a_saved_platform_estimates_the_same_bits(predictor, graphs, tmp_path):
    mine = calibrated(predictor, graphs, [measure(predictor, g) for g in graphs])
    mine.save(tmp_path / "mine.nnfp")
    opened = nnformer.CalibratedPlatform.open(tmp_path / "mine.nnfp")
    assert opened.report() == mine.report()
    assert predictor.with_platforms([opened]).predict(graphs[0]) == predictor.with_platforms([mine]).predict(graphs[0])
    assert [path.name for path in tmp_path.iterdir()] == ["mine.nnfp"]


@pytest.mark.parametrize("latency_ms", [0.0, -1.0, math.nan, math.inf])
def test_a_latency_that_cannot_be_is_refused(predictor, graphs, latency_ms):
    with nnformer.Calibration(predictor) as calibration:
        with pytest.raises(nnformer.InvalidArgumentError, match="positive"):
            calibration.add_sample(graphs[0], latency_ms)


def test_contradictions_are_refused_and_repetitions_are_one_sample(predictor, graphs):
    with nnformer.Calibration(predictor) as calibration:
        for _ in range(6):
            calibration.add_sample(graphs[0], 10.0)
        with pytest.raises(nnformer.InvalidArgumentError, match="30.0 ms contradicts 10.0"):
            calibration.add_sample(graphs[0], 30.0)
        with pytest.raises(nnformer.InvalidArgumentError, match="1 different graphs are too few"):
            calibration.fit("mine")


def test_repetitions_count_as_their_geometric_mean(predictor, graphs):
    latencies = [measure(predictor, graph) for graph in graphs]
    once = calibrated(predictor, graphs, latencies)
    apart = [*(1.2 * latency_ms for latency_ms in latencies), *(latency_ms / 1.2 for latency_ms in latencies)]
    twice = calibrated(predictor, [*graphs, *graphs], apart)
    assert twice.report().sample_count == len(graphs)
    expected = predictor.with_platforms([once]).predict(graphs[0])
    assert predictor.with_platforms([twice]).predict(graphs[0]) == pytest.approx(expected, rel=1e-5)


def test_measurements_beyond_the_limit_are_refused(predictor):
    with nnformer.Calibration(predictor) as calibration, convolution(8, 8) as graph:
        for _ in range(4096):
            calibration.add_sample(graph, 1.0)
        with pytest.raises(nnformer.LimitExceededError, match="at most 4096"):
            calibration.add_sample(graph, 1.0)


def test_an_id_is_needed_and_must_be_free(predictor, graphs):
    with nnformer.Calibration(predictor) as calibration:
        for graph in graphs[:6]:
            calibration.add_sample(graph, measure(predictor, graph))
        for id in ("", "x" * 257):
            with pytest.raises(nnformer.InvalidArgumentError, match="256"):
                calibration.fit(id)
        taken = calibration.fit(predictor.platforms[0].id)
    with pytest.raises(nnformer.InvalidArgumentError, match="two platforms"):
        predictor.with_platforms([taken])


def test_suggestions_are_different_and_lead_with_the_most_telling(predictor, graphs):
    with nnformer.Calibration(predictor) as calibration:
        chosen = calibration.suggest(graphs, 6)
        assert len(set(chosen)) == 6 and calibration.suggest(graphs, 3) == chosen[:3]
        for number in chosen[:3]:
            calibration.add_sample(graphs[number], measure(predictor, graphs[number]))
        # What has been measured is not suggested again.
        assert set(calibration.suggest(graphs, 5)).isdisjoint(chosen[:3])
        with pytest.raises(nnformer.InvalidArgumentError, match="different"):
            calibration.suggest([graphs[0], graphs[0]], 2)


def convolution(width: int, extent: int) -> nnformer.Graph:
    with nnformer.GraphBuilder() as builder:
        builder.add_input("image", (1, 3, extent, extent))
        builder.add_parameter("filter", (width, 3, 3, 3))
        builder.add_node("Conv", ["image", "filter"], ["features"])
        return builder.finish()


def test_a_network_unlike_the_others_is_suggested_early_wherever_it_stands(predictor):
    alike, large = [convolution(width, 32) for width in range(60, 69)], convolution(1024, 128)
    with nnformer.Calibration(predictor) as calibration:

        def chosen(graphs: list[nnformer.Graph]) -> list[nnformer.Graph]:
            return [graphs[number] for number in calibration.suggest(graphs, 3)]

        first = chosen([*alike, large])
        assert large in first[:2]
        for graphs in ([large, *alike], [large, *reversed(alike)], [*alike[:4], large, *alike[4:]]):
            assert chosen(graphs) == first


# ------------------------------------------------------------------------------------------------ hostile files


def rewritten(data: bytes, change) -> bytes:
    """The file with its metadata document changed."""
    header, tensors = safetensors_bytes.split(data)
    document = json.loads(header["__metadata__"]["nnformer_platform"])
    change(document)
    header["__metadata__"]["nnformer_platform"] = json.dumps(document)
    return safetensors_bytes.beginning(header) + tensors


@pytest.fixture(scope="module")
def saved(predictor, graphs, tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("saved") / "mine.nnfp"
    calibrated(predictor, graphs, [measure(predictor, g) for g in graphs]).save(path)
    return path.read_bytes()


def open_bytes(data: bytes, path: pathlib.Path) -> nnformer.CalibratedPlatform:
    path.write_bytes(data)
    return nnformer.CalibratedPlatform.open(path)


def test_a_file_cut_anywhere_is_refused(saved, tmp_path):
    for length in range(len(saved)):
        with pytest.raises(nnformer.MalformedInputError):
            open_bytes(saved[:length], tmp_path / "cut.nnfp")


def test_a_file_of_another_format_is_refused(saved, tmp_path):
    with pytest.raises(nnformer.IncompatibleWeightsError, match="wrong.nnfp.*format_version 2"):
        open_bytes(rewritten(saved, lambda document: document.update(format_version=2)), tmp_path / "wrong.nnfp")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""), ("id", 7), ("id", "a\0b"), ("platforms", 0), ("platforms", 2**40),
        ("graph_features", -1), ("sample_count", -1), ("weights_fingerprint", "zz"), ("weights_fingerprint", None),
        ("leave_one_out_spearman", "high"),
    ],
)  # fmt: skip
def test_metadata_that_cannot_be_is_refused(saved, tmp_path, field, value):
    with pytest.raises(nnformer.MalformedInputError, match=f"wrong.nnfp.*{field} must be"):
        open_bytes(rewritten(saved, lambda document: document.update({field: value})), tmp_path / "wrong.nnfp")


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e30, -1.0])
def test_numbers_that_cannot_be_are_refused(saved, tmp_path, value):
    # The last tensor holds shares, which are 0 to 1.
    with pytest.raises(nnformer.MalformedInputError):
        open_bytes(saved[:-4] + struct.pack("<f", value), tmp_path / "wrong.nnfp")


def test_a_platform_of_other_weights_is_refused(predictor, saved, tmp_path):
    changed = rewritten(saved, lambda document: document.update(weights_fingerprint="0123456789abcdef"))
    other = open_bytes(changed, tmp_path / "other.nnfp")
    with pytest.raises(nnformer.IncompatibleWeightsError, match="calibrate it again"):
        predictor.with_platforms([other])


def test_a_platform_made_of_other_platforms_is_refused(predictor, saved, tmp_path):
    header, _ = safetensors_bytes.split(saved)
    document = json.loads(header["__metadata__"]["nnformer_platform"])
    # One platform more than the weights have, of which the new one is said to be made; the fingerprint is theirs.
    document["platforms"] += 1
    count = document["platforms"]
    tensors = {
        "intercept": [0.0], "coefficients": [0.0] * (count + document["graph_features"]), "interval": [0.1, 1.0],
        "shares": [0.0] * (count - 1) + [1.0],
    }  # fmt: skip
    data = safetensors_bytes.pack(tensors, {"nnformer_platform": json.dumps(document)})
    other = open_bytes(data, tmp_path / "other.nnfp")
    with pytest.raises(nnformer.IncompatibleWeightsError, match=f"made of {count} platforms"):
        predictor.with_platforms([other])


def test_what_is_no_platform_is_refused(library, tmp_path):
    for data in (b"", b"not a platform", bytes(100)):
        with pytest.raises(nnformer.MalformedInputError):
            open_bytes(data, tmp_path / "wrong.nnfp")
    with pytest.raises(nnformer.InputOutputError):
        nnformer.CalibratedPlatform.open(tmp_path / "missing.nnfp")
    with pytest.raises(nnformer.InputOutputError):
        nnformer.CalibratedPlatform.open(tmp_path)
