"""Bilingual: one text in the two languages of a page."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from filaprova.runs.escape_controls import escape_controls


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A text in Portuguese and in English; a page shows the one that is chosen."""

    pt: str
    en: str
    english: str = ""
    """What the Portuguese text quotes in English: words of the record."""

    def __html__(self) -> Markup:
        pt = with_code(escaped(self.pt))
        if self.english:
            words = with_code(escaped(self.english))
            pt = pt.replace(words, Markup('<span lang="en">{}</span>').format(words))
        return in_both_languages(pt, with_code(escaped(self.en)))

    def quoting(self, english: str) -> Bilingual:
        """Return the text with these words marked as English where the Portuguese has them."""
        return replace(self, english=english)

    def with_word(self, old: str, new: Bilingual) -> Bilingual:
        """Return the text with a word of the record called as each language calls it."""
        return Bilingual(
            pt=self.pt.replace(old, new.en if self.english else new.pt),
            en=self.en.replace(old, new.en),
            english=self.english.replace(old, new.en),
        )

    def filled(self, *details: object) -> Bilingual:
        """Return the text with details in its places; a detail may itself be a ``Bilingual``."""
        return Bilingual(
            pt=self.pt.format(
                *(item.pt if isinstance(item, Bilingual) else item for item in details)
            ),
            en=self.en.format(
                *(item.en if isinstance(item, Bilingual) else item for item in details)
            ),
            english=next(
                (item.english for item in details if isinstance(item, Bilingual) and item.english),
                "",
            ),
        )


def same(text: str) -> Bilingual:
    """Return a text that is the same in both languages: a name, a number without a fraction."""
    return Bilingual(text, text)


def joined(texts: list[Bilingual], separator: str) -> Bilingual:
    """Return several texts as one."""
    return Bilingual(
        pt=separator.join(text.pt for text in texts), en=separator.join(text.en for text in texts)
    )


def decimal(text: str) -> Bilingual:
    """Return a number written with a point as each language writes it."""
    return Bilingual(pt=text.replace(".", ","), en=text)


def counted(number: int) -> Bilingual:
    """Return a whole number with its thousands set apart as each language does."""
    return Bilingual(pt=f"{number:,}".replace(",", "."), en=f"{number:,}")


def in_both_languages(pt: Markup, en: Markup) -> Markup:
    """Return what a page shows in one language or the other."""
    return Markup(
        '<span class="pt" lang="pt-BR">{}</span><span class="en" lang="en">{}</span>'
    ).format(pt, en)


def escaped(text: str) -> Markup:
    """Return a text as a page can show it: nothing in it is markup, nothing is invisible."""
    return escape(escape_controls(text, keep="\n"))


def with_code(text: Markup) -> Markup:
    """Return escaped text in which `this` is shown as code."""
    # as Markup, sub() would escape its own tags
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(text)))
