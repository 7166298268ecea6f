"""What is known of the machine of a run: what speed and scheduling may depend on, and no name."""

from __future__ import annotations

import os
import platform

import psutil


def host_facts() -> dict[str, str]:
    """Return system, processor count, memory and Python of this machine, as plain texts."""
    memory_gib = psutil.virtual_memory().total / 2**30
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processors": str(os.cpu_count() or ""),
        "memory": f"{memory_gib:.1f} GiB",
        "python": platform.python_version(),
    }
