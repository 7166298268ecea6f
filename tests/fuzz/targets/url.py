"""The broker's URL: it names a broker of this machine or is refused, and no password is shown.

An input is read as a URL, and as three parts of one (NUL between them): a user, something about
a password, and what comes after the ``@``. So a fuzzer cannot lose the password.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from filaprova.brokers.external import BrokerUrl, read_url
from filaprova.errors import BadInput

PASSWORD = "pa55word"


@contextmanager
def examiner() -> Iterator[Callable[[bytes], None]]:
    yield examine


def examine(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    outcome(text)
    start, _, rest = text.partition("\0")
    around, _, end = rest.partition("\0")
    said = outcome(f"amqp://{start}:{PASSWORD}{around}@{end}")
    assert PASSWORD not in said or PASSWORD in end, said
    said = outcome(f"amqp://{start}:{around}{PASSWORD}@{end}")
    assert PASSWORD not in said or PASSWORD in end, said


def outcome(text: str) -> str:
    """Return what is said of a URL: where the broker is, or why it is not used."""
    try:
        url: BrokerUrl = read_url(text)
    except BadInput as error:
        return str(error)
    assert 0 < url.address.port < 65536
    assert url.credentials.user
    assert url.virtual_host
    return str(url)
