"""The floor under every error: recovered from measurements whose noise is known."""

import numpy as np
import pytest

from nnformer_training.validation.repeatability import repeat_error


@pytest.mark.parametrize("repeats", [2, 3, 8])
def test_known_noise_is_recovered(repeats):
    generator = np.random.default_rng(7)
    graphs = 4000
    truth = np.repeat(generator.uniform(1.0, 9.0, graphs), repeats)
    measured = truth * (1.0 + 0.02 * generator.standard_normal(len(truth)))
    hashes = np.repeat(np.arange(graphs).astype("S8"), repeats)
    expected_percent = 100 * np.mean(np.abs(truth - measured) / measured)
    assert repeat_error(hashes, measured).mape_percent == pytest.approx(expected_percent, rel=0.05)


def test_graphs_measured_once_say_nothing():
    hashes = np.arange(1000).astype("S8")
    assert np.isnan(repeat_error(hashes, np.ones(1000)).mape_percent)
