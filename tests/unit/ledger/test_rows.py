"""What actions say in the tables, where no question of a session asks for it."""

from __future__ import annotations

import base64

import pyarrow as pa
import pytest
from ledger_builders import TIME, Project, made, observed, read, started, table_manifest

from assetflow.model.manifest import ManifestRef
from assetflow.model.recipe import Recipe
from assetflow.model.runs import Failed
from assetflow.model.versions import Attempt, SourceFile


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def ask(project: Project, query: str) -> list[tuple]:
    with project.quick.session() as session:
        return session._ask(query, ())


def test_columns_have_the_types_of_the_manifests_schema(project):
    schema = pa.schema([("day", pa.date32()), ("amount", pa.decimal128(9, 2))])
    text = base64.b64encode(schema.serialize().to_pybytes()).decode()
    manifest = table_manifest().model_copy(
        update={"columns": (("day", "h1"), ("amount", "h2")), "schema_ipc": text}
    )
    project.commit(started(), made(manifest=manifest), made("bare", "b1"))

    found = ask(
        project, "SELECT asset, version, ordinal, name, type, hash FROM assetflow.columns ORDER BY ALL"
    )

    assert found == [
        ("bare", "b1", 0, "day", None, "h1"),
        ("sales", "v1", 0, "day", "date32[day]", "h1"),
        ("sales", "v1", 1, "amount", "decimal128(9, 2)", "h2"),
    ]


def test_a_manifest_that_is_an_object_itself_is_a_part_of_its_own_kind(project):
    manifest = ManifestRef(object="m.json", kind="table", format="parquet", bytes=9000, rows=3)
    columns = (("day", "h1"),)
    project.commit(
        started(), made(manifest=manifest), observed(manifest=manifest, columns=columns), made("x", "x1")
    )

    parts = ask(project, "SELECT asset, role, object, part_version, bytes FROM assetflow.parts ORDER BY ALL")

    assert parts == [
        ("raw", "manifest", "m.json", "", 9000),
        ("sales", "manifest", "m.json", "", 9000),
        ("x", "part", "x1.parquet", "part-x1", 100),
    ]
    assert ask(project, "SELECT asset, name FROM assetflow.columns WHERE asset <> 'x'") == [("raw", "day")]


def test_inputs_say_what_was_read_and_what_was_waited_for(project):
    some = read("few", "orders", "o1").model_copy(update={"columns": (("id", "h"), ("day", "h"))})
    recipe = Recipe(
        code_version="c", inputs=(some, read("all", "customers", "c1")), deps=(("calendar", "d1"),)
    )
    project.commit(started(), made(recipe=recipe))

    query = "SELECT parameter, input_asset, input_version, input_data_version, columns FROM assetflow.inputs ORDER BY 1"

    assert ask(project, query) == [
        ("all", "customers", "c1", "data-c1", None),
        ("few", "orders", "o1", "data-o1", ["id", "day"]),
        (None, "calendar", None, "d1", None),
    ]


def test_metadata_that_are_numbers_can_be_plotted(project):
    project.commit(
        started(), made(metadata={"score": 0.5, "rows": 3, "good": True, "names": ["ä"], "none": None})
    )

    assert ask(project, "SELECT name, value, number FROM assetflow.metadata ORDER BY name") == [
        ("good", "true", None),
        ("names", '["ä"]', None),
        ("none", "null", None),
        ("rows", "3", 3.0),
        ("score", "0.5", 0.5),
    ]


def test_observations_and_their_files_are_listed(project):
    files = (SourceFile(path="a.csv", size=3, hash="h1"), SourceFile(path="b.csv", size=4, hash="h2"))
    project.commit(started(), observed(files=files, manifest=table_manifest("s1")), observed("far", "f1"))

    assert ask(project, "SELECT asset, files, kept FROM assetflow.observations ORDER BY ALL") == [
        ("far", 0, False),
        ("raw", 2, True),
    ]
    assert ask(project, "SELECT asset, path, size, hash FROM assetflow.observed_files ORDER BY ALL") == [
        ("raw", "a.csv", 3, "h1"),
        ("raw", "b.csv", 4, "h2"),
    ]


def test_times_are_kept_in_utc(project):
    project.commit(started(started_at="2026-11-23T07:00:00+02:00"))

    (found,) = ask(project, "SELECT started_at = TIMESTAMP '2026-11-23 05:00:00' FROM assetflow.runs")
    assert found == (True,)
    assert TIME.startswith("2026-11-23T05:00:00")


def test_a_log_with_text_that_is_no_unicode_stays_readable(project):
    attempt = Attempt(number=1, started_at=TIME, seconds=0.1, error="ValueError", message="\udc80\x00")
    failed = Failed(run="r1", asset="bad", env="dev", fingerprint=None, attempts=(attempt,))
    files = (SourceFile(path="caf\udce9.csv", size=1, hash="00"),)
    project.commit(started(), failed, observed(files=files), made(metadata={"odd": ["\udc81"]}))

    with project.quick.session() as session:
        assert [one.action.attempts[0].message for one in session.failures()] == ["\\udc80\x00"]
        records = {record.asset: record.action for record in session.records()}

    assert records["raw"].files[0].path == "caf\\udce9.csv"
    assert records["sales"].metadata == {"odd": ["\\udc81"]}
    assert ask(project, "SELECT message FROM assetflow.failures") == [("\\udc80\x00",)]
