"""Make control characters visible: what a program printed must not steer a terminal or a page."""

from __future__ import annotations

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Controls, invisible formats (bidi overrides, zero width), lone surrogates, line separators."""


def visible(text: str, *, keep: str = "") -> str:
    r"""Return the text with each control or invisible character written as an escape (``\x1b``).

    Characters in ``keep`` stay as they are (``"\n"`` for texts of several lines). The result can
    always be encoded as UTF-8.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _escape(character)
        if unicodedata.category(character) in _HIDDEN and character not in keep
        else character
        for character in text
    )


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
