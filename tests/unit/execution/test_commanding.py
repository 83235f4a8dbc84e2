"""What a command finds and what is made of what it writes, for each kind of data."""

from __future__ import annotations

import pyarrow as pa
import pytest
from pydantic import BaseModel, SecretStr

import assetflow as af


class Password(BaseModel):
    """A config with a secret."""

    word: SecretStr = SecretStr("hunter2")
    tries: int = 3


@af.asset
def table() -> pa.Table:
    return pa.table({"n": [1, 2], "unread": ["a", "b"]})


@af.asset
def value() -> dict:
    return {"a": [1.5, None]}


@af.asset
def text() -> str:
    return "word"


@af.asset
def raw() -> bytes:
    return b"\x00\x01"


def made(script: str, **options: object) -> af.Project:
    command = af.command("made", ["sh", "-ec", script], **options)
    project = af.Project(assets=[table, value, text, raw, command], store="memory://")
    project.materialize("+made").raise_for_failure()
    return project


def failure(script: str, **options: object) -> str:
    command = af.command("made", ["sh", "-ec", script], **options)
    project = af.Project(assets=[table, value, text, raw, command], store="memory://")
    return project.materialize("+made")["made"].message


def test_inputs_of_each_kind_are_files_by_their_names():
    script = 'for file in "$@"; do echo "${file##*/}"; done > {output}'
    arguments = [
        "sh",
        "-c",
        script,
        "sh",
        "{inputs.table}",
        "{inputs.value}",
        "{inputs.text}",
        "{inputs.raw}",
    ]
    command = af.command("made", arguments, inputs=["table", "value", "text", "raw"], output="names.txt")
    project = af.Project(assets=[table, value, text, raw, command], store="memory://")
    project.materialize("+made").raise_for_failure()

    assert project.load("made").split() == ["table.parquet", "value.json", "text.txt", "raw.bin"]


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".arrow", ".jsonl"])
def test_a_table_goes_there_and_back_in_each_format(suffix):
    inputs = {f"given{suffix}": af.Input("table", columns=["n"])}
    project = made("cp {inputs.given} {output}", inputs=inputs, output=f"out{suffix}")

    assert project.load("made").equals(pa.table({"n": [1, 2]}))


def test_values_text_bytes_and_files_come_back_as_declared():
    assert made("cp {inputs.value} {output}", inputs=["value"], output="v.json").load("made") == {
        "a": [1.5, None]
    }
    assert made("cp {inputs.text} {output}", inputs=["text"], output="t.txt").load("made") == "word"
    assert (
        made("cp {inputs.raw} {output}", inputs=["raw"], output="b", returns="bytes").load("made") == b"\0\1"
    )
    assert made("printf x > {output}", output="page.pdf").load("made").name == "page.pdf"


def test_a_folder_comes_back_whole_and_is_handed_on():
    site = af.command("site", ["sh", "-ec", "mkdir {output}/a; echo b > {output}/a/b.html"], output="site/")
    count = af.command("count", ["sh", "-c", "ls {inputs.site}/a > {output}"], inputs=[site], output="n.txt")
    project = af.Project(assets=[site, count], store="memory://")
    project.materialize().raise_for_failure()

    assert project.load("count") == "b.html\n"


def test_config_and_declared_variables_are_there_and_secrets_reach_the_program_alone():
    env = {"TOKEN": SecretStr("s3cret"), "TITLE": "tries: {config.tries}"}
    project = made('echo "$TITLE" $TOKEN {config.word} > {output}', env=env, config=Password, output="o.txt")

    assert project.load("made") == "tries: 3 s3cret hunter2\n"
    record = repr(project.current("made").to_dict())
    assert "s3cret" not in record
    assert "hunter2" not in record


def test_a_variable_that_is_declared_decides_the_output_and_a_secret_does_not():
    def code(env: dict[str, object]) -> str:
        return made("echo 1 > {output}", env=env, output="o.txt").current("made").code_version

    assert code({"A": "1"}) != code({"A": "2"})
    assert code({"A": SecretStr("1")}) == code({"A": SecretStr("2")})


def test_an_output_that_is_not_there_or_no_file_of_its_format_is_told():
    assert failure("true", output="out.csv") == "its program ended well, but wrote no file out.csv"
    assert "out.parquet is no parquet file" in failure("echo no > {output}", output="out.parquet")
    assert "out.json is no JSON" in failure("echo '{' > $ASSETFLOW_OUTPUT", output="out.json")
    assert "value is a value, which cannot be written as .csv" in failure(
        "true", inputs={"v.csv": "value"}, output="o.txt"
    )


def test_an_effect_runs_once_for_the_same_inputs(tmp_path):
    send = af.command("send", ["sh", "-c", f"echo sent >> {tmp_path}/sent"], inputs=["text"])
    project = af.Project(assets=[text, send], store="memory://")
    project.materialize()
    project.materialize()

    assert (tmp_path / "sent").read_text() == "sent\n"


def test_a_failing_program_is_tried_again(tmp_path):
    script = f"test -e {tmp_path}/once || {{ touch {tmp_path}/once; exit 1; }}; echo well > $ASSETFLOW_OUTPUT"
    project = made(script, output="o.txt", retries=af.Retry(times=1, first="0s"))

    assert project.load("made") == "well\n"
