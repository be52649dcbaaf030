"""The networks of torchvision and timm: reproducible files that the library reads."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from nnformer_training.evaluation import real_models
from nnformer_training.features.graph_library import TOTALS, CtypesLibrary


def test_there_are_at_least_seventy_and_no_name_is_used_twice() -> None:
    listed = [
        name
        for by_resolution in (real_models.TORCHVISION, real_models.TIMM)
        for names in by_resolution.values()
        for name in names
    ]
    assert sorted(listed) == list(real_models.NAMES)
    assert len(set(listed)) >= 70


@pytest.mark.parametrize(
    ("name", "millions_of_macs"),
    # As torch.utils.flop_counter counts the modules.
    [("squeezenet1_1", 349.2), ("lcnet_050", 44.7), ("levit_128s", 304.7)],
)
def test_two_exports_are_the_same_bytes_and_the_library_counts_them(
    name: str, millions_of_macs: float, library: CtypesLibrary
) -> None:
    for package in ("torchvision", "timm"):
        pytest.importorskip(package, reason=f"no {package}: pip install 'Training[real-models]'")
    file = real_models.export(name).SerializeToString()
    assert real_models.export(name).SerializeToString() == file
    totals = library.graph_data(file, 1).totals
    assert totals[TOTALS.index("macs")] == pytest.approx(millions_of_macs * 1e6, rel=0.002)


def test_a_network_is_exported_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exports: list[str] = []

    def export(name: str) -> onnx.ModelProto:
        exports.append(name)
        return onnx.ModelProto(producer_name=name)

    monkeypatch.setattr(real_models, "export", export)
    for _ in range(2):
        networks = dict(real_models.exported(tmp_path / "files", ["a", "b"]))
        assert {name: onnx.load(path).producer_name for name, path in networks.items()} == {"a": "a", "b": "b"}
    assert exports == ["a", "b"]
    assert sorted(path.name for path in (tmp_path / "files").iterdir()) == ["a.onnx", "b.onnx"]
