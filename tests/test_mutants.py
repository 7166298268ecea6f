"""The arithmetic of ``make mutants``, so that no mutant is passed over in silence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mutants import Mutant, function_of, reckoning, undecorated

SOURCE = """
from functools import cache as kept


def marked(*marks):
    def mark(function):
        function.marks = [*getattr(function, "marks", []), *marks]
        return function
    return mark


@marked(
    "outer",
)
@marked("inner")
def plain():
    @kept
    def within():
        return 1
    return within() + within()


class Thing:
    @property
    def one(self):
        return 1

    @classmethod
    def two(cls):
        return 2


last = plain
"""


def test_decorators_are_applied_all_the_same() -> None:
    found: dict[str, Any] = {}
    rewritten = undecorated(SOURCE)
    assert "@" not in rewritten
    exec(rewritten, found)
    assert (found["plain"](), found["plain"].marks) == (2, ["inner", "outer"])
    assert (found["Thing"]().one, found["Thing"].two()) == (1, 2)
    assert found["last"] is found["plain"]


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("filaprova.judge.verdict.x_worst__mutmut_3", "filaprova.judge.verdict.worst"),
        ("filaprova.scenario.strike.x__look__mutmut_12", "filaprova.scenario.strike._look"),
        (
            "filaprova.amqp.conversation.xǁConversationǁ_settle__mutmut_1",
            "filaprova.amqp.conversation.Conversation._settle",
        ),
    ],
)
def test_the_function_of_a_mutant(name: str, function: str) -> None:
    assert function_of(name) == function


KILLED = {f"m{number}": "killed" for number in range(196)}
ALIVE = {f"m{number}": Mutant("f", "x + 1", f"x - {number}") for number in range(196, 200)}
FATES = KILLED | dict.fromkeys(ALIVE, "survived")


def test_survivors_with_a_reason_are_as_it_has_to_be() -> None:
    told, good = reckoning(FATES, ALIVE, list(ALIVE.values()))
    assert good
    assert told == [
        "killed 196, survived 4",
        "killed 196 of 200 = 98.0%; 4 survive with a reason, 0 without one, 0 listed for nothing",
    ]


def test_a_survivor_without_a_reason_is_shown() -> None:
    told, good = reckoning(FATES, ALIVE, list(ALIVE.values())[1:])
    assert not good
    assert told[0] == "survives (survived): m196\n  - x + 1\n  + x - 196\n"
    assert "3 survive with a reason, 1 without one" in told[-1]


def test_one_that_is_listed_and_does_not_survive_is_shown() -> None:
    told, good = reckoning(FATES, ALIVE, [*ALIVE.values(), Mutant("g", "y", "None")])
    assert not good
    assert told[0] == "listed, but killed or gone: g\n  - y\n  + None\n"


def test_too_few_killed_is_not_good_whatever_the_reasons() -> None:
    alive = ALIVE | {"m195": Mutant("f", "x", "y")}
    assert not reckoning(FATES | {"m195": "no tests"}, alive, list(alive.values()))[1]


def test_no_mutants_at_all_are_not_good() -> None:
    assert not reckoning({}, {}, [])[1]
