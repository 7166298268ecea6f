"""The fuzzers find defects: each one that is planted is found, and with none planted nothing is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fuzz.mutations import examine_mutations
from tests.fuzz.planted import PLANTED, altered
from tests.fuzz.targets.registry import Target

FOUND_AS = {
    "planted-size": "frames end elsewhere",
    "planted-buffer": "it keeps more than a frame",
    "planted-table": r"b'.*'",
    "planted-tap": "bytes of the client were altered",
    "planted-output": "lines are not accounted for",
}
SOON_BY_CHANCE = ["planted-size", "planted-buffer", "planted-output"]


def replay(target: Target, examine: Callable[[bytes], None]) -> None:
    for path in target.inputs():
        examine(path.read_bytes())


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_kept_finds_it(name: str) -> None:
    target = PLANTED[name]
    with target.examiner() as examine, pytest.raises(Exception, match=FOUND_AS[name]):
        replay(target, examine)


@pytest.mark.parametrize("name", SOON_BY_CHANCE)
def test_mutations_find_it(name: str) -> None:
    target = PLANTED[name]
    with target.examiner() as examine, pytest.raises(Exception, match=FOUND_AS[name]):
        examine_mutations(target, examine, count=1000)


def test_what_is_planted_is_planted() -> None:
    def twice(number: int) -> int:
        return number * 2

    assert altered(twice, "* 2", "* 3")(2) == 6
    with pytest.raises(AssertionError):
        altered(twice, "* 4", "* 3")
