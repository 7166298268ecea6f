"""Inputs by hypothesis: kept ones, spoiled in a few places or joined, and any bytes at all."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets.registry import Target


@st.composite
def mutated(draw: st.DrawFn, kept: list[bytes], longest_bytes: int) -> bytes:
    """Return a kept input in which some octets are others, missing, doubled, or from another."""
    data = draw(st.sampled_from(kept))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        until = at + draw(st.integers(0, 8))
        other = draw(st.sampled_from(kept))
        begin = draw(st.integers(0, len(other)))
        new = draw(
            st.one_of(
                st.binary(max_size=4),
                st.sampled_from([b"\x00" * 4, b"\xff" * 4, b"\xce", data[at:until] * 2]),
                st.just(other[begin : begin + draw(st.integers(0, 200))]),
            )
        )
        data = data[:at] + new + data[until:]
    return data[:longest_bytes]


def examine_mutations(target: Target, examine: Callable[[bytes], None], *, count: int) -> None:
    """Examine so many inputs; raises what the first that breaks the target raises, made short."""
    kept = [path.read_bytes() for path in target.inputs()]

    @settings(
        max_examples=count,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.reuse, Phase.generate, Phase.shrink),
    )
    @given(st.one_of(mutated(kept, target.longest_bytes), st.binary(max_size=100)))
    def examine_all(data: bytes) -> None:
        examine(data)

    examine_all()
