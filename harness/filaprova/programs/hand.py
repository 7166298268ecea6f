"""Hand: which tasks a program has in hand, by its own words alone, and which one is done."""

from __future__ import annotations

import re
from dataclasses import dataclass

from filaprova.programs.lesson.printed import Said

SOUGHT_LIMIT = 64
"""Tasks in hand that are compared with the beginning of a bare text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A "done" that counts: of which task, if that can be said."""

    task: str | None
    named: bool


class Hand:
    """Follows what one program says; pretends nothing where it is not clear."""

    def __init__(self) -> None:
        self._received: set[str] = set()
        """All that was ever in hand: who prints is bounded, so is this."""
        self._in_hand: dict[str, int] = {}
        self._loose_count = 0
        """Tasks among those in hand that are done, nobody knows which."""
        self._unquoted: set[str] = set()
        self._speakers = {""}
        self._received_plainly = False
        self._speaks_as_the_lesson = False
        self._says_done_as_the_lesson = False

    @property
    def only(self) -> str | None:
        """Return the task in hand if it is exactly one."""
        return next(iter(self._in_hand)) if len(self._in_hand) == 1 else None

    def takes(self, said: Said) -> bool:
        """Take a task into the hand; False for a line that only repeats another in other words.

        A program that prints "Received …" and then "Processing …" has received one task, not two.
        And who says it of its tasks in the lesson's own line speaks of something else in others: of
        a request that it answers, say.
        """
        assert said.task is not None
        if said.weak and self._received_plainly:
            return False
        if self._speaks_as_the_lesson and not said.plain and not said.quoted:
            return False
        if said.plain and not self._speaks_as_the_lesson:
            self._speaks_as_the_lesson = True
            self._forget_unquoted()
        self._received_plainly = self._received_plainly or not said.weak
        if not said.quoted:
            self._unquoted.add(said.task)
        self._speakers.add(said.speaker)
        self._received.add(said.task)
        self._in_hand[said.task] = self._in_hand.get(said.task, 0) + 1
        return True

    def finishes(self, said: Said) -> Finished | None:
        """Return what a "done" says; None if it may be about something else than a task."""
        named = self._named(said)
        if named is not None:
            self._let_go(named)
            return Finished(task=named, named=True)
        if said.task is not None and not said.plain:
            return None
        is_unclear = self._says_done_as_the_lesson or not self._in_hand
        if not said.plain and (is_unclear or said.speaker not in self._speakers):
            return None
        self._says_done_as_the_lesson = self._says_done_as_the_lesson or said.plain
        task = self.only
        if task is not None:
            self._in_hand.clear()
            self._loose_count = 0
        elif self._in_hand:
            self._loose_count += 1
            self._clear_if_all_are_done()
        return Finished(task=task, named=False)

    def _named(self, said: Said) -> str | None:
        """Return the task that the line names: in quotes, or a bare text that was received."""
        if said.task is None or said.quoted:
            return said.task
        for text in (said.task, said.shorter):
            if text is not None and text in self._received:
                return text
        if len(self._in_hand) > SOUGHT_LIMIT:
            return None
        begun = [
            task
            for task in self._in_hand
            for text in (said.task, said.shorter)
            if task and text and re.match(rf"{re.escape(task)}(?!\w)", text)
        ]
        if begun:
            return max(begun, key=len)
        # "Received 7 from tasks", and then "Done 7"
        said_more = [
            task
            for task in self._in_hand
            if any(text and task.startswith(f"{text} ") for text in (said.task, said.shorter))
        ]
        return said_more[0] if len(said_more) == 1 else None

    def _let_go(self, task: str) -> None:
        count = self._in_hand.get(task, 0)
        if count > 1:
            self._in_hand[task] = count - 1
        elif count:
            del self._in_hand[task]
        self._clear_if_all_are_done()

    def _forget_unquoted(self) -> None:
        """Take out of the hand what was no task after all."""
        for task in self._unquoted & self._in_hand.keys():
            del self._in_hand[task]

    def _clear_if_all_are_done(self) -> None:
        if self._loose_count >= sum(self._in_hand.values()):
            self._in_hand.clear()
            self._loose_count = 0
