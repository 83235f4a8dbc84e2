"""What the ledger knows of notifications is what the log says, one after the other."""

from __future__ import annotations

from functools import reduce
from itertools import product

from ledger_builders import Project

from assetflow.ledger.notices import Told, after
from assetflow.model.notices import Notice, Notified

STEPS = list(product(("failed", "recovered"), ("telling", "told", "failed")))
ALL = list(product(STEPS, repeat=3))


def notified(number: int, event: str, phase: str) -> Notified:
    notice = Notice(asset=f"a{number}", matter="outcome", event=event)
    return Notified(env="prod", phase=phase, notices=(notice,))


def test_every_order_of_three_notices_comes_to_what_they_say_one_after_the_other(tmp_path):
    project = Project(tmp_path)
    commits = [
        project.commit(*(notified(number, *steps[place]) for number, steps in enumerate(ALL)))
        for place in range(3)
    ]
    with project.quick.session() as session:
        known = session.told("prod")
        assert session.told("dev") == {}

    for number, steps in enumerate(ALL):
        told = zip(steps, commits, strict=True)
        expected = reduce(lambda known, one: after(known, *one[0], one[1].time), told, Told())
        assert known[f"a{number}", "", "outcome"] == expected, steps
