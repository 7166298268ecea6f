"""The gallery tried against a real broker: everything broken is caught, and nobody else is blamed.

Its name keeps it apart from the faulty ones beside it, none of which is collected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from harness.verdict import Outcome
from tests.faulty.gallery import FAULTS, HONEST, Fault
from tests.faulty.trial import Gallery, open_gallery


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    with open_gallery(tmp_path_factory.mktemp("gallery")) as gallery:
        yield gallery


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_is_broken_is_caught_and_nobody_else_is_blamed(gallery: Gallery, fault: Fault) -> None:
    trial = gallery.trial(fault)
    assert trial.result.outcome is not Outcome.PASS
    if trial.error is not None or fault.says:
        assert type(trial.error).__name__ == fault.caught_by, trial.told
        assert re.search(fault.says, str(trial.error)), trial.told
    else:
        assert fault.caught_by in trial.accused, trial.told
        verdict = trial.accused[fault.caught_by].verdict
        assert (verdict.outcome, verdict.blame) == (fault.outcome, fault.blame), trial.told
    blamed = {check.verdict.blame for check in trial.accused.values()}
    assert blamed <= {fault.at_fault, None}, trial.told


@pytest.mark.parametrize("fault", HONEST, ids=lambda fault: fault.name)
def test_what_is_as_it_should_be_passes(gallery: Gallery, fault: Fault) -> None:
    trial = gallery.trial(fault)
    assert trial.result.outcome is Outcome.PASS, trial.told
