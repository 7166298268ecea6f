"""Run folders: where a run keeps its evidence, and how it is read again.

    reports/20260131-142501-9f3c/       one run (UTC)
        results.json                    RunResult
        answers.html
        waits.jsonl                     WaitMade
        05-auto-ack-kill/               one scenario
            history.jsonl  verdict.json  broker.log  output/C1.log
    reports/latest -> 20260131-142501-9f3c

Whole files are written beside their place and renamed into it: a reader sees all of a file or
none. ``history.jsonl`` alone grows in place, so that a run that dies leaves what it has seen.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from filaprova.errors import BadInput, EnvironmentMissing
from filaprova.phrase import say
from filaprova.record.history import History
from filaprova.record.program import (
    OutputDropped,
    OutputLine,
    ProgramExited,
    ProgramStarted,
)
from filaprova.record.recorder import encodable
from filaprova.runs.escape_controls import escape_controls
from filaprova.runs.results import (
    RESULTS_SCHEMA,
    VERDICT_SCHEMA,
    RunResult,
    ScenarioResult,
    WaitMade,
)

LATEST = "latest"
RESULTS = "results.json"
VERDICT = "verdict.json"
WAITS = "waits.jsonl"
HISTORY = "history.jsonl"
FOLDER_NAME_LENGTH = 80


class ScenarioFolder:
    """Where one scenario keeps its evidence."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """Return the folder's name: its path relative to the run's folder."""
        return self.path.name

    @property
    def history_path(self) -> Path:
        """Return the file that the recorder writes."""
        return self.path / HISTORY

    def write_verdict(self, result: ScenarioResult) -> None:
        """Keep what the scenario gave in ``verdict.json``."""
        write_whole(
            self.path / VERDICT, _pretty({"schema": VERDICT_SCHEMA} | msgspec.to_builtins(result))
        )

    def write_output(self, history: History) -> None:
        """Keep what each program printed in ``output/<client>.log``, with relative times."""
        for client, lines in _output_by_client(history).items():
            output = self.path / "output"
            try:
                output.mkdir(exist_ok=True)
            except OSError as error:
                raise EnvironmentMissing(
                    say(
                        "cannot make {}: {}. Make room or make it writable, then run again.",
                        str(output),
                        str(error.strerror),
                    )
                ) from error
            write_whole(output / f"{_slug(client, case=True) or 'program'}.log", _text(lines))

    def write_broker_log(self, lines: Iterable[str]) -> None:
        """Keep the end of the broker's log in ``broker.log``."""
        write_whole(
            self.path / "broker.log", _text(escape_controls(line, keep="\t") for line in lines)
        )


class RunFolder:
    """Where one run keeps its evidence."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, reports: Path) -> RunFolder:
        """Make a new folder in ``reports`` and let ``reports/latest`` point to it.

        Two runs may do so at once: each gets its own folder, the later one is the latest. Raises
        ``BadInput`` where ``reports`` cannot be such a folder, ``EnvironmentMissing`` where the
        machine does not let it be written.
        """
        try:
            reports.mkdir(parents=True, exist_ok=True)
            path = _make_run_folder(reports)
            try:
                _point(reports / LATEST, path.name)
            except OSError:
                path.rmdir()
                raise
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise BadInput(
                f"cannot keep reports in {reports}: {error.filename2 or error.filename} is in the "
                "way. Remove it, or name another folder for reports."
            ) from error
        except OSError as error:
            raise EnvironmentMissing(
                say(
                    "cannot write reports to {}: {}. Make it writable, or name another folder for "
                    "reports.",
                    str(reports),
                    str(error.strerror),
                )
            ) from error
        return cls(path)

    @classmethod
    def load(cls, path: Path) -> RunFolder:
        """Open the folder of an earlier run; raise ``BadInput`` if it is none."""
        if not path.is_dir():
            raise BadInput(
                f"there is no folder {path}; name a run's folder, such as reports/latest"
            )
        folder = cls(path.resolve())
        try:
            empty = not (folder.path / RESULTS).exists() and not folder.scenario_folders()
        except OSError as error:
            raise BadInput(f"cannot look into {path}: {error.strerror}") from error
        if empty:
            raise BadInput(
                f"{path} is not a run's folder: it has no {RESULTS} and no folder with a "
                f"{HISTORY}. Name a folder such as reports/latest."
            )
        return folder

    def scenario(self, node_id: str) -> ScenarioFolder:
        """Make a folder of its own for the scenario with this pytest node id."""
        name = folder_name(node_id)
        for attempt in range(1, 1000):
            path = self.path / (name if attempt == 1 else f"{name}-{attempt}")
            try:
                path.mkdir()
            except FileExistsError:
                continue
            except OSError as error:
                raise EnvironmentMissing(
                    say(
                        "cannot make the folder {}: {}. Make room or make it writable, then run "
                        "again.",
                        str(path),
                        str(error.strerror),
                    )
                ) from error
            return ScenarioFolder(path)
        raise BadInput(f"{self.path} already holds a thousand folders named {name}; clear it.")

    def scenario_folder(self, result: ScenarioResult) -> ScenarioFolder:
        """Return the folder of a scenario of this run; ``BadInput`` if it lies elsewhere."""
        try:
            path = (self.path / result.folder).resolve()
        except ValueError:  # a null byte
            path = Path()
        if not result.folder or not path.is_relative_to(self.path.resolve()):
            raise BadInput(f"{result.folder!r} is not a folder of the run {self.path}")
        return ScenarioFolder(path)

    def scenario_folders(self) -> list[ScenarioFolder]:
        """Return the scenarios' folders that hold a history or a verdict, ordered by name."""
        return [
            ScenarioFolder(path)
            for path in sorted(self.path.iterdir())
            if (path / HISTORY).is_file() or (path / VERDICT).is_file()
        ]

    def write_results(self, result: RunResult) -> None:
        """Keep the results of the whole run in ``results.json``."""
        write_whole(self.path / RESULTS, _pretty(result))

    def write_waits(self, waits: Sequence[WaitMade]) -> None:
        """Keep how long each wait of the run took in ``waits.jsonl``."""
        write_whole(
            self.path / WAITS,
            msgspec.json.Encoder().encode_lines(encodable(msgspec.to_builtins(waits))),
        )

    def waits(self) -> list[WaitMade]:
        """Read ``waits.jsonl``; ``BadInput`` if it is missing or broken."""
        path = self.path / WAITS
        try:
            return msgspec.json.Decoder(WaitMade).decode_lines(_read(path))
        except (msgspec.DecodeError, ValueError) as error:
            raise BadInput(f"{path} does not hold the waits of a run: {error}") from error

    def results(self) -> RunResult:
        """Read ``results.json``; ``BadInput`` if it is missing, broken or of another schema."""
        path = self.path / RESULTS
        if self.path.is_dir() and not path.exists():
            raise BadInput(
                f"{self.path} has no {RESULTS}: the run was stopped before it wrote one. What it "
                f"recorded can be judged: filaprova recheck {self.path}"
            )
        content = _read(path)
        try:
            _expect_schema(path, content, RESULTS_SCHEMA)
            return msgspec.json.decode(content, type=RunResult)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise BadInput(f"{path} does not hold the results of a run: {error}") from error


