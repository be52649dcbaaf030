"""Builds the C and C++ callers of this folder against the installed library, plain and with sanitizers, and runs them."""

import ctypes
import os
import pathlib
import re
import subprocess

import pytest

import header

FOLDER = pathlib.Path(__file__).resolve().parent
# Protobuf and the Swift runtime keep what they allocate once for good; only unreachable memory counts as a leak.
SANITIZER_OPTIONS = {"ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "halt_on_error=1"}


def build(prefix: pathlib.Path, folder: pathlib.Path, *arguments: str) -> pathlib.Path:
    for command in (
        ["cmake", "-S", FOLDER, "-B", folder, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}", *arguments],
        ["cmake", "--build", folder],
    ):
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr
    return folder


def run_ctest(folder: pathlib.Path, **environment: str) -> None:
    result = subprocess.run(
        ["ctest", "--test-dir", folder, "--output-on-failure", "--no-tests=error"],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="session")
def callers(prefix: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return build(prefix, tmp_path_factory.mktemp("capi"))


def test_callers(callers):
    run_ctest(callers)


def test_callers_with_sanitizers(prefix, tmp_path_factory):
    folder = build(prefix, tmp_path_factory.mktemp("capi-sanitized"), "-DNNFORMER_SANITIZE=address,undefined")
    run_ctest(folder, **SANITIZER_OPTIONS)


def test_python_structures_have_the_layout_of_the_header(callers):
    from nnformer import structures

    output = subprocess.run([callers / "layout"], check=True, capture_output=True, text=True).stdout
    expected = {name: int(number) for name, number in (line.split() for line in output.splitlines())}
    actual = {}
    for name, structure in structures.STRUCTURES.items():
        actual[name] = ctypes.sizeof(structure)
        for field, *_ in structure._fields_:
            actual[f"{name}.{field}"] = getattr(structure, field).offset
    assert actual == expected


def test_the_layout_program_knows_every_field():
    layout = (FOLDER / "layout.c").read_text()
    fields = set()
    for body, name in re.findall(r"typedef struct \w+ \{(.*?)\} (\w+);", header.TEXT, re.DOTALL):
        body = re.sub(r"/\*.*?\*/", "", body, flags=re.DOTALL)
        fields |= {f"{name}, {field}" for field in re.findall(r"(\w+)(?:\[\w+\])?;", body)}
    assert fields == set(re.findall(r"FIELD\((\w+, \w+)\);", layout))


def test_every_function_that_can_fail_is_given_null():
    given = set(re.findall(r"REFUSED\((nnformer_\w+)\(", (FOLDER / "nulls.c").read_text()))
    assert given == {name for name, (result, _) in header.functions().items() if result.strip() == "nnformer_status"}


def test_the_library_exports_the_header_and_nothing_else(library):
    output = subprocess.run(
        ["nm", "-D", "--extern-only", "--defined-only", library], check=True, capture_output=True, text=True
    ).stdout
    symbols = {line.split()[-1].split("@")[0] for line in output.splitlines() if line.split()[-2] != "A"}
    assert symbols == header.functions().keys()


def test_the_library_needs_no_swift(library):
    output = subprocess.run(["ldd", library], check=True, capture_output=True, text=True).stdout
    assert "swift" not in output.lower()
    assert "Foundation" not in output
    assert "not found" not in output
