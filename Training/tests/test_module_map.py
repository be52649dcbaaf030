"""The package's modules import one way, as its docstring and those of its subpackages say."""

from __future__ import annotations

import ast
import graphlib
import re
from functools import cache
from pathlib import Path

import pytest

import nnformer_training

PACKAGE = Path(nnformer_training.__file__).parent
NAME = PACKAGE.name
LIST_FOLLOWS = "Modules import towards the top of this list only:"
LISTED = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py") if LIST_FOLLOWS in path.read_text())


@cache
def module_map() -> list[list[str]]:
    """Top-level modules and subpackages by item of the docstring, lowest first."""
    items = re.findall(r"^- (.*(?:\n  .*)*)", nnformer_training.__doc__ or "", re.MULTILINE)
    return [re.split(r",\s+", item.rpartition(": ")[2]) for item in items]


def listed_modules(package: str) -> list[str]:
    """Modules in the order of the list in a subpackage's docstring, where its lines begin with their names."""
    docstring = ast.get_docstring(ast.parse((PACKAGE / package / "__init__.py").read_text())) or ""
    lines = [re.match(r"``\w+``(?:, ``\w+``)*", line) for line in docstring.partition(LIST_FOLLOWS)[2].splitlines()]
    return [name for line in lines if line for name in re.findall(r"\w+", line[0])]


@cache
def imports() -> dict[str, set[str]]:
    """By module (a subpackage stands for its ``__init__``) the modules that it imports, wherever in it."""
    paths = {_module(path): path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"}
    return {
        module: {
            imported
            for node in ast.walk(ast.parse(path.read_text()))
            for imported in _imported(node, module, path, set(paths))
            if imported != module
        }
        for module, path in paths.items()
    }


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(node: ast.AST, module: str, path: Path, modules: set[str]) -> list[str]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        # The package of a subpackage's __init__ is itself.
        package = [NAME, *module.split(".")][: None if path.name == "__init__.py" else -1]
        base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])
        names = [f"{base if node.level else node.module}.{alias.name}" for alias in node.names]
    else:
        return []
    found = [name.removeprefix(f"{NAME}.") for name in names if name.startswith(f"{NAME}.")]
    # What is imported of a module is not a module.
    return [name if name in modules else name.rpartition(".")[0] for name in found]


def test_every_module_has_one_place_in_the_map() -> None:
    placed = [name for item in module_map() for name in item]
    assert len(placed) == len(set(placed))
    assert set(placed) == {module.partition(".")[0] for module in imports()}
    assert all(item == sorted(item) for item in module_map())


def test_modules_import_nothing_from_below_their_place() -> None:
    place = {name: number for number, item in enumerate(module_map()) for name in item}
    found = [
        f"{module} may not import {imported}"
        for module, all_imported in imports().items()
        for imported in all_imported
        if place[imported.partition(".")[0]] > place[module.partition(".")[0]]
    ]
    assert not found


def test_packages_with_a_list_are_found() -> None:
    assert {"training", "protocol"} <= set(LISTED), "or the next test has nothing to say"


@pytest.mark.parametrize("package", LISTED)
def test_modules_of_a_package_import_towards_the_top_of_its_list(package: str) -> None:
    listed = listed_modules(package)
    here = f"{package}."
    inside = {module.removeprefix(here): names for module, names in imports().items() if module.startswith(here)}
    assert sorted(listed) == sorted(inside)
    found = [
        f"{module} may not import {name}"
        for number, module in enumerate(listed)
        for name in inside[module]
        if name.startswith(here) and name.removeprefix(here) not in listed[:number]
    ]
    assert not found


def test_no_imports_go_in_a_circle() -> None:
    graphlib.TopologicalSorter(imports()).prepare()


def test_imports_of_either_style_are_seen() -> None:
    assert "search_spaces.blocks" in imports()["search_spaces.fbnet"], "absolute"
    assert {"accuracy.run", "locations"} <= imports()["accuracy.page"], "relative, then absolute from a subpackage"
    assert "cli" in imports()["__main__"]
