"""The Python package as a folder: what it names, where it is installed, where it looks for the library."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

import nnformer

PACKAGE = pathlib.Path(nnformer.__file__).resolve().parent


def test_what_a_program_may_use_is_in_all():
    named = {name for name, value in vars(nnformer).items() if isinstance(value, type) and not name.startswith("_")}
    assert named <= set(nnformer.__all__)
    assert len(nnformer.__all__) == len(set(nnformer.__all__))
    for name in nnformer.__all__:
        assert getattr(nnformer, name) is not None


def test_the_installed_folder_is_the_package(prefix):
    installed = prefix / "share" / "nnformer" / "python" / "nnformer"
    modules = {path.name: path.read_text() for path in PACKAGE.glob("*.py")}
    assert {path.name: path.read_text() for path in installed.glob("*.py")} == modules
    assert all(path.suffix == ".py" for path in installed.iterdir())


@pytest.fixture
def checkout(tmp_path):
    """A folder like a checkout, with the package in its place and no library."""
    folder = tmp_path / "Examples" / "Python" / "nnformer"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path.resolve()


def path_of_the_library(checkout: pathlib.Path, argument: pathlib.Path | None = None, **environment: str) -> str:
    script = f"import nnformer; print(nnformer.Library({str(argument) if argument else None!r}).path)"
    variables = {name: value for name, value in os.environ.items() if name != "NNFORMER_LIBRARY"}
    result = subprocess.run(
        [sys.executable, "-B", "-c", script],
        capture_output=True,
        text=True,
        cwd=checkout / "Examples" / "Python",
        env={**variables, **environment},
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.rstrip("\n")


def test_the_library_is_looked_for_in_the_order_of_the_documentation(checkout, library):
    folders = [
        checkout / "Examples" / "Python" / "nnformer",
        checkout / "Examples" / "Python",
        checkout / "build",
        checkout / ".build" / "release",
    ]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "libnnformer.so").symlink_to(library)
    named = checkout / "named.so"
    named.symlink_to(library)
    assert path_of_the_library(checkout, named, NNFORMER_LIBRARY=str(library)) == str(named)
    assert path_of_the_library(checkout, NNFORMER_LIBRARY=str(named)) == str(named)
    for folder in folders:
        assert path_of_the_library(checkout) == str(folder / "libnnformer.so")
        (folder / "libnnformer.so").unlink()
    assert path_of_the_library(checkout, LD_LIBRARY_PATH=str(library.parent)) == "libnnformer.so.0"
