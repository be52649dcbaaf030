"""What every Python test needs: where the library is installed.

`make test` installs into a staging folder and names it in NNFORMER_PREFIX.
"""

import os
import pathlib
import subprocess
import sys
from collections.abc import Callable

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Examples" / "Python"))


@pytest.fixture(scope="session")
def prefix() -> pathlib.Path:
    """Folder that the library is installed under."""
    value = os.environ.get("NNFORMER_PREFIX")
    if not value:
        pytest.skip("NNFORMER_PREFIX is not set: run `make test`")
    return pathlib.Path(value)


@pytest.fixture(scope="session")
def library(prefix: pathlib.Path) -> pathlib.Path:
    """The installed shared library."""
    found = sorted(prefix.glob("lib/**/libnnformer.so"))
    assert found, f"no libnnformer.so under {prefix}"
    os.environ["NNFORMER_LIBRARY"] = str(found[0])
    return found[0]


@pytest.fixture(scope="session")
def tool(prefix: pathlib.Path) -> pathlib.Path:
    """The installed shell tool."""
    return prefix / "bin" / "nnformer"


@pytest.fixture
def run(tool: pathlib.Path, tmp_path: pathlib.Path) -> Callable[..., subprocess.CompletedProcess]:
    """Runs the tool in `tmp_path`; its output is text, its exit status as expected."""

    def run(*arguments: object, status: int = 0, stdin: bytes | str = b"") -> subprocess.CompletedProcess:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        result = subprocess.run([tool, *map(str, arguments)], input=given, capture_output=True, cwd=tmp_path)
        result.stdout, result.stderr = result.stdout.decode(), result.stderr.decode()
        assert result.returncode == status, result.stderr
        return result

    return run


@pytest.fixture(scope="session")
def predictor(library: pathlib.Path):
    """The weights inside the library."""
    import nnformer

    with nnformer.Predictor() as predictor:
        yield predictor


@pytest.fixture(scope="session")
def weights() -> pathlib.Path:
    """Folder of the files of the weights inside the library."""
    return ROOT / "Sources" / "CNNFWeights"


@pytest.fixture(scope="session")
def models() -> pathlib.Path:
    """Folder of the bundled example models."""
    return ROOT / "Examples" / "Models"
