from __future__ import annotations

import bz2
import datetime as dt
import decimal
import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assetflow.errors import SourceError, UnknownNameError
from assetflow.frames.readers import option_problem, read_table, read_text

UTC = dt.UTC


def files(**contents: bytes | str):
    """(path, opener) of each; ``__`` in a name is a dot."""
    as_bytes = {
        name.replace("__", "."): data.encode() if isinstance(data, str) else data
        for name, data in contents.items()
    }
    return [(path, lambda data=data: io.BytesIO(data)) for path, data in as_bytes.items()]


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def ipc(table: pa.Table, write) -> bytes:
    sink = io.BytesIO()
    with write(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


GUESSED = """id,zip,phone,share,good,day,at,zoned,empty,mixed,big
-1,007,+49,1.5,true,2026-01-31,2026-01-01 10:00,2026-01-01T10:00Z,,1,9223372036854775808
2,12,+1,3,FALSE,2026-02-01,2026-01-01T10:00:01.5,2026-01-01 10:00:00+01:00,,x,1
"""


def test_types_of_csv_are_guessed_by_the_pinned_rules():
    table = read_table("csv", files(a__csv=GUESSED))

    assert dict(zip(table.column_names, map(str, table.schema.types), strict=True)) == {
        "id": "int64",
        "zip": "string",
        "phone": "string",
        "share": "double",
        "good": "bool",
        "day": "date32[day]",
        "at": "timestamp[us]",
        "zoned": "timestamp[us, tz=UTC]",
        "empty": "string",
        "mixed": "string",
        "big": "string",
    }
    assert table["zoned"][1].as_py() == dt.datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert table["empty"].null_count == 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2026-02-30", pa.string()),
        ("nan", pa.float64()),
        ("-inf", pa.float64()),
        ("1e400", pa.float64()),
        (".", pa.string()),
        ("e5", pa.string()),
        ("-", pa.string()),
        ("1,5", pa.string()),
        ("1_000", pa.string()),
        (" 1", pa.string()),
        ("0x10", pa.string()),
        ("10:30", pa.string()),
        ("yes", pa.string()),
        ("2026-01-01 10:00:00.1234567", pa.string()),
        ("9223372036854775807", pa.int64()),
    ],
)
def test_text_at_the_edge_of_a_rule(text, kind):
    assert read_table("csv", files(a__csv=f'x\n"{text}"\n')).schema.field("x").type == kind


def test_unquoted_empty_is_null_and_quoted_empty_is_text_unless_the_column_is_none():
    table = read_table("csv", files(a__csv='n,s\n1,""\n"",\n'))

    assert table.to_pylist() == [{"n": 1, "s": ""}, {"n": None, "s": None}]


def test_line_breaks_quotes_and_a_byte_order_mark_are_read_as_rfc_4180_says():
    table = read_table("csv", files(a__csv=b'\xef\xbb\xbf"a\nb",c\r\n"1\n2","say ""hi"""\r\n'))

    assert table.to_pylist() == [{"a\nb": "1\n2", "c": 'say "hi"'}]


def test_a_declared_schema_steers_reading():
    schema = pa.schema(
        [("t", pa.time32("s")), ("d", pa.decimal128(5, 2)), ("u", pa.dictionary(pa.int8(), pa.string()))]
    )
    table = read_table("csv", files(a__csv="u,d,t\nx,1.5,10:30\ny,,10:30:05\n"), schema)

    assert table.schema.types == [pa.time32("s"), pa.decimal128(5, 2), pa.string()]
    assert table.to_pylist()[0] == {"t": dt.time(10, 30), "d": decimal.Decimal("1.50"), "u": "x"}


def test_files_are_read_in_order_of_their_paths_and_joined_by_name():
    table = read_table("csv", files(b__csv="y,x\n3,4\n", a__csv="x,y\n1,2\n", c__csv=""))

    assert table.to_pydict() == {"x": [1, 4], "y": [2, 3]}


