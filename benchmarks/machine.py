"""Say what machine the figures come from: ``python benchmarks/machine.py``.

The other benchmarks print the same line beside theirs, with the load average of that moment:
figures of a machine that does something else as well are no figures.
"""

from __future__ import annotations

import os
import platform


def machine() -> str:
    """Return cores, processor, system, Python and the load average of the last minute."""
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, "
        f"Python {platform.python_version()}, load average {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    print(machine())
