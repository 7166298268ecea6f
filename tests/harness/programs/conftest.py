"""A real reaper, observer and recorder; programs written on the spot and started for real."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from filaprova.programs.program import Process
from filaprova.programs.surroundings import LaunchSettings
from filaprova.reaper import Reaper
from filaprova.record.observer import Background
from filaprova.record.recorder import Recorder

PASSWORD = "correct-horse-battery-staple"


class Start(Protocol):
    def __call__(
        self,
        source: str | Path,
        *arguments: str,
        port: int = 1,
        password: str = PASSWORD,
        pause_at_task: int | None = None,
        **others: Any,
    ) -> Process: ...


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], Path]:
    """Write a Python script; a first line ``#!`` makes it an executable of its own."""

    def script(source: str) -> Path:
        source = textwrap.dedent(source).lstrip("\n")
        path = tmp_path / ("program" if source.startswith("#!") else "program.py")
        path.write_text(source)
        path.chmod(0o755)
        return path

    return script


@pytest.fixture
def start(
    background: Background, recorder: Recorder, reaper: Reaper, script: Callable[[str], Path]
) -> Iterator[Start]:
    """Start a program, given as a path or as the source of a script; end it after the test."""
    with contextlib.ExitStack() as stack:

        def start(
            source: str | Path,
            *arguments: str,
            port: int = 1,
            password: str = PASSWORD,
            pause_at_task: int | None = None,
            **others: Any,
        ) -> Process:
            process = Process.start(
                background=background,
                recorder=recorder,
                reaper_environment=reaper.environment,
                client="C1",
                role="worker",
                program=source if isinstance(source, Path) else script(source),
                arguments=arguments,
                settings=LaunchSettings(
                    host="127.0.0.1",
                    port=port,
                    virtual_host="scenario-01",
                    user="somebody",
                    password=password,
                    seed=7,
                    seconds_per_dot=0.01,
                    scratch=reaper.scratch,
                    **others,
                ),
                pause_at_task=pause_at_task,
            )
            stack.callback(process.end)
            return process

        yield start
