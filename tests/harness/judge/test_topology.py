"""Topology: where a publish goes by what was declared and bound before it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filaprova.judge.replay import ledger
from filaprova.judge.topology import Topology, arrived
from filaprova.record.wire import Published
from tests.harness.judge.stories import Q, Story


def routes(story: Story) -> set[str] | None:
    """Return where the last publish of a story goes."""
    topology, found = Topology(), None
    for event in story.events:
        if isinstance(event, Published):
            found = topology.routes(event)
        topology.see(event)
    return found


def own() -> Story:
    """A record that begins with an empty virtual host."""
    return Story().open(own_host=True)


def shared() -> Story:
    """A record of a broker that may hold anything."""
    return Story().open()


def two_queues(kind: str, *, first: str, second: str) -> Story:
    story = own().declare().turn_to("other").declare().turn_to(Q)
    return story.exchange("E", kind).bind("E", first).bind("E", second, to="other")


# ------------------------------------------------------------------ the default exchange


@pytest.mark.parametrize(
    ("story", "goes_to"),
    [
        (own().declare(), {Q}),
        (own().subscribe("C1"), {Q}),
        (own().count(0), {Q}),
        (own().declare(passive=True), {Q}),
        (own(), set()),
        (own().turn_to("other").declare().turn_to(Q), set()),
        (own().declare().delete(0), set()),
        (own().declare().count_nothing(), set()),
        (own().declare().delete(0).declare(), {Q}),
        (own().declare(durable=False).bounce(), set()),
        (own().declare(durable=True).bounce(), {Q}),
        (own().declare(durable=False).declare(durable=True).bounce(), set()),
        (own().subscribe("C1").bounce(), {Q}),
        # Whether it has gone with who made it is not seen.
        (own().declare("C1", exclusive=True).gone("C1"), None),
        (own().declare("C1", exclusive=True).gone("C1").declare("C2"), {Q}),
        (own().declare("C1", exclusive=True).gone("C1").count_nothing(), set()),
        (own().declare("C1", exclusive=True).connect("C2").gone("C2"), {Q}),
        (own().declare(auto_delete=True).subscribe("C1").gone("C1"), None),
        (own().declare(auto_delete=True).gone("tool").count(0), {Q}),
        (own().declare(auto_delete=True).gone("tool").count(0).gone("C1"), None),
        # Where others may have made it, it is there until it is seen to be gone.
        (shared(), {Q}),
        (Story(), {Q}),
        (shared().declare().delete(0), set()),
        (shared().count_nothing(), set()),
        (shared().count_nothing().count(0), {Q}),
    ],
)
def test_the_default_exchange_routes_to_the_queue_of_that_name(
    story: Story, goes_to: set[str] | None
) -> None:
    assert routes(story.publish("t1")) == goes_to


def test_a_direct_answer_goes_to_no_queue_that_the_record_could_know() -> None:
    assert routes(own().publish("t1", key="amq.rabbitmq.reply-to.g1h2AA")) is None


# ------------------------------------------------------------------ exchanges


@pytest.mark.parametrize(
    ("kind", "first", "second", "key", "goes_to"),
    [
        ("direct", "red", "blue", "red", {Q}),
        ("direct", "red", "red", "red", {Q, "other"}),
        ("direct", "red", "blue", "green", set()),
        ("direct", "#", "*", "green", set()),
        ("fanout", "", "", "whatever", {Q, "other"}),
        ("fanout", "a", "b", "c", {Q, "other"}),
        ("topic", "a.*", "#", "a.b", {Q, "other"}),
        ("topic", "a.*", "*.b", "a.c", {Q}),
        ("topic", "a.*", "b.*", "a.b.c", set()),
        ("headers", "", "", "", None),
        ("x-consistent-hash", "1", "1", "k", None),
    ],
)
def test_an_exchange_routes_by_its_kind(
    kind: str, first: str, second: str, key: str, goes_to: set[str] | None
) -> None:
    story = two_queues(kind, first=first, second=second)
    assert routes(story.publish("t1", exchange="E", key=key)) == goes_to


@pytest.mark.parametrize(
    ("story", "goes_to"),
    [
        (own().exchange("E", "fanout"), set()),
        (own().declare().exchange("E", "fanout").bind("E").unbind("E"), set()),
        (own().declare().exchange("E", "fanout").bind("E", "a").unbind("E", "b"), {Q}),
        (own().declare().exchange("E", "fanout").unbind("E").bind("E"), {Q}),
        (own().declare().exchange("E", "fanout").bind("E").delete_exchange("E"), set()),
        (own().declare().exchange("E", "fanout").bind("E").delete(0), set()),
        (
            own()
            .declare()
            .exchange("E", "fanout")
            .bind("E")
            .turn_to("other")
            .declare()
            .bind("E")
            .delete(0),
            {Q},
        ),
        (own().declare().exchange("E", "fanout").bind("E").delete(0).declare(), set()),
        (own().declare().exchange("E", "fanout").bind("E").bounce(), {Q}),
        (own().declare().exchange("E", "fanout", durable=False).bind("E").bounce(), set()),
        (own().declare(durable=False).exchange("E", "fanout").bind("E").bounce(), set()),
        # The first declaration made it; one that only asks whether it is there says no kind.
        (own().declare().exchange("E", "fanout").exchange("E", "direct").bind("E", "x"), {Q}),
        (
            own().declare().exchange("E", "direct", passive=True).exchange("E", "fanout").bind("E"),
            {Q},
        ),
        (shared().declare().exchange("E", "direct", passive=True).bind("E", "x"), None),
        (
            own()
            .declare()
            .exchange("E", "direct")
            .delete_exchange("E")
            .exchange("E", "fanout")
            .bind("E"),
            {Q},
        ),
        # What is deleted and declared anew has nothing of what it was.
        (
            own()
            .declare()
            .exchange("E", "fanout", durable=False)
            .delete_exchange("E")
            .exchange("E", "fanout")
            .bind("E")
            .bounce(),
            {Q},
        ),
        (
            own()
            .declare()
            .exchange("spare", "fanout")
            .bind("spare")
            .exchange("E", "direct", arguments={"alternate-exchange": "spare"})
            .delete_exchange("E")
            .exchange("E", "direct"),
            set(),
        ),
        # Nobody need have been seen to declare what is deleted.
        (shared().declare().delete_exchange("E").exchange("E", "fanout").bind("E"), {Q}),
        # Where others may have bound to it, what is not seen proves nothing.
        (shared().exchange("E", "fanout"), None),
        (shared(), None),
        (shared().declare().exchange("E", "direct").bind("E", "other key"), None),
        (shared().declare().exchange("E", "fanout").bind("E"), {Q}),
        (own(), set()),
    ],
)
def test_bindings_come_and_go(story: Story, goes_to: set[str] | None) -> None:
    assert routes(story.publish("t1", exchange="E", key="k")) == goes_to


def test_some_exchanges_are_there_from_the_beginning() -> None:
    story = own().declare().bind("amq.topic", "a.#")
    assert routes(story.publish("t1", exchange="amq.topic", key="a.b.c")) == {Q}
    assert routes(own().declare().bind("amq.match").publish("t1", exchange="amq.match")) is None


@pytest.mark.parametrize(
    ("inner", "key", "goes_to"),
    [
        ("fanout", "a.b", {Q}),
        ("fanout", "b", set()),
        ("direct", "a.b", {Q}),
        ("direct", "a", set()),
    ],
)
def test_an_exchange_routes_to_an_exchange(inner: str, key: str, goes_to: set[str]) -> None:
    story = own().declare().exchange("outer", "topic").exchange("inner", inner)
    story.bind("outer", "a.#", to="inner", to_exchange=True).bind("inner", "a.b")
    assert routes(story.publish("t1", exchange="outer", key=key)) == goes_to


def test_exchanges_in_a_circle_end() -> None:
    story = own().declare().exchange("A", "fanout").exchange("B", "fanout")
    story.bind("A", to="B", to_exchange=True).bind("B", to="A", to_exchange=True).bind("B")
    assert routes(story.publish("t1", exchange="A")) == {Q}


@pytest.mark.parametrize(("key", "goes_to"), [("known", {"other"}), ("unknown", {Q})])
def test_what_an_exchange_cannot_route_goes_to_its_alternate(key: str, goes_to: set[str]) -> None:
    story = own().declare().exchange("spare", "fanout").bind("spare")
    story.exchange("E", "direct", arguments={"alternate-exchange": "spare"})
    story.bind("E", "known", to="other")
    assert routes(story.publish("t1", exchange="E", key=key)) == goes_to


@pytest.mark.parametrize(("key", "goes_to"), [("lost", {Q}), ("other", set())])
def test_an_alternate_routes_by_the_same_key(key: str, goes_to: set[str]) -> None:
    story = own().declare().exchange("spare", "direct").bind("spare", "lost")
    story.exchange("E", "fanout", arguments={"alternate-exchange": "spare"})
    assert routes(story.publish("t1", exchange="E", key=key)) == goes_to


# ------------------------------------------------------------------ topics


@pytest.mark.parametrize(
    ("pattern", "key", "fits"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("a.b", "a.b", True),
        ("a.b", "aXb", False),
        ("*", "a", True),
        ("*", "", False),
        ("*", "a.b", False),
        ("*.b", "a.b", True),
        ("a.*", "a.", True),
        ("#", "", True),
        ("#", "a.b.c", True),
        ("a.#", "a", True),
        ("a.#", "a.b.c", True),
        ("a.#", "ab", False),
        ("#.c", "c", True),
        ("#.c", "a.b.c", True),
        ("#.c", "a.bc", False),
        ("a.#.c", "a.c", True),
        ("a.#.c", "a.x.y.c", True),
        ("a.#.c", "ac", False),
        ("a.#.a", "a", False),
        ("#.#", "", True),
        ("#.*", "", False),
        ("*.#", "a", True),
        ("#.*.#", "a.b", True),
        ("", "", True),
        ("", "a", False),
        ("a.*", "a", False),
    ],
)
def test_words_of_a_topic(pattern: str, key: str, fits: bool) -> None:
    story = own().declare().exchange("E", "topic").bind("E", pattern)
    assert routes(story.publish("t1", exchange="E", key=key)) == ({Q} if fits else set())


@given(
    st.lists(st.sampled_from(["a", "b", "*", "#"]), max_size=5),
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=6),
)
def test_topics_fit_as_an_expression_over_whole_words_does(
    pattern: list[str], words: list[str]
) -> None:
    parts = {"*": "[a-z]+;", "#": "(?:[a-z]+;)*"}
    expression = "".join(parts.get(word, f"{word};") for word in pattern)
    fits = re.fullmatch(expression, "".join(f"{word};" for word in words)) is not None
    story = own().declare().exchange("E", "topic").bind("E", ".".join(pattern))
    assert (routes(story.publish("t1", exchange="E", key=".".join(words))) == {Q}) is fits


# ------------------------------------------------------------------ what arrived all the same


def test_what_is_delivered_had_arrived_before_the_answers_to_declaring_were_seen() -> None:
    story = own().publish("t1").declare().subscribe("C1").handle("C1", "t1")
    book = ledger(story.history(), Q)
    assert book.tasks == ["t1"]
    assert not book.unexpected
    story = own().exchange("E", "fanout").publish("t1", exchange="E").declare().bind("E")
    assert ledger(story.subscribe("C1").handle("C1", "t1").history(), Q).tasks == ["t1"]


def test_what_was_published_before_the_queue_was_there_has_not_arrived() -> None:
    story = own().publish("t1").declare().publish("t1").subscribe("C1").handle("C1", "t1")
    assert ledger(story.history(), Q).tasks == ["t1"]
    assert not ledger(own().publish("t1").declare().drain().history(), Q).tasks


def test_what_came_by_way_of_a_dead_letter_exchange_was_not_published_to_that_queue() -> None:
    story = own().publish("t1", key="first").declare()
    story.deliver("t1", to="C1", dead_lettered_from="first")
    assert arrived(story.history()) == {}
    book = ledger(story.history(), Q)
    assert not book.tasks
    assert not book.unexpected


def test_what_may_have_gone_anywhere_is_told_apart() -> None:
    story = shared().declare().exchange("E", "headers").bind("E").publish("t1", exchange="E")
    book = ledger(story.history(), Q)
    assert (book.tasks, book.unrouted) == ([], [story.events[-1]])
    book = ledger(story.deliver("t1", to="C1").history(), Q)
    assert (book.tasks, len(book.unrouted)) == (["t1"], 0)
    assert not ledger(story.history(), "other").unrouted
