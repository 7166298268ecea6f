"""Every input that is kept, seeds and what was found, is examined again."""

from __future__ import annotations

import pytest

from tests.fuzz.targets.registry import TARGETS, Target


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.name)
def test_replay(target: Target) -> None:
    inputs = target.inputs()
    assert inputs
    failed = {}
    with target.examiner() as examine:
        for path in inputs:
            try:
                examine(path.read_bytes())
            except Exception as error:
                failed[path.name] = error
    assert not failed, "\n".join(f"{name}: {error!r}" for name, error in failed.items())
