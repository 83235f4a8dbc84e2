from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from assetflow.errors import DamagedError, StoreError
from assetflow.storage.fsspec_folder import FsspecFolder
from assetflow.storage.local_folder import LocalFolder
from assetflow.storage.log import CommitLog
from assetflow.testing.bucket import Bucket
from assetflow.testing.fakes import FakeClock, Fault, Faulty

BODY = b'{"id":"mine"}'


def log_on(bucket, **fault):
    fs = Faulty(bucket, ["pipe_file"], **fault)
    return CommitLog(FsspecFolder(fs, "bucket/store", "s3://bucket/store"), FakeClock()), fs


def refused(number):
    return lambda: OSError(number, os.strerror(number))


@pytest.fixture
def local(tmp_path):
    return CommitLog(LocalFolder(tmp_path), FakeClock())


def test_a_commit_lies_under_its_number_in_twenty_digits(local, tmp_path):
    local.append(42, BODY, "mine")

    assert (tmp_path / "log" / "00000000000000000042.json").read_bytes() == BODY


def test_a_write_whose_reply_was_lost_is_a_success():
    log, fs = log_on(Bucket(), nth=1, fault=Fault.LOSE_REPLY)

    assert log.append(1, BODY, "mine")
    assert fs.made == ["pipe_file"]


def test_an_answer_that_it_exists_is_a_success_when_it_is_ours():
    """The client library tried again after a lost reply, and met our own file."""
    log, _ = log_on(Bucket(), nth=1, fault=Fault.LOSE_REPLY, error=FileExistsError)

    assert log.append(1, BODY, "mine")


def test_after_a_409_the_same_bytes_are_tried_again():
    log, fs = log_on(Bucket(), nth=1, error=refused(errno.EBUSY))

    assert log.append(1, BODY, "mine")
    assert fs.made == ["pipe_file", "pipe_file"]


def test_a_409_that_another_writer_won_is_a_loss():
    bucket = Bucket()
    log_on(bucket)[0].append(1, b'{"id":"theirs"}', "theirs")

    assert not log_on(bucket, nth=1, error=refused(errno.EBUSY))[0].append(1, BODY, "mine")


def test_trying_again_ends():
    log, fs = log_on(Bucket(), nth=1, error=refused(errno.EBUSY), lasting=True)

    with pytest.raises(StoreError, match="cannot write commit 1 in s3://bucket/store"):
        log.append(1, BODY, "mine")
    assert len(fs.made) == 6


def test_what_no_second_try_can_mend_is_tried_once():
    log, fs = log_on(Bucket(), nth=1, error=refused(errno.EACCES), lasting=True)

    with pytest.raises(StoreError, match="permission denied"):
        log.append(1, BODY, "mine")
    assert len(fs.made) == 1


def test_the_errors_of_a_client_library_are_not_let_through():
    class ClientError(Exception):
        pass

    log, _ = log_on(Bucket(), nth=1, error=lambda: ClientError("no credentials"), lasting=True)

    with pytest.raises(StoreError, match="ClientError: no credentials"):
        log.append(1, BODY, "mine")


def test_a_commit_that_was_cut_off_is_an_error_not_a_guess():
    log, _ = log_on(Bucket(), nth=1, fault=Fault.TRUNCATE)

    with pytest.raises(StoreError, match="commit 1 of s3://bucket/store is not a commit"):
        log.append(1, BODY, "mine")


def test_a_commit_that_cannot_be_read_back_is_an_error_not_a_guess():
    class Unreadable(Bucket):
        def cat_file(self, path, start=None, end=None, **_):
            raise TimeoutError("no answer")

    log, _ = log_on(Unreadable(), nth=1, fault=Fault.LOSE_REPLY)

    with pytest.raises(StoreError, match="read commit 1 back"):
        log.append(1, BODY, "mine")


def test_a_gap_is_an_error(local, tmp_path):
    for number in range(1, 9):
        local.append(number, BODY, "mine")
    (tmp_path / "log" / "00000000000000000003.json").unlink()

    with pytest.raises(DamagedError, match=r"commit 3 .* is missing"):
        list(local.read_since(0))
    with pytest.raises(DamagedError, match=r"commit 3 .* is missing"):
        local.read(3)


def test_a_log_without_its_first_commit_is_not_an_empty_one(local):
    local.append(2, BODY, "mine")

    with pytest.raises(DamagedError, match=r"commit 1 .* is missing"):
        local.head(0)


def test_asking_for_news_when_there_is_none_takes_one_call(tmp_path):
    CommitLog(LocalFolder(tmp_path), FakeClock()).append(1, BODY, "mine")
    system = Faulty(os, ["open", "read", "stat", "listdir"])
    log = CommitLog(LocalFolder(tmp_path, system=system), FakeClock())

    assert list(log.read_since(1)) == []
    assert system.made == ["stat"]


def test_passwords_in_an_address_are_not_told():
    fs = Faulty(Bucket(), ["pipe_file"], nth=1, error=refused(errno.EACCES))
    log = CommitLog(FsspecFolder(fs, "bucket/store", "s3://me:secret@bucket/store"), FakeClock())

    with pytest.raises(StoreError) as caught:
        log.append(1, BODY, "mine")
    assert "secret" not in str(caught.value)


def test_a_gap_is_noticed_by_whoever_reads_up_to_it(tmp_path, local):
    log = local
    for number in range(1, 10):
        assert log.append(number, b'{"id": "x%d"}' % number, f"x{number}")
    (tmp_path / "log" / f"{4:020}.json").unlink()
    with pytest.raises(DamagedError, match="4"):
        log.head()
    with pytest.raises(DamagedError, match="4"):
        list(log.read_since(0))
    assert log.head(5) == 9


class Written(LocalFolder):
    """A folder in which another writer makes the log's first two commits right after the first question."""

    def exists(self, path):
        found = super().exists(path)
        for number in (1, 2):
            CommitLog(LocalFolder(Path(self.url)), FakeClock()).append(number, BODY, "mine")
        return found


@pytest.mark.parametrize("asked", [lambda log: log.is_empty(), lambda log: log.head() == 0])
def test_commits_written_while_the_first_is_looked_for_are_no_gap(tmp_path, asked):
    assert asked(CommitLog(Written(tmp_path), FakeClock())) is False
