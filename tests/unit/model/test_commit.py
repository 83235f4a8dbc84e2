from __future__ import annotations

from assetflow.model.commit import Commit, Writer, parse_commit
from assetflow.model.runs import Failed
from assetflow.model.versions import Attempt, SourceFile, SourceObserved

TIME = "2026-11-23T05:00:00.000000Z"
ODD = "caf\udce9.csv"


def test_a_commit_with_text_that_is_no_unicode_comes_back_as_it_was() -> None:
    attempt = Attempt(number=1, started_at=TIME, seconds=0.1, error="ValueError", message=ODD, traceback=ODD)
    failed = Failed(run="r", asset="a", env="dev", fingerprint=None, attempts=(attempt,))
    observed = SourceObserved(
        run="r",
        asset="s",
        version="v",
        data_version="d",
        fingerprint="f",
        url="data",
        format="csv",
        identity="bytes",
        files=(SourceFile(path=ODD, size=1, hash="00"),),
        observed_at=TIME,
        seconds=0.1,
        bytes=1,
    )
    commit = Commit(
        id="1",
        number=7,
        parent="",
        time=TIME,
        wall=TIME,
        writer=Writer(host="box", pid=1, user="ann", release="0.1.0"),
        actions=(failed, observed),
    )
    assert parse_commit(commit.to_bytes(), 7) == commit
