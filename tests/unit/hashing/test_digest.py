from __future__ import annotations

import numpy as np
import pytest
import xxhash

from assetflow.hashing.digest import BytesHash, Digest, digest, hash_bytes


def test_a_preimage_is_the_definition_and_tagged_length_prefixed_fields():
    def field(tag: bytes, payload: bytes) -> bytes:
        return tag + len(payload).to_bytes(8, "little") + payload

    preimage = field(b"s", b"sample/1") + field(b"s", "é".encode()) + field(b"i", b"-12") + field(b"b", b"\0")

    assert digest("sample/1", "é", -12, b"\0", None) == xxhash.xxh3_128_hexdigest(preimage + field(b"n", b""))


def test_fields_of_different_kinds_or_cuts_make_different_digests():
    preimages = [
        ("a",),
        (b"a",),
        (None,),
        (),
        ("",),
        (0,),
        ("0",),
        ("a", "b"),
        ("ab",),
        ("", "ab"),
        ("a", None),
    ]

    assert len({digest("sample/1", *fields) for fields in preimages}) == len(preimages)
    assert digest("sample/1") != digest("sample/2")


def test_fields_added_one_by_one_make_the_digest_of_all():
    assert Digest("sample/1").add("a").add(1, None).hexdigest() == digest("sample/1", "a", 1, None)


def test_a_bool_is_no_field():
    with pytest.raises(TypeError, match="True is not a field"):
        digest("sample/1", True)


def test_any_contiguous_bytes_are_one_field():
    numbers = np.arange(6, dtype="<i4")

    assert digest("sample/1", numbers.reshape(2, 3).data) == digest("sample/1", numbers.tobytes())
    assert digest("sample/1", np.array([], "<i4").data) == digest("sample/1", b"")


def test_names_that_are_no_unicode_have_digests_of_their_own():
    assert len({digest("sample/1", name) for name in ["\udc80", "\udc81", "\ud83d\ude00", "😀"]}) == 4


def test_the_name_of_an_object_is_the_hash_of_its_bytes_alone():
    pieces = BytesHash()
    pieces.update(b"some ")
    pieces.update(memoryview(b"bytes"))

    assert hash_bytes(b"some bytes") == xxhash.xxh3_128_hexdigest(b"some bytes") == pieces.hexdigest()
    assert len(hash_bytes(b"")) == 32
