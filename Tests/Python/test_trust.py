"""How far to trust an estimate, and what it consists of."""

import math
import pathlib

import pytest

import nnformer
from onnx_bytes import small_network


def test_an_interval_holds_its_estimate(predictor, models):
    for path in sorted(models.glob("*.onnx")):
        with nnformer.Graph.open(path, batch_size=1) as graph:
            estimates, predictions = predictor.estimates(graph), predictor.predict(graph)
        assert {id: estimate.latency_ms for id, estimate in estimates.items()} == predictions
        for estimate in estimates.values():
            assert 0 < estimate.lower_ms < estimate.latency_ms < estimate.upper_ms < math.inf
            assert 0 <= estimate.in_domain_score <= 1


def test_a_network_like_those_trained_on_is_in_domain(predictor, models):
    with nnformer.Graph.open(models / "nasbench201.onnx", batch_size=1) as graph:
        assert predictor.estimates(graph)["2080ti-pytorch-fp32"].is_in_domain


def test_a_network_unlike_all_is_outside_and_wide(predictor, library, models):
    with nnformer.Graph.parse(small_network(batch=1)) as graph:
        estimate = predictor.estimates(graph)["pixel3-tflite-fp32"]
    with nnformer.Graph.open(models / "nasbench201.onnx", batch_size=1) as graph:
        usual = predictor.estimates(graph)["pixel3-tflite-fp32"]
    assert not estimate.is_in_domain
    assert estimate.upper_ms / estimate.lower_ms > 2 * usual.upper_ms / usual.lower_ms


def test_operators_never_seen_are_named(predictor):
    with nnformer.Graph.parse(small_network(batch=1, custom_operator="Strange")) as graph:
        for estimate in predictor.estimates(graph).values():
            assert "company::Strange" in estimate.unseen_operators
            assert not estimate.is_in_domain


def test_an_explanation_is_a_sum(predictor, models):
    for path in sorted(models.glob("*.onnx")):
        with nnformer.Graph.open(path, batch_size=4) as graph:
            predicted, count = predictor.predict(graph), graph.node_count
            for platform in list(predicted)[::7]:
                explanation = predictor.explain(graph, platform)
                assert explanation.latency_ms == pytest.approx(predicted[platform], rel=1e-6)
                assert explanation.fixed_ms + sum(explanation.node_ms) == pytest.approx(explanation.latency_ms)
                assert min(explanation.node_ms) >= 0
                assert sorted(node for block in explanation.blocks for node in block.nodes) == list(range(count))
                for block in explanation.blocks:
                    own = sum(explanation.node_ms[node] for node in block.nodes)
                    assert block.latency_ms == pytest.approx(own)


def test_an_unknown_platform_names_the_nearest(predictor):
    with nnformer.Graph.parse(small_network(batch=1)) as graph:
        with pytest.raises(nnformer.NotFoundError, match="2080ti-pytorch-fp32"):
            predictor.explain(graph, "2080ti-pytorch-fp23")


def test_blocks_follow_the_scopes_of_names(predictor):
    fixtures = pathlib.Path(__file__).resolve().parent.parent / "Fixtures"
    with nnformer.Graph.open(fixtures / "resnet18_opset13.onnx", batch_size=1) as graph:
        names = [block.name for block in predictor.explain(graph, "2080ti-pytorch-fp32").blocks]
    assert names[:6] == ["conv1", "relu", "maxpool", "layer1.0", "layer1.1", "layer2.0"]
