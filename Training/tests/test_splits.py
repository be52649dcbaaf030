"""The split is a function of the hash, is frozen once written, and notices when its networks are gone."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnformer_training.labels.splits import HASH_DIGITS, Split, StaleSplit, is_validation_by_rule, read_sides

HASHES = [hashlib.md5(str(number).encode()).hexdigest() for number in range(4000)]

hashes = st.text("0123456789abcdef", min_size=32, max_size=32)


def test_about_a_tenth_validates() -> None:
    share = sum(map(is_validation_by_rule, HASHES)) / len(HASHES)
    assert 0.085 < share < 0.115


@given(hashes, hashes)
def test_only_the_first_digits_count(one: str, other: str) -> None:
    assert is_validation_by_rule(one) == is_validation_by_rule(one[:HASH_DIGITS] + other[HASH_DIGITS:])


def test_the_rule_is_frozen() -> None:
    """Changing it would move networks between training and validation."""
    assert [is_validation_by_rule(value) for value in HASHES[:40]].count(True) == 4
    assert is_validation_by_rule("0" * 32) is False
    assert next(value for value in HASHES if is_validation_by_rule(value)) == "c4ca4238a0b923820dcc509a6f75849b"


def test_freezing_writes_the_side_of_every_network_once(tmp_path: Path) -> None:
    path = Split.open(tmp_path).freeze("some_set", HASHES + HASHES, tmp_path)
    header, *lines = path.read_text().splitlines()
    assert header == "graph_hash,is_validation" and lines == sorted(lines) and len(lines) == len(HASHES)
    assert read_sides(path) == {value[:16]: is_validation_by_rule(value) for value in HASHES}
    before = path.stat().st_mtime_ns
    Split.open(tmp_path).freeze("some_set", HASHES[:3000], tmp_path)
    assert path.stat().st_mtime_ns == before, "an existing file is only read"


@pytest.mark.parametrize("value", HASHES[:12])
def test_a_frozen_network_keeps_its_side_whatever_the_rule_says(tmp_path: Path, value: str) -> None:
    other_side = not is_validation_by_rule(value)
    (tmp_path / "some_set.csv").write_text(f"graph_hash,is_validation\n{value[:16]},{int(other_side)}\n")
    split = Split.open(tmp_path)
    assert split.is_validation(value) is other_side
    # Also in another label set that holds the same network; what no file lists follows the rule.
    split.freeze("other_set", [value, HASHES[-1]], tmp_path)
    further = {HASHES[-1][:16]: is_validation_by_rule(HASHES[-1])}
    assert read_sides(tmp_path / "other_set.csv") == {value[:16]: other_side} | further


def test_files_that_disagree_are_refused(tmp_path: Path) -> None:
    for name, side in (("some_set", 0), ("other_set", 1)):
        (tmp_path / f"{name}.csv").write_text(f"graph_hash,is_validation\n{HASHES[0][:16]},{side}\n")
    with pytest.raises(ValueError, match="on the other side"):
        Split.open(tmp_path)


def test_networks_gone_from_the_label_set_are_noticed(tmp_path: Path) -> None:
    Split.open(tmp_path).freeze("some_set", HASHES, tmp_path)
    other = [hashlib.md5(value.encode()).hexdigest() for value in HASHES]
    with pytest.raises(StaleSplit, match="changed its definition"):
        Split.open(tmp_path).freeze("some_set", other, tmp_path)


@pytest.mark.parametrize("line", ["123,1", "zzzzzzzzzzzzzzzz,1", "0123456789abcdef", "0123456789abcdef,2", None])
def test_other_files_are_refused(tmp_path: Path, line: str | None) -> None:
    (tmp_path / "some_set.csv").write_text(f"graph_hash,is_validation\n{line}\n" if line else "graph_hash\n")
    with pytest.raises(ValueError):
        Split.open(tmp_path)
