"""Process groups: who belongs to one, and whether all of it stands still."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

_PROC = Path("/proc")
_STANDING_STILL = "TtZX"
"""States of a thread that executes nothing: stopped, traced, a zombie, dead (proc(5))."""


def members(group: int) -> list[int]:
    """Return the processes of a group, zombies included."""
    found = []
    for pid in psutil.pids():
        try:
            if os.getpgid(pid) == group:
                found.append(pid)
        except OSError:
            pass  # ended meanwhile, or not ours to ask about
    return found


def stands_still(pid: int) -> bool:
    """Tell whether every thread of a process is stopped or held up, or the process is gone.

    Held up is one whose child was stopped between vfork and exec: it cannot even be stopped before
    that child goes on (vfork(2)).
    """
    if not (_PROC / "self" / "task").is_dir():
        return _stands_still_by_status(pid)
    try:
        threads = list((_PROC / str(pid) / "task").iterdir())
        return all(_state(each) in _STANDING_STILL or _held_up(each) for each in threads)
    except OSError:
        return not psutil.pid_exists(pid)


def _state(thread: Path) -> str:
    try:
        # The second field is the name in parentheses, which may hold anything.
        return (thread / "stat").read_text(errors="replace").rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def _held_up(thread: Path) -> bool:
    if _state(thread) != "D":  # where a thread waits for vfork, among others
        return False
    try:
        children = (thread / "children").read_text().split()
    except OSError:
        return False
    return any(_state(_PROC / child) == "T" for child in children)


def _stands_still_by_status(pid: int) -> bool:
    try:
        status = psutil.Process(pid).status()
    except psutil.NoSuchProcess:
        return True
    return status in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
