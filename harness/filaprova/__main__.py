"""``python -m filaprova`` is the command ``filaprova``."""

from __future__ import annotations

import sys

from filaprova.cli import main

if __name__ == "__main__":
    sys.exit(main())
