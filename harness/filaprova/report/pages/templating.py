"""Pages from templates: one file each, without any reference to elsewhere.

Everything that comes from a run is text to be shown: control characters become visible, markup is
escaped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from filaprova.runs.escape_controls import escape_controls

_TEMPLATES = Path(__file__).parent / "templates"


def environment() -> Environment:
    """Return what makes pages from templates."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=_harmless,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_page(name: str, **shown: object) -> str:
    """Return the page that the template of this name makes of what is to be shown."""
    return environment().get_template(f"{name}.j2").render(**shown)


def _harmless(value: Any) -> Any:
    """Make plain text visible before it is escaped; markup of ours passes."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return escape_controls(value, keep="\n\t")
    return value
