"""How ``command`` is read: its inputs, its output, its placeholders, its files, and all that can be wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

import assetflow as af
from assetflow.declare.collect import collect
from assetflow.declare.placeholders import filled, placeholders
from assetflow.errors import DeclarationError, Problem
from assetflow.model.spec import AssetSpec

SALES = af.source("sales", "sales.csv")
ORDERS = af.source("retail/orders", "orders.csv")


class Rate(BaseModel):
    """A config."""

    factor: int = 2


def spec(declared: af.declare.command.Command, root: Path | None = None) -> AssetSpec:
    return collect([declared, SALES, ORDERS], root=root).specs[declared.key]


def problems(declared: object, root: Path | None = None) -> tuple[Problem, ...]:
    with pytest.raises(DeclarationError) as raised:
        collect([declared, SALES, ORDERS], root=root)
    return raised.value.problems


def test_inputs_are_named_or_called_as_the_last_part_of_their_key():
    listed = spec(af.command("report", ["true"], inputs=[SALES, "retail/orders"], output="r.csv"))
    named = spec(
        af.command("report", ["true"], inputs={"s.csv": SALES, "o": af.Input(ORDERS, columns=["id"])})
    )

    assert [(item.parameter, item.key) for item in listed.inputs] == [
        ("sales", "sales"),
        ("orders", "retail/orders"),
    ]
    assert [(item.parameter, item.columns) for item in named.inputs] == [("s", None), ("o", ("id",))]
    assert named.command is not None
    assert named.command.suffixes == {"s": ".csv", "o": ""}


@pytest.mark.parametrize(
    ("output", "returns"),
    [
        ("r.parquet", "table"), ("r.csv.gz", "table"), ("r.jsonl", "table"), ("r.arrow", "table"),
        ("r.json", "value"), ("r.txt", "text"), ("r.pdf", "file"), ("site/", "folder"),
    ],
)  # fmt: skip
def test_the_name_of_the_output_says_what_it_is(output, returns):
    made = spec(af.command("report", ["true"], output=output))

    assert made.kind == "command"
    assert made.command.output.returns == returns


def test_what_an_output_is_can_be_said():
    assert spec(af.command("r", ["true"], output="r.csv", returns="file")).command.output.returns == "file"


def test_without_an_output_it_is_an_effect():
    assert spec(af.command("send", ["true"], inputs=[SALES])).kind == "effect"


def test_other_braces_mean_nothing_and_doubled_ones_stand_for_themselves():
    text = '{"a": 1} {print $1} ${HOME} {{print}} {inputs.a}'

    assert placeholders(text) == ["inputs.a"]
    assert filled(text, {"inputs.a": "/x"}) == '{"a": 1} {print $1} ${HOME} {print} /x'


def test_scripts_and_included_files_enter_by_their_paths(tmp_path):
    for name in ("run.sh", "models/a.sql", "models/deep/b.sql", "models/notes.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    declared = af.command(
        "report", ["sh", str(tmp_path / "run.sh"), "-x"], output="r.csv", includes=["models/**/*.sql"]
    )
    made = spec(declared, tmp_path)

    assert made.command.text.scripts == (tmp_path / "run.sh",)
    assert made.includes == (str(tmp_path / "models/a.sql"), str(tmp_path / "models/deep/b.sql"))
    assert made.command.text.text == (
        'argument "sh"\nargument "run.sh"\nargument "-x"\noutput "r.csv" table\n'
    )


def test_secrets_are_not_in_what_is_hashed_and_kept():
    env = {"TARGET": "prod", "TOKEN": SecretStr("hunter2")}
    text = spec(af.command("report", ["true"], env=env, output="r.csv")).command.text.text

    assert 'env TARGET "prod"\nenv TOKEN (secret)\n' in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("declared", "message", "hint"),
    [
        (af.command("r", "dbt build"), "its command is the text 'dbt build'", "['dbt', 'build']"),
        (af.command("r", "echo hi > {output}", output="r.csv"), "is the text", "['sh', '-c', 'echo hi > {output}']"),
        (af.command("r", "echo it's"), "is the text", "['sh', '-c', "),
        (af.command("r", []), "its command is []", "the program first"),
        (af.command("r", ["head", 5]), "its command has 5, which is no text", "write '5'"),
        (
            af.command("r", ["cat", "{input.sales}"], inputs=[SALES]),
            "there is no placeholder {input.sales}",
            "did you mean 'inputs.sales'? (where the braces are meant, write {{input.sales}})",
        ),
        (
            af.command("r", ["cp", "{output}"]), "there is no placeholder {output}", "it knows none here",
        ),
        (
            af.command("r", ["x", "{config.factr}"], config=Rate),
            "there is no placeholder {config.factr}",
            "did you mean 'config.factor'?",
        ),
        (af.command("r", ["x"], config=Rate()), "is no pydantic model", "the class itself"),
        (af.command("r", ["x"], inputs={"s.cvs": SALES}), "nothing can be handed over as '.cvs'", "'.csv'"),
        (af.command("r", ["x"], inputs={"a b": SALES}), "input 'a b' cannot be called so", "letters"),
        (af.command("r", ["x"], inputs={"s": 3}), "input 's' is 3", "name a key"),
        (af.command("r", ["x"], output="a/b.csv"), "output='a/b.csv' is no name of a file", "'report.csv'"),
        (af.command("r", ["x"], output="b.csv", returns="tabel"), "returns='tabel' is not one", "'table'"),
        (af.command("r", ["x"], output="b.dat", returns="table"), "does not say how its table", ".parquet"),
        (af.command("r", ["x"], returns="table"), "returns='table' without output=", "name the file"),
        (af.command("r", ["x"], env={"A": 1}), "env={'A': 1} is not text", "write '1'"),
        (af.command("r", ["x"], env={"ASSETFLOW_OUTPUT": "1"}), "'ASSETFLOW_OUTPUT'", "another name"),
        (af.command("r", ["x"], cwd="nowhere"), "cwd='nowhere' is no folder", "the project's folder"),
        (af.command("r", ["x"], includes=["no.sql"]), "includes= names 'no.sql'", "'models/**/*.sql'"),
        (af.command("r", ["x"], outputs="b.csv"), "outputs= is no option of af.command", "'output'"),
        (af.command("r", ["x"], checks=[af.unique("id")]), "checks= on an effect", "remove checks="),
        (af.command("r", ["x"], output="b.txt", sort_by="id"), "sort_by= on a text", "write a table"),
        (af.command("r", ["x"], deps=["r"]), "it reads itself", "name another"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_the_way_out(declared, message, hint):
    (problem,) = problems(declared)

    assert message in problem.message
    assert hint in (problem.hint or "")
    assert Path(__file__).name in problem.where


def test_an_input_that_is_no_asset_is_told_with_the_nearest():
    (problem,) = problems(af.command("r", ["x"], inputs=["saels"], output="r.csv"))

    assert "'saels'" in problem.message
    assert problem.hint == "did you mean 'sales'?"


def test_data_among_the_arguments_are_to_be_declared(tmp_path):
    with (tmp_path / "data.csv").open("wb") as file:
        file.truncate(5 << 20)
    (problem,) = problems(af.command("r", ["head", "data.csv"], output="r.csv"), tmp_path)

    assert "its argument data.csv is no script: it is data" in problem.message
    assert "af.source(name, 'data.csv')" in (problem.hint or "")
