"""Every subcommand can be asked for, and those that only write what is committed write the same again."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnformer_training.cli import SUBCOMMANDS, Subcommand, main
from nnformer_training.locations import EXAMPLES


@pytest.mark.parametrize("subcommand", SUBCOMMANDS, ids=lambda subcommand: subcommand.name)
def test_every_subcommand_says_how_it_is_used(subcommand: Subcommand, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([subcommand.name, "--help"])
    assert ended.value.code == 0
    page = capsys.readouterr().out
    assert page.startswith(f"usage: nnformer_training {subcommand.name} ")
    assert page.count("\n  --") >= 1, "each has an option beside --help"


def test_help_lists_every_subcommand_with_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    page = " ".join(capsys.readouterr().out.split())
    assert len({subcommand.name for subcommand in SUBCOMMANDS}) == len(SUBCOMMANDS)
    assert all(f"{subcommand.name} {subcommand.summary}" in page for subcommand in SUBCOMMANDS)


@pytest.mark.parametrize("words", [[], ["no-such-subcommand"], ["evaluate", "--no-such-option"]])
def test_what_is_not_understood_ends_with_status_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: nnformer_training" in capsys.readouterr().err


def test_example_models_are_those_of_the_repository_byte_for_byte(tmp_path: Path) -> None:
    assert main(["example-models", "--output", str(tmp_path)]) == 0
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in (EXAMPLES / "Models").glob("*.onnx")}