def test_types_are_guessed_from_all_files_together():
    assert read_table("csv", files(a__csv="x\n1\n", b__csv="x\n1.5\n"))["x"].to_pylist() == [1.0, 1.5]


@pytest.mark.parametrize(("suffix", "squeeze"), [("gz", gzip.compress), ("bz2", bz2.compress), ("zst", zstd)])
@pytest.mark.parametrize(("kind", "text"), [("csv", "x\n1\n"), ("jsonl", '{"x":1}\n')])
def test_compressed_files_are_read_by_their_suffix(suffix, squeeze, kind, text):
    table = read_table(kind, files(**{f"a__{kind}__{suffix}": squeeze(text.encode())}))

    assert table.to_pydict() == {"x": [1]}


def test_options_of_csv():
    def read(text, **options):
        return read_table("csv", files(a__csv=text), options=options).to_pydict()

    assert read("a;b\n1;2\n", delimiter=";") == {"a": [1], "b": [2]}
    assert read("a,b\n'x,y',2\n", quote="'") == {"a": ["x,y"], "b": [2]}
    assert read("1,2\n", header=False) == {"column_1": [1], "column_2": [2]}
    assert read("1,2\n", header=False, columns=["x", "y"]) == {"x": [1], "y": [2]}
    assert read("a,b\n1,2\n", columns=["x", "y"]) == {"x": [1], "y": [2]}
    assert read('a,b\nNA,"NA"\n', null_values=["NA"]) == {"a": [None], "b": ["NA"]}
    assert read("a\né\n".encode("latin-1"), encoding="latin-1") == {"a": ["é"]}


@pytest.mark.parametrize(
    ("kind", "options", "told"),
    [
        ("csv", {"delimter": ";"}, "did you mean 'delimiter'?"),
        ("csv", {"delimiter": ";;"}, "delimiter=';;' is not one ASCII character"),
        ("csv", {"columns": "ab"}, "columns='ab' is not a list of texts"),
        ("csv", {"header": 1}, "header=1 is neither True nor False"),
        ("csv", {"encoding": "utf-99"}, "encoding='utf-99' is no encoding"),
        ("parquet", {"delimiter": ";"}, "the reader of parquet has no option 'delimiter': it has none"),
        ("csv", {"encoding": "latin-1", "quote": "'"}, None),
    ],
)
def test_options_are_judged_before_anything_is_read(kind, options, told):
    problem = option_problem(kind, options)

    assert (problem is None) == (told is None)
    assert told is None or told in problem


SCHEMA = pa.schema([("a", pa.int8()), ("b", pa.int8())])


