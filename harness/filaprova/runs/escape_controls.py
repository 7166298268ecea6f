"""Make control characters visible: what a program printed must not steer a terminal or a page."""

from __future__ import annotations

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Controls, invisible formats (bidi overrides, zero width), lone surrogates, line separators."""
_LAST_OF_A_PLANE = (0xFFFE, 0xFFFF)
"""Of each plane, these two are no characters; XML forbids U+FFFE and U+FFFF."""


def escape_controls(text: str, *, keep: str = "") -> str:
    r"""Return the text with each control or invisible character written as an escape (``\x1b``).

    Characters in ``keep`` stay as they are (``"\n"`` for texts of several lines). The result can
    always be encoded as UTF-8.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _escape(character) if _hides(character) and character not in keep else character
        for character in text
    )


def _hides(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN or ord(character) & 0xFFFF in _LAST_OF_A_PLANE


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
