"""Explanations beside the kernels of a runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from residual_network import write_residual_network

from nnformer_training.evaluation.explanations import agreement, explanations_page
from nnformer_training.features.graph_library import CtypesLibrary
from nnformer_training.measure.profiles import Kernel


def test_what_the_profiler_says_agrees_with_itself_and_its_reverse_does_not(
    tmp_path: Path, library: CtypesLibrary
) -> None:
    path = tmp_path / "model.onnx"
    write_residual_network(path)
    names, _ = library.named_predecessors(path)
    # The normalisation is folded into the convolution, whose name stays.
    assert names == ["conv", "act", "sum", "pool"]
    kernels = [Kernel(("norm", "act"), 40.0), Kernel(("sum",), 20.0), Kernel(("pool",), 4.0)]
    same = agreement("residual", "p", path, np.array([0.03, 0.01, 0.02, 0.004]), kernels, library)
    assert same.groups == 3
    assert same.spearman == pytest.approx(1.0)
    assert same.common_top == 3
    assert same.misplaced_share == pytest.approx(0.0)
    reverse = agreement("reversed", "p", path, np.array([0.002, 0.002, 0.02, 0.04]), kernels, library)
    assert reverse.spearman == pytest.approx(-1.0)
    assert reverse.misplaced_share == pytest.approx(36 / 64)
    page = explanations_page([same, reverse])
    assert "| `p` | 2 | 0.000 | -1.000 | 3.00 | 2 | 28 % |" in page
