from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from assetflow.storage.damage import DamageList


@pytest.fixture(params=["file", "memory"])
def damage(request, tmp_path):
    return DamageList(tmp_path / "state" / "damaged" if request.param == "file" else None)


def test_nothing_is_damaged_at_first(damage):
    assert damage.known() == frozenset()


def test_what_is_noted_is_known_until_it_is_forgotten(damage):
    damage.note(["a.bin", "b.bin"])
    damage.forget(["a.bin", "never noted"])
    assert damage.known() == {"b.bin"}
    damage.note(["a.bin"])
    assert damage.known() == {"a.bin", "b.bin"}


def test_other_processes_see_it(tmp_path):
    DamageList(tmp_path / "damaged").note(["a.bin"])

    assert DamageList(tmp_path / "damaged").known() == {"a.bin"}


def test_noting_again_writes_nothing(tmp_path):
    damage = DamageList(tmp_path / "damaged")
    damage.note(["a.bin"])
    before = (tmp_path / "damaged").read_bytes()
    damage.note(["a.bin"])
    damage.forget(["b.bin"])

    assert (tmp_path / "damaged").read_bytes() == before


def test_a_note_after_one_that_was_cut_off_is_whole(tmp_path):
    (tmp_path / "damaged").write_text("\na.bi")
    DamageList(tmp_path / "damaged").note(["b.bin"])

    assert "b.bin" in DamageList(tmp_path / "damaged").known()


def test_notes_at_the_same_time_are_all_kept(tmp_path):
    names = [f"{n:032x}.parquet" for n in range(100)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: DamageList(tmp_path / "damaged").note([name]), names))

    assert DamageList(tmp_path / "damaged").known() == set(names)
