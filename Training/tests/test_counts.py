"""The page that sets the library's counts beside fvcore's."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnformer_training import cli
from nnformer_training.evaluation import counts
from nnformer_training.locations import DOCUMENTATION


@pytest.mark.usefixtures("library")
def test_a_model_without_normalisation_is_counted_alike_and_as_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("fvcore", "torchvision"):
        pytest.importorskip(package, reason=f"no {package}: pip install 'Training[counts]'")
    monkeypatch.setattr(counts, "MODELS", ("squeezenet1_1",))
    assert cli.main(["count-check", "--output", str(tmp_path / "Counts.md")]) == 0
    written = (tmp_path / "Counts.md").read_text().splitlines()
    # torchvision states 1,235,496 parameters and 0.35 GFLOPs, by which it means multiply-accumulates.
    *_, row = written
    _, name, parameters, own_parameters, no_difference, macs, own_macs, none_either, _ = map(str.strip, row.split("|"))
    assert (name, parameters, own_parameters) == ("squeezenet1_1", "1,235,496", "1,235,496")
    assert macs == own_macs and 0.345e9 < int(macs.replace(",", "")) < 0.355e9
    assert no_difference == none_either == "+0.00 %"
    assert set(written) <= set((DOCUMENTATION / "Counts.md").read_text().splitlines()), "the committed page is outdated"
