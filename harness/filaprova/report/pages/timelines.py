"""The timelines of one scenario, each as a file of its own: for whoever shows it beside no page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from filaprova.report.pages.templating import environment
from filaprova.report.pictures.album import Album
from filaprova.report.pictures.picture_words import CatalogueSpeaker, picture_words
from filaprova.report.text.catalogue import Catalogue, Language
from filaprova.runs.results import ScenarioResult

_VIEW = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def timelines(
    run: Path, scenario: ScenarioResult, catalogue: Catalogue, language: Language
) -> Iterator[tuple[str, str]]:
    """Yield title and SVG of each timeline of a scenario in a run's folder, in one language."""
    album = Album(run, picture_words(CatalogueSpeaker(catalogue)))
    template = environment().get_template("timeline.svg.j2")
    for picture in album.of_scenario(scenario):
        view = _VIEW.search(picture.svg)
        assert view is not None
        title = picture.title.pt if language == "pt" else picture.title.en
        yield (
            title,
            template.render(
                title=title,
                text=picture.text.pt if language == "pt" else picture.text.en,
                hidden="en" if language == "pt" else "pt",
                width=view[1],
                height=view[2],
                svg=picture.svg,
            ),
        )
