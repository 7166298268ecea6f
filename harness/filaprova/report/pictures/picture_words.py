"""The words of the pictures, taken from the catalogue by their keys."""

from __future__ import annotations

from typing import Protocol

from filaprova.report.pictures.words import PictureWords
from filaprova.report.text.bilingual import Bilingual
from filaprova.report.text.catalogue import Catalogue


class Speaker(Protocol):
    """Whoever knows the texts of the interface."""

    def interface(self, key: str, *details: object) -> Bilingual:
        """Return a text of the interface, with its details."""


class CatalogueSpeaker:
    """Speaks where there is no page."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._texts = catalogue.texts

    def interface(self, key: str, *details: object) -> Bilingual:
        """Return a text of the interface, with its details."""
        return Bilingual(
            pt=self._texts["pt"].interface[key].format(*details),
            en=self._texts["en"].interface[key].format(*details),
        )


def picture_words(page: Speaker) -> PictureWords:
    """Return everything that pictures say; the places for their details stay open."""
    return PictureWords(
        timeline=page.interface("picture_timeline"),
        timeline_text=page.interface("picture_timeline_text", "{}", "{}", "{}", "{}", "{}"),
        distribution=page.interface("picture_distribution"),
        depth=page.interface("picture_depth"),
        sequence=page.interface("picture_sequence", "{}"),
        producer=page.interface("picture_producer"),
        queue=page.interface("picture_queue"),
        ready=page.interface("picture_ready"),
        unacked=page.interface("picture_unacked"),
        counted=page.interface("picture_counted"),
        peak=page.interface("picture_peak", "{}", "{}"),
        task=page.interface("picture_task", "{}"),
        tasks=page.interface("picture_tasks"),
        work=page.interface("picture_work"),
        expected=page.interface("picture_expected"),
        whoever_is_free=page.interface("picture_whoever_is_free"),
        all_tasks=page.interface("picture_all_tasks", "{}"),
        notable_tasks=page.interface("picture_notable_tasks", "{}"),
        more_tasks=page.interface("picture_more_tasks", "{}"),
        server_stop=page.interface("picture_server_stop"),
        server_kill=page.interface("picture_server_kill"),
        server_back=page.interface("picture_server_back"),
        deleted=page.interface("picture_deleted"),
        bars={
            "waiting": page.interface("bar_waiting"),
            "work": page.interface("bar_work"),
            "kept": page.interface("bar_kept"),
            "repeat": page.interface("bar_repeat"),
            "cut": page.interface("bar_cut"),
            "again": page.interface("bar_again"),
            "returned": page.interface("bar_returned"),
            "lost": page.interface("bar_lost"),
            "strike": page.interface("bar_strike"),
            "outage": page.interface("bar_outage"),
            "still": page.interface("bar_still"),
            "columns": page.interface("bar_columns"),
            "quiet": page.interface("bar_quiet"),
        },
        states={
            "finished": page.interface("state_finished"),
            "repeated": page.interface("state_repeated", "{}"),
            "lost": page.interface("state_lost"),
            "left": page.interface("state_left"),
            "held": page.interface("state_held"),
            "ready": page.interface("state_ready"),
            "moved": page.interface("state_moved"),
            "unknown": page.interface("state_unknown"),
            "refused": page.interface("state_refused"),
        },
        steps={
            "published": page.interface("life_published"),
            "delivered": page.interface("life_delivered", "{}"),
            "again": page.interface("life_again", "{}"),
            "begun": page.interface("life_begun", "{}"),
            "done": page.interface("life_done", "{}"),
            "acked": page.interface("life_acked", "{}"),
            "returned": page.interface("life_returned", "{}"),
            "lost": page.interface("life_lost", "{}"),
            "lost_in_queue": page.interface("life_lost_in_queue"),
            "taken": page.interface("life_taken"),
        },
    )