def read_verdict(folder: ScenarioFolder) -> ScenarioResult:
    """Read ``verdict.json``; raise ``BadInput`` if it is missing, broken or of another schema."""
    path = folder.path / VERDICT
    content = _read(path)
    try:
        _expect_schema(path, content, VERDICT_SCHEMA)
        return msgspec.json.decode(content, type=ScenarioResult)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadInput(f"{path} does not hold the verdict of a scenario: {error}") from error


def folder_name(node_id: str) -> str:
    """Return a short, readable and safe folder name for a pytest node id.

    >>> folder_name("scenarios/lesson/test_05_auto_ack.py::test_killed_worker[kill]")
    '05-auto-ack-killed-worker-kill'
    """
    place, _, parameter = node_id.partition("[")
    file, _, function = place.partition("::")
    stem = _slug(Path(file).stem.removeprefix("test_"))
    test = _slug("-".join(part.removeprefix("test_") for part in function.split("::")))
    variant = _slug(parameter.rpartition("]")[0])[: FOLDER_NAME_LENGTH // 2]
    name = stem if stem.endswith(test) else "-".join(part for part in (stem, test) if part)
    room = FOLDER_NAME_LENGTH - len(variant) - 1
    return "-".join(part for part in (name[:room].rstrip("-"), variant) if part) or "scenario"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it into it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise EnvironmentMissing(
            say(
                "cannot write {}: {}. Make room or make it writable, then run again.",
                str(path),
                str(error.strerror),
            )
        ) from error


class _Schema(msgspec.Struct):
    schema: int = 1
    """Files without a number are from before they had one."""


def _expect_schema(path: Path, content: bytes, expected: int) -> None:
    schema = msgspec.json.decode(content, type=_Schema).schema
    if schema != expected:
        raise BadInput(f"{path}: schema {schema}, but this version of Filaprova reads {expected}")


def _make_run_folder(reports: Path) -> Path:
    for _ in range(100):
        path = reports / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path
    raise FileExistsError(errno.EEXIST, "no free name for a run's folder", str(reports))


def _point(link: Path, target: str) -> None:
    """Let a symbolic link point to ``target``; at no moment is there no link."""
    if link.exists() and not link.is_symlink():
        raise FileExistsError(errno.EEXIST, "not a symbolic link", str(link))
    temporary = link.with_name(f".{link.name}.{target}")
    temporary.symlink_to(target, target_is_directory=True)
    temporary.replace(link)


def _slug(text: str, *, case: bool = False) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-zA-Z0-9]+", "-", plain if case else plain.lower()).strip("-")


def _output_by_client(history: History) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    for event in history:
        match event:
            case ProgramStarted():
                text = f"-- started as process {event.pid}: {' '.join(event.command)}"
            case OutputLine():
                text = event.text if event.stream == "stdout" else f"(stderr) {event.text}"
            case OutputDropped():
                text = f"-- {event.line_count} further lines were counted, not kept"
            case ProgramExited():
                ending = event.signal_name or f"exit code {event.exit_code}"
                text = f"-- ended: {ending}"
            case _:
                continue
        stamp = f"{event.at_ns / 1e9:+.3f} s"
        lines.setdefault(event.client, []).append(
            f"{stamp:>11}  {escape_controls(text, keep=chr(9))}"
        )
    return lines


def _text(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _pretty(value: msgspec.Struct | Sequence[msgspec.Struct] | dict[str, object]) -> bytes:
    try:
        content = msgspec.json.encode(value)
    except UnicodeEncodeError:
        content = msgspec.json.encode(encodable(msgspec.to_builtins(value)))
    return msgspec.json.format(content, indent=1) + b"\n"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
