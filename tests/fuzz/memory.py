"""How much memory an object keeps alive."""

from __future__ import annotations

import gc
import sys
from types import BuiltinFunctionType, FunctionType, ModuleType

_SHARED = (type, ModuleType, FunctionType, BuiltinFunctionType)
"""What is there once for all objects."""


def held_bytes(*roots: object) -> int:
    """Return the size of these objects and of all that they lead to, each counted once."""
    seen = {id(root) for root in roots}
    waiting, total = list(roots), 0
    while waiting:
        each = waiting.pop()
        total += sys.getsizeof(each)
        for further in gc.get_referents(each):
            if id(further) not in seen and not isinstance(further, _SHARED):
                seen.add(id(further))
                waiting.append(further)
    return total
