"""Both: one text in the two languages of a page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

from harness.report.visible import visible


@dataclass(frozen=True, slots=True)
class Both:
    """A text in Portuguese and in English; a page shows the one that is chosen."""

    pt: str
    en: str

    def __html__(self) -> Markup:
        return Markup(
            '<span class="pt" lang="pt-BR">{}</span><span class="en" lang="en">{}</span>'
        ).format(_with_code(self.pt), _with_code(self.en))

    def filled(self, *details: object) -> Both:
        """Return the text with details in its places; a detail may itself be a ``Both``."""
        return Both(
            pt=self.pt.format(*(item.pt if isinstance(item, Both) else item for item in details)),
            en=self.en.format(*(item.en if isinstance(item, Both) else item for item in details)),
        )


def same(text: str) -> Both:
    """Return a text that is the same in both languages: a name, a number without a fraction."""
    return Both(text, text)


def joined(texts: list[Both], separator: str) -> Both:
    """Return several texts as one."""
    return Both(
        pt=separator.join(text.pt for text in texts), en=separator.join(text.en for text in texts)
    )


def decimal(text: str) -> Both:
    """Return a number written with a point as each language writes it."""
    return Both(pt=text.replace(".", ","), en=text)


def counted(number: int) -> Both:
    """Return a whole number with its thousands set apart as each language does."""
    return Both(pt=f"{number:,}".replace(",", "."), en=f"{number:,}")


def _with_code(text: str) -> Markup:
    """Return escaped text in which `this` is shown as code."""
    shown = str(escape(visible(text, keep="\n")))  # as Markup, sub() would escape its own tags
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", shown))
