"""Histories written by hand, and the words of the pictures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from filaprova.record.history import History
from filaprova.report.pictures.picture_words import picture_words
from filaprova.report.pictures.words import PictureWords
from filaprova.report.text.bilingual import Bilingual
from tests.harness.report.pictures.pen import Pen


@pytest.fixture
def pen() -> Pen:
    return Pen()


@pytest.fixture
def automatic(pen: Pen) -> History:
    """Tasks for two workers that acknowledge automatically; C1 is killed at its second."""
    pen.consume(1, "C1")
    pen.consume(2, "C2")
    pen.publish(10, "a", "b", "c", "first")
    pen.deliver(10.2, "C1", "first", no_ack=True)
    pen.begin(10.4, "C1", "first")
    pen.finish(10.6, "C1", "first")
    for ms, client, task in ((11, "C1", "a"), (12, "C2", "b"), (13, "C1", "c")):
        pen.deliver(ms, client, task, no_ack=True)
    pen.begin(14, "C1", "a")
    pen.begin(15, "C2", "b")
    pen.strike(20, "C1")
    pen.hang_up(21, "C1")
    pen.finish(40, "C2", "b")
    pen.drain(60)
    return pen.history()


@pytest.fixture
def manual(pen: Pen) -> History:
    """One task that C1 has done and not acknowledged when it is killed; C2 does it again."""
    pen.consume(1, "C1")
    pen.consume(2, "C2")
    pen.publish(10, "a")
    pen.deliver(11, "C1", "a")
    pen.begin(12, "C1", "a")
    pen.finish(20, "C1", "a")
    pen.strike(25, "C1")
    pen.hang_up(26, "C1")
    pen.deliver(27, "C2", "a", again=True)
    pen.begin(28, "C2", "a")
    pen.finish(38, "C2", "a")
    pen.ack(39, "C2", 1)
    pen.drain(60)
    return pen.history()


class Plain:
    """An interface whose texts are their keys and details."""

    def interface(self, key: str, *details: object) -> Bilingual:
        text = " ".join([key, *map(str, details)])
        return Bilingual(f"pt {text}", f"en {text}")


@pytest.fixture
def words() -> PictureWords:
    return picture_words(Plain())


@pytest.fixture
def crowd() -> Callable[[int], History]:
    """A history of so many tasks, each tenth but for the first lost with its worker."""

    def crowd(count: int) -> History:
        pen = Pen()
        pen.consume(1, "C1")
        pen.consume(1, "C2")
        for index in range(count):
            task, client, ms = f"task {index}", "C2" if index % 10 == 0 else "C1", 2 + index
            pen.publish(ms, task)
            pen.deliver(ms + 0.1, client, task, no_ack=True)
            if client == "C1" or index == 0:
                pen.begin(ms + 0.2, client, task)
                pen.finish(ms + 0.8, client, task)
        pen.strike(count + 2, "C2")
        pen.hang_up(count + 2.1, "C2")
        pen.drain(count + 3)
        return pen.history()

    return crowd
