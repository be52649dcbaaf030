"""Which copy of the library's Python package training reads through."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnformer_training.features.graph_library import DEFAULT_PACKAGE, CtypesLibrary, _load_package


@pytest.fixture
def no_package() -> Iterator[None]:
    """Nothing of ``nnformer`` is loaded, until the test is over."""
    loaded = _forget()
    yield
    _forget()
    sys.modules.update(loaded)


def _forget() -> dict[str, object]:
    names = [name for name in sys.modules if name == "nnformer" or name.startswith("nnformer.")]
    return {name: sys.modules.pop(name) for name in names}


@pytest.mark.usefixtures("no_package")
def test_the_copy_of_this_repository_takes_the_place_of_another(tmp_path: Path) -> None:
    other = _load_package(Path(shutil.copytree(DEFAULT_PACKAGE, tmp_path / "nnformer")))
    assert Path(other.graph.__file__).parent == tmp_path / "nnformer"
    package = _load_package(DEFAULT_PACKAGE)
    assert Path(package.graph.__file__).parent == DEFAULT_PACKAGE
    assert sys.modules["nnformer"] is package and sys.modules["nnformer.graph"] is package.graph
    assert other.graph is not package.graph
    assert _load_package(DEFAULT_PACKAGE) is package


def test_a_folder_without_a_package(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="__init__"):
        CtypesLibrary(package=tmp_path)
