"""Hypothesis fuzzes every target, on any Python: what is kept, spoiled, breaks nothing."""

from __future__ import annotations

import pytest

from tests.fuzz.mutations import examine_mutations
from tests.fuzz.targets.registry import TARGETS

COUNTS = {"conversation": 300, "tap": 60, "output": 300, "record": 200, "url": 300}


@pytest.mark.parametrize("name", TARGETS)
def test_mutations(name: str) -> None:
    with TARGETS[name].examiner() as examine:
        examine_mutations(TARGETS[name], examine, count=COUNTS[name])
