"""Contents: identity, the text of long bodies, bodies in many frames."""

from __future__ import annotations

import hashlib

import pytest

from filaprova.record.event import Event
from filaprova.record.wire import Delivered, Published
from tests.harness.amqp.bytes import Talk, deliver, frame, header, method, publish, short

ASKED = method(60, 40, bytes(2), short(""), short("q"), b"\x00")


def published(events: list[Event]) -> Published:
    [event] = events
    assert isinstance(event, Published)
    return event


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def test_the_body_is_the_identity() -> None:
    event = published(Talk().client(publish("tarefa nº 1".encode())))
    assert (event.task, event.body, event.body_bytes) == ("tarefa nº 1", None, 12)


def test_a_message_id_is_the_identity_and_the_body_is_kept_beside_it() -> None:
    event = published(Talk().client(publish(b"text", message_id="id-1")))
    assert (event.task, event.body) == ("id-1", "text")


def test_an_empty_message_id_is_none() -> None:
    event = published(Talk().client(ASKED, header(1, 0x0080, short("")), frame(3, 1, b"a")))
    assert (event.task, event.body) == ("a", None)


def test_the_same_task_has_one_name_at_both_ends() -> None:
    talk = Talk()
    for body, message_id in ((b"a" * 300, ""), (b"\xff\x00", ""), (b"b" * 300, "id-2")):
        sent = published(talk.client(publish(body, message_id=message_id)))
        [came] = talk.broker(deliver(1, body, message_id=message_id))
        assert isinstance(came, Delivered)
        assert (came.task, came.body) == (sent.task, sent.body)


def test_what_is_not_utf_8_becomes_escapes() -> None:
    assert published(Talk().client(publish(b"a\xff\xc3"))).task == "a\\xff\\xc3"


@pytest.mark.parametrize("size", [255, 256])
def test_a_body_up_to_the_limit_is_whole(size: int) -> None:
    assert published(Talk().client(publish(b"x" * size))).task == "x" * size


@pytest.mark.parametrize("size", [257, 1000])
def test_a_longer_body_is_cut_and_gets_its_sha256(size: int) -> None:
    event = published(Talk().client(publish(b"x" * size)))
    assert event.task == "x" * 256 + "… sha256:" + sha256(b"x" * size)
    assert event.body_bytes == size


def test_long_bodies_that_begin_alike_are_different_tasks() -> None:
    one, two = (published(Talk().client(publish(b"x" * 300 + end))) for end in (b"1", b"2"))
    assert one.task != two.task


@pytest.mark.parametrize("size", [10, 256, 257, 700])
@pytest.mark.parametrize("part_bytes", [1, 7, 255, 256, 257])
def test_a_body_in_many_frames_is_the_same_task(size: int, part_bytes: int) -> None:
    body = bytes(33 + number % 90 for number in range(size))
    parts = [frame(3, 1, body[at : at + part_bytes]) for at in range(0, size, part_bytes)]
    whole = published(Talk().client(publish(body)))
    assert published(Talk().client(ASKED, header(size), *parts)) == whole


def test_empty_body_frames_in_between_change_nothing() -> None:
    parts = [frame(3, 1, part) for part in (b"", b"a", b"", b"b")]
    assert published(Talk().client(ASKED, header(2), *parts)).task == "ab"


def test_all_properties_at_once() -> None:
    event = published(
        Talk().client(
            ASKED,
            header(
                1,
                0xFFFC,
                short("text/plain"),
                short("utf-8"),
                bytes(4),  # headers
                b"\x02",  # delivery mode
                b"\x09",  # priority
                short("correlation"),
                short("reply to"),
                short("60000"),
                short("the id"),
                (1700000000000).to_bytes(8, "big"),  # a timestamp in milliseconds
                short("type"),
                short("user"),
                short("application"),
                short("cluster"),
            ),
            frame(3, 1, b"a"),
        )
    )
    assert (event.task, event.body, event.persistent) == ("the id", "a", True)
