"""escape_controls(): nothing that was printed may steer a terminal or hide in a page."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from filaprova.runs.escape_controls import escape_controls


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain ASCII [1] <b>", "plain ASCII [1] <b>"),
        ("São João, 日本, 🐇 −1 ≤ 2", "São João, 日本, 🐇 −1 ≤ 2"),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("a\r\nb\tc\x00\x7f\x9b", r"a\x0d\x0ab\x09c\x00\x7f\x9b"),
        ("abc\u202edef\u2066\u200f", r"abc\u202edef\u2066\u200f"),
        ("zero\u200bwidth\ufeff\u00ad", r"zero\u200bwidth\ufeff\xad"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("line\u2028paragraph\u2029", r"line\u2028paragraph\u2029"),
        ("bad\udcff", r"bad\udcff"),
        ("no\ufffe\uffff\U0001ffff characters", r"no\ufffe\uffff\U0001ffff characters"),
    ],
)
def test_what_would_hide_or_steer_is_written_out(text: str, shown: str) -> None:
    assert escape_controls(text) == shown


def test_what_is_to_be_kept_is_kept() -> None:
    assert escape_controls("a\nb\tc\x1b", keep="\n") == "a\nb\\x09c\\x1b"
    assert escape_controls("a\nb\tc\x1b", keep="\n\t") == "a\nb\tc\\x1b"


def test_of_every_character_nothing_hidden_is_left() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    shown = escape_controls(everything)
    assert not {"Cc", "Cf", "Cs", "Zl", "Zp"} & {unicodedata.category(c) for c in set(shown)}
    shown.encode("utf-8")
    assert escape_controls(shown) == shown