@pytest.mark.parametrize(
    ("kind", "contents", "schema", "told"),
    [
        ("csv", {}, None, "there is no file to read"),
        ("csv", {"a__csv": ""}, None, "a.csv is empty"),
        ("csv", {"a__csv": "a,a\n1,2\n"}, None, "a.csv has more than one column named 'a'"),
        (
            "csv",
            {"a__csv": "a,b\n1,2\n3\n"},
            None,
            "a.csv: CSV parse error: Row #3: Expected 2 columns, got 1",
        ),
        ("csv", {"a__csv": b"a\n\xff\n"}, None, 'options={"encoding": "latin-1"}'),
        ("csv", {"a__csv": b"a,b\n1,2\n1,\xff\n"}, None, "a.csv: column 'b': Row #3: "),
        (
            "csv",
            {"a__csv": "a,b\n1,2\n3,x\n"},
            SCHEMA,
            "a.csv: row 2, column 'b': 'x' cannot be read as int8",
        ),
        ("csv", {"a__csv": "a,b\n1,300\n"}, SCHEMA, "row 1, column 'b': '300'"),
        ("csv", {"a__csv": "a\n1\n"}, SCHEMA, "a.csv has no column 'b', unlike the schema"),
        ("csv", {"a__csv": "a,b,c\n1,2,3\n"}, SCHEMA, "a.csv has a column 'c', unlike the schema"),
        (
            "csv",
            {"a__csv": "a\n1\n", "b__csv": "b\n1\n"},
            None,
            "b.csv has no column 'a', unlike the first file",
        ),
        ("csv", {"a__csv": "a\n1\n"}, pa.schema([("a", pa.list_(pa.int8()))]), "text cannot be read as list"),
        ("csv", {"a__csv__gz": "a\n1\n"}, None, "a.csv.gz cannot be read"),
        ("csv", {"a__csv": "a\n,\n"}, pa.schema([pa.field("a", pa.int8(), nullable=False)]), "a.csv"),
        ("jsonl", {"a__jsonl": ""}, None, "a.jsonl is empty"),
        (
            "jsonl",
            {"a__jsonl": '{"a":1}\n\n{"a":\n'},
            None,
            "a.jsonl: line 3 is not JSON: Expecting value at column 6",
        ),
        ("jsonl", {"a__jsonl": "[1]\n"}, None, "a.jsonl: line 1 is no object, but a list"),
        ("jsonl", {"a__jsonl": b'{"a":"\xff"}\n'}, None, "a.jsonl: line 1 is not UTF-8"),
        ("jsonl", {"a__jsonl": '{"a":1}\n{"a":2}\n{"a":"x"}\n{"a":"y"}\n'}, None, "a.jsonl: line 3, key 'a'"),
        ("jsonl", {"a__jsonl": '{"a":1}\n{"a":18446744073709551616}\n'}, None, "a.jsonl: line 2, key 'a'"),
        (
            "jsonl",
            {"a__jsonl": '{"a":1}\n', "b__jsonl": '{"a":"x"}\n'},
            None,
            "b.jsonl: Unable to merge: Field a",
        ),
        ("jsonl", {"a__jsonl": '{"a":1,"c":2}\n'}, SCHEMA, "a.jsonl: line 1 has the key 'c'"),
        ("jsonl", {"a__jsonl": '{"a":300}\n'}, SCHEMA, "a.jsonl: key 'a' (int64) cannot be read as int8"),
        (
            "jsonl",
            {"a__jsonl": '{"a":"1"}\n{"a":"x"}\n'},
            SCHEMA,
            "a.jsonl: line 2, key 'a': 'x' cannot be read",
        ),
        ("parquet", {"a__parquet": b"nonsense"}, None, "a.parquet is no parquet file"),
        ("arrow", {"a__arrow": b""}, None, "a.arrow is no arrow file"),
        (
            "parquet",
            {"a__parquet": parquet(pa.table({"a": [1]})), "b__parquet": parquet(pa.table({"a": ["x"]}))},
            None,
            "column 'a' is string in b.parquet, and int64 in a.parquet",
        ),
        (
            "parquet",
            {"a__parquet": parquet(pa.table({"a": [1]})), "b__parquet": parquet(pa.table({"b": [1]}))},
            None,
            "b.parquet has no column 'a', unlike a.parquet",
        ),
        (
            "parquet",
            {
                "a__parquet": parquet(pa.table({"a": [1]})),
                "b__parquet": parquet(pa.table({"a": [1], "b": [1]})),
            },
            None,
            "b.parquet has a column 'b', unlike a.parquet",
        ),
        (
            "parquet",
            {"a__parquet": parquet(pa.table({"a": [300], "b": [1]}))},
            SCHEMA,
            "a.parquet: column 'a' (int64)",
        ),
    ],
)
def test_what_cannot_be_read_is_told_with_file_and_place(kind, contents, schema, told):
    with pytest.raises(SourceError) as caught:
        read_table(kind, files(**contents), schema)

    assert told in str(caught.value)


def test_an_option_that_is_not_there_is_refused_when_reading_too():
    with pytest.raises(SourceError, match="did you mean 'header'"):
        read_table("csv", files(a="x\n1\n"), options={"haeder": True})


