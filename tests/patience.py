"""How long a test waits for what has to come.

Long, because a limit costs nothing where all is well: it must not be the speed of a busy machine
that a test examines. How many seconds something takes is measured in ``benchmarks/``. A wait that
is to be in vain needs a short limit instead, and begins when all that can happen has happened.
"""

from __future__ import annotations

PATIENCE_S = 120.0
"""For one thing that has to come."""
RUN_S = 1200.0
"""For a whole run of scenarios, in a process of its own."""
