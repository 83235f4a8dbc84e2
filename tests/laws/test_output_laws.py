"""Laws of functions with several outputs: one call for all that are stale, which gives what is published."""

from __future__ import annotations

from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory

from cells import declared_in
from hypothesis import given, settings
from hypothesis import strategies as st
from noted import NOTES, note

import assetflow as af

# Each example runs whole projects, several times over.
whole_projects = settings(max_examples=6)
KEYS = ("a", "b", "c")


@dataclass(frozen=True)
class Cut:
    """A function that makes ``outs`` of one number, and what is below each of them."""

    outs: tuple[str, ...] = KEYS
    number: int = 1
    factor: int = 1
    rejects: tuple[str, ...] = ()

    def text(self) -> str:
        outs = ", ".join(f"{key!r}: af.Out()" for key in self.outs)
        checks = "".join(
            f"@af.check({key!r})\ndef c{key}({key}: int) -> bool:\n    return {key not in self.rejects}\n"
            for key in self.outs
        )
        below = "".join(
            f"@af.asset\ndef below_{key}({key}: int) -> int:\n    return -{key}\n" for key in self.outs
        )
        values = ", ".join(
            f"{key!r}: number // {place + 1} * {self.factor}" for place, key in enumerate(KEYS)
        )
        return f"""
@af.asset
def number() -> int:
    return {self.number}

@af.assets(outs={{{outs}}})
def cut(number: int) -> dict[str, int]:
    note("called")
    made = {{{values}}}
    return {{key: made[key] for key in {list(self.outs)}}}

{checks}
{below}
"""

    def value(self, key: str) -> int:
        return self.number // (KEYS.index(key) + 1) * self.factor


EDITS = st.one_of(
    st.tuples(st.just("number"), st.integers(0, 6)),
    st.tuples(st.just("factor"), st.integers(1, 2)),
    st.tuples(
        st.just("outs"), st.permutations(KEYS).flatmap(lambda p: st.sampled_from([tuple(p), tuple(p[:2])]))
    ),
    st.tuples(st.just("rejects"), st.sampled_from([(), ("a",), ("b", "c")])),
)
STEPS = st.lists(
    st.tuples(EDITS, st.sampled_from(["", "+a", "+b", "number", "+below_c"]), st.booleans()),
    min_size=1,
    max_size=5,
)


@whole_projects
@given(steps=STEPS, executor=st.sampled_from(["threads", "inline"]))
def test_a_run_calls_once_at_most_and_publishes_what_the_call_gives(
    steps: list[tuple[tuple[str, object], str, bool]], executor: str
) -> None:
    cut = Cut()
    with TemporaryDirectory() as folder:
        for (field, value), selection, forced in [*steps, (("number", 5), "", False)]:
            cut = replace(cut, **{field: value})
            project = af.Project(
                declared_in(cut.text(), af=af, note=note), store=f"{folder}/store", executor=executor
            )
            chosen = (
                selection if selection.rpartition("_")[2].lstrip("+") in (*cut.outs, "", "number") else ""
            )
            NOTES.clear()
            run = project.materialize(chosen or None, force=forced)
            assert len(NOTES) <= 1
            made = {item.key for item in run if item.state in ("built", "fresh", "reused", "checked")}
            for key in made & set(cut.outs):
                if not chosen:
                    assert project.load(key) == cut.value(key)
            for item in run:
                assert (item.key in cut.rejects) == (item.state == "rejected")
        NOTES.clear()
        again = project.materialize()
        assert NOTES == []
        assert {str(item.state) for item in again} <= {"fresh", "rejected", "skipped"}