def test_an_empty_file_has_no_rows_where_a_schema_is_declared():
    for kind in ("csv", "jsonl"):
        assert read_table(kind, files(a=""), SCHEMA).equals(SCHEMA.empty_table())


def test_json_lines_keep_the_types_of_json():
    table = read_table(
        "jsonl", files(a__jsonl='{"n":1,"x":1,"t":"2026-01-01"}\n\n{"x":2.5,"o":{"l":[1,null]},"n":null}\n')
    )

    assert list(map(str, table.schema.types)) == ["int64", "double", "string", "struct<l: list<item: int64>>"]
    assert table.to_pylist()[1] == {"n": None, "x": 2.5, "t": None, "o": {"l": [1, None]}}


def test_json_lines_of_many_batches_meet_in_one_type(monkeypatch):
    monkeypatch.setattr("assetflow.frames.jsonl_reader._LINES_AT_ONCE", 2)
    lines = ['{"a":1}', '{"a":2,"o":{"x":1}}', '{"a":null,"b":null}', '{"a":0.5,"o":{"y":"z"}}']

    table = read_table("jsonl", files(a__jsonl="\n".join(lines)))
    assert table["a"].to_pylist() == [1.0, 2.0, None, 0.5]
    assert table["o"].to_pylist() == [None, {"x": 1, "y": None}, None, {"x": None, "y": "z"}]


def test_a_declared_schema_reads_text_of_json_as_days_and_instants_at_any_depth():
    schema = pa.schema(
        [
            ("day", pa.date32()),
            ("o", pa.struct([("at", pa.timestamp("us"))])),
            ("l", pa.list_(pa.struct([("day", pa.date32())]))),
            ("absent", pa.int8()),
        ]
    )
    lines = '{"day":"2026-01-01","o":{"at":"2026-01-01 10:00"},"l":[{"day":"2026-01-02"},null]}\n{}\n'

    first, second = read_table("jsonl", files(a__jsonl=lines), schema).to_pylist()
    assert first == {
        "day": dt.date(2026, 1, 1),
        "o": {"at": dt.datetime(2026, 1, 1, 10)},
        "l": [{"day": dt.date(2026, 1, 2)}, None],
        "absent": None,
    }
    assert set(second.values()) == {None}


def test_parquet_and_arrow_of_any_layout_are_joined():
    plain, coded = (
        pa.table({"a": [1], "s": ["x"]}),
        pa.table({"s": pa.array(["y"]).dictionary_encode(), "a": [2]}),
    )
    expected = {"a": [1, 2], "s": ["x", "y"]}

    assert read_table("parquet", files(a=parquet(plain), b=parquet(coded))).to_pydict() == expected
    stream = ipc(coded, pa.ipc.new_stream)
    assert read_table("arrow", files(a=ipc(plain, pa.ipc.new_file), b=stream)).to_pydict() == expected


def test_columns_are_chosen_after_reading():
    assert read_table("csv", files(a="x,y\n1,2\n"), columns=["y"]).to_pydict() == {"y": [2]}
    with pytest.raises(UnknownNameError, match="'z'"):
        read_table("csv", files(a="x,y\n1,2\n"), columns=["z"])


def test_a_local_path_is_read_too(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n")

    assert read_table("csv", [("a.csv", tmp_path / "a.csv")]).to_pydict() == {"x": [1]}
    with pytest.raises(SourceError, match=r"b\.csv cannot be read"):
        read_table("csv", [("b.csv", tmp_path / "b.csv")])


def test_text_is_joined_in_order_of_paths():
    assert read_text(files(b="two", a__gz=gzip.compress(b"\xef\xbb\xbfone\n"))) == "one\ntwo"
    with pytest.raises(SourceError, match="a: line 2 is not UTF-8"):
        read_text(files(a=b"x\n\xff"))
