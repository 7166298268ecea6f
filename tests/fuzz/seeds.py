"""The scripts that the corpus began with: ``python -m tests.fuzz.seeds`` writes them anew."""

from __future__ import annotations

from tests.fuzz.script import Turn, write_script
from tests.fuzz.targets.registry import CORPUS
from tests.harness.amqp import bytes as wire
from tests.harness.amqp.session import SESSION

EVERY_KIND_OF_VALUE = wire.golden("""
    01 "a" 74 01  01 "b" 62 ff  01 "c" 42 ff  01 "d" 73 fffe  01 "e" 75 fffe  01 "f" 49 fffffffd
    01 "g" 69 fffffffd  01 "h" 6c fffffffffffffffc  01 "i" 4c fffffffffffffffc  01 "j" 66 3fc00000
    01 "k" 64 3ff8000000000000  01 "l" 44 02 0000007b  01 "m" 53 00000003 "abc"
    01 "n" 78 00000002 00ff  01 "o" 54 ffffffffffffffff  01 "p" 56  01 "q" 41 00000001 56
    01 "r" 46 00000004 01 "b" 74 01  01 "s" 55 fffe
""")
CONFIRMED: list[wire.Turn] = [
    ("client", wire.PROTOCOL_HEADER + wire.CHANNEL_OPEN + wire.CONFIRM_SELECT),
    ("broker", wire.CHANNEL_OPEN_OK + wire.CONFIRM_SELECT_OK),
    ("client", b"".join(wire.publish(b"%d" % number, message_id="m") for number in range(5))),
    ("broker", wire.ack(2, multiple=True) + wire.nack(3) + wire.nack(0, multiple=True)),
]
CONSUMED: list[wire.Turn] = [
    ("client", wire.PROTOCOL_HEADER + wire.qos(2) + wire.consume("q", "c")),
    ("broker", wire.consume_ok("c") + wire.deliver(1, b"x" * 260)),
    ("broker", wire.deliver(2, b"2") + wire.deliver(3, b"3")),
    ("client", wire.ack(1) + wire.reject(2, requeue=True) + wire.nack(3, multiple=True)),
    ("broker", wire.deliver(4, b"", redelivered=1)),
    ("client", wire.method(60, 110, b"\x01") + wire.method(20, 40, b"\x00\x00\x00" + bytes(4))),
]
DECLARED: list[wire.Turn] = [
    ("client", wire.PROTOCOL_HEADER + wire.declare("q", 0x02, EVERY_KIND_OF_VALUE)),
    ("broker", wire.declare_ok("q", 3, 1)),
    ("client", wire.declare("", 0x10) + wire.method(50, 30, bytes(2), wire.short("q"), b"\x00")),
    ("broker", wire.method(50, 31, bytes(4)) + wire.golden("08 0000 00000000 ce")),
]


def seeds() -> dict[str, bytes]:
    """Return each seed by its name."""
    whole: dict[str, list[wire.Turn]] = {
        "session": SESSION,
        "confirmed": CONFIRMED,
        "consumed": CONSUMED,
        "declared": DECLARED,
        "not-amqp": [("client", b"GET / HTTP/1.1\r\n\r\n"), ("broker", b"HTTP/1.1 400 \r\n\r\n")],
    }
    written = {
        name: write_script(spoken(turns), seed=seed, ending=seed)
        for seed, (name, turns) in enumerate(whole.items())
    }
    for number, hold_from in enumerate((3, 5)):
        turns = [
            Turn(side=side, data=data, hold_back=at >= hold_from)
            for at, (side, data) in enumerate(CONSUMED)
        ]
        written[f"held-back-{number + 1}"] = write_script(turns, ending=number)
    written["held-back-ack"] = write_script(
        [
            Turn(side="client", data=wire.PROTOCOL_HEADER),
            Turn(side="client", data=wire.ack(1), hold_back=True),
        ]
    )
    parted = wire.publish(b"parted")
    written["held-back-in-a-frame"] = write_script(
        [
            Turn(side="client", data=wire.PROTOCOL_HEADER + parted[:9]),
            Turn(side="client", data=parted[9:], hold_back=True),
        ]
    )
    return written


def spoken(turns: list[wire.Turn]) -> list[Turn]:
    return [Turn(side=side, data=data) for side, data in turns]


def main() -> None:
    folder = CORPUS / "scripts"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds().items():
        (folder / f"seed-{name}").write_bytes(data)


if __name__ == "__main__":
    main()
