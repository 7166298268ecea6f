"""Address: a host and a port."""

from __future__ import annotations

from typing import NamedTuple


class Address(NamedTuple):
    """Where something answers TCP."""

    host: str
    port: int
