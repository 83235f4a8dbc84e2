"""Which text belongs to loaded code: files as they were, cells, prompts, and code without any text."""

from __future__ import annotations

import importlib.util
import linecache
import os
import py_compile
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from cells import run_cell
from source_trees import SourceTree, names, source_tree, texts

from assetflow.errors import DeclarationError
from assetflow.hashing.code import CodeReader
from assetflow.hashing.module_text import capture_text, read_text

TEXT = """\
class A:
    x: int = 1
    def go(self): return 1

def helper(): return 1

def f():
    return helper(), A()
"""


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[SourceTree]:
    with source_tree(tmp_path, {"probe.py": TEXT, "beside.py": "def g(): return 1\n"}) as made:
        yield made


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("def helper(): return 1", "def helper(): return 2", "helper"),
        ("(self): return 1", "(self): return 2", "A.go"),
        ("return helper()", "return A", "f"),
    ],
)
def test_a_file_that_was_edited_since_it_was_imported_is_a_problem(tree, old, new, name):
    module = tree.load("probe")
    tree.edit("probe.py", old, new)

    with pytest.raises(
        DeclarationError, match=rf"probe\.py was edited since it was imported: {name} is not what"
    ) as caught:
        tree.reader().version(module.f)
    assert "reload the module" in caught.value.problems[0].hint


def test_a_file_that_is_no_python_any_more_is_a_problem(tree):
    module = tree.load("probe")
    tree.write({"probe.py": "def f(:\n"})

    with pytest.raises(DeclarationError, match=r"probe\.py was edited since it was imported"):
        tree.reader().version(module.f)


def test_a_file_that_is_gone_is_a_problem(tree):
    module = tree.load("probe")
    (tree.folder / "probe.py").unlink()

    with pytest.raises(DeclarationError, match=r"probe\.py was edited since it was imported"):
        tree.reader().version(module.f)


def test_stale_bytecode_is_a_problem(tree):
    """Python trusts the size and the second of the last write: an edit within that second is not seen."""
    source, text = tree.folder / "probe.py", "def f(): return 1\n"
    source.write_text(text)
    py_compile.compile(str(source), doraise=True)
    before = source.stat()
    source.write_text(text.replace("1", "2"))
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    module = tree.load("probe")

    assert module.f() == 1
    with pytest.raises(DeclarationError, match="remove the stale __pycache__"):
        tree.reader().version(module.f)


def test_lines_that_only_moved_are_no_edit(tree):
    before = tree.version("probe:f")
    module = tree.load("probe")
    tree.write({"probe.py": f"# one\n# two\n{TEXT}"})

    assert tree.reader().version(module.f).digest == before.digest


def test_an_edit_after_the_declaration_does_not_matter(tree):
    before = tree.version("probe:f")
    module = tree.load("probe")
    capture_text(module.f)
    tree.edit("probe.py", "return 1", "return 2")
    reader = tree.reader()

    version = reader.version(module.f)

    assert version == before
    assert texts(version)["probe:helper"] == "def helper(): return 1\n"
    assert tree.version("probe:f") != before  # a reload, and so another text


def test_an_edit_after_the_first_plan_does_not_matter(tree):
    module = tree.load("probe")
    before = tree.reader().version(module.f)
    tree.edit("probe.py", "return 1", "return 2")

    assert tree.reader().version(module.f) == before


def test_the_modules_beside_are_kept_with_the_first_that_declares(tree):
    tree.write({"pack/__init__.py": "", "pack/a.py": "def f(): pass\n", "pack/b.py": "def g(): return 1\n"})
    for declaring, other in (("probe", "beside"), ("pack.a", "pack.b")):
        tree.forget()
        first, second = importlib.import_module(declaring), importlib.import_module(other)
        capture_text(first.f)
        tree.edit(f"{other.replace('.', '/')}.py", "return 1", "return 2")

        assert names(tree.reader().version(second.g)) == [f"{other}:g"]


def test_a_class_of_a_captured_module_is_what_was_declared(tree):
    module = tree.load("probe")
    capture_text(module.f)
    before = tree.reader().version(module.A)
    tree.edit("probe.py", "x: int = 1", "x: int = 2")

    assert tree.reader().version(module.A) == before


def test_code_that_a_test_runner_rewrote_is_not_compared(tree):
    class Rewriting(importlib.machinery.SourceFileLoader):
        def source_to_code(self, data, path):
            return compile(bytes(data).replace(b"return 1", b"return 1+0*3"), path, "exec")

    location = str(tree.folder / "probe.py")
    spec = importlib.util.spec_from_file_location(
        "rewritten", location, loader=Rewriting("rewritten", location)
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert tree.reader().version(module.f).digest == tree.version("probe:f").digest


def test_this_very_module_is_read_under_pytest():
    version = CodeReader(Path(__file__).parent, frozenset()).version(_asserting)

    assert [part.name for part in version.parts] == [f"{__name__}:_asserting", f"{__name__}:_asserted"]
    assert version.opaque == ()


def _asserting(x):
    assert x, "rewritten by pytest"
    return _asserted(x)


def _asserted(x):
    assert x == 1
    return x


CELL = "class Config:\n    days: int = 1\ndef helper(): return 1\ndef f(c: Config): return helper(), Config\n"


def test_cells_are_read_as_they_ran():
    reader = CodeReader(None, frozenset({"cells"}))
    one = run_cell(CELL)["f"]
    other = run_cell(CELL.replace("return 1", "return 2"))["f"]
    third = run_cell(CELL.replace("days: int = 1", "days: int = 2"))["f"]
    digests = {reader.version(function).digest for function in (one, other, third)}

    assert len(digests) == 3
    assert (
        reader.version(one).digest
        == CodeReader(None, frozenset({"cells"})).version(run_cell(f"# moved\n{CELL}")["f"]).digest
    )
    assert reader.version(one).opaque == ()


def test_two_cells_with_a_constant_of_one_name_are_told_apart():
    reader = CodeReader(None, frozenset({"cells"}))
    one, other = (run_cell(f"RATE = {rate}\ndef f(): return RATE\n")["f"] for rate in (1, 2))

    assert reader.version(one).digest != reader.version(other).digest


def test_the_cells_of_a_version_are_its_files():
    reader = CodeReader(None, frozenset({"cells"}))
    version = reader.version(run_cell(CELL)["f"])
    ((path, content),) = reader.module_files(version.parts)

    assert path.startswith("cells/")
    assert {part.file for part in version.parts} == {path}
    assert content == CELL.encode()


def test_a_class_without_methods_is_found_in_the_newest_cell_of_a_notebook(monkeypatch):
    notebook = ModuleType("notebook_of_test")
    cells = ["import pydantic\nclass C(pydantic.BaseModel):\n    x: int = 1\n", "def f(): return C\n"]
    again = cells[0].replace("1", "2")
    monkeypatch.setitem(sys.modules, "notebook_of_test", notebook)

    def version(*texts: str) -> str:
        for number, text in enumerate(texts):
            name = f"<input {number} {hash(text)}>"
            linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
            exec(compile(text, name, "exec"), vars(notebook))
        notebook.In = ["", *texts]
        return CodeReader(None, frozenset({"notebook_of_test"})).version(notebook.f).digest

    first = version(*cells)
    assert version(*cells, again) != first
    assert version(*cells, again, cells[0]) == first


def _without_text(text: str, name: str = "untold") -> dict[str, object]:
    namespace: dict[str, object] = {"__name__": name}
    exec(compile(text, "<string>", "exec", dont_inherit=True), namespace)
    return namespace


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'alpha'", "'beta'"),
        ("math.sqrt", "math.log"),
        ("return helper", "return -helper"),
        ("+ 3", "+ 4"),
        ("{1, 2}", "{1, 3}"),
        ("RATE = 1", "RATE = 2"),
        ("days = 1", "days = 2"),
    ],
)
def test_code_without_text_is_read_as_it_is_compiled(old, new):
    text = (
        "import math\nRATE = 1\nclass C:\n    days = 1\n    def go(self): return self.days + 3\n"
        "def helper(x): return 'alpha', math.sqrt(x), x in {1, 2}, RATE\ndef f(x): return helper(x), C()\n"
    )
    text = text.replace("return helper(x)", "return helper(x)[1]")
    digests = []
    for written in (text, text, text.replace(old, new)):
        version = CodeReader(None, frozenset({"untold"})).version(_without_text(written)["f"])
        digests.append(version.digest)

    assert digests[0] == digests[1] != digests[2]
    assert "untold:f (without source: hashed as compiled)" in version.opaque


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("class M(pydantic.BaseModel):\n    x: int = 1", "class M(pydantic.BaseModel):\n    x: int = 2"),
        (
            "@dataclasses.dataclass\nclass M:\n    x: int = 1",
            "@dataclasses.dataclass\nclass M:\n    x: str = 1",
        ),
        (
            "@dataclasses.dataclass\nclass M:\n    x: list = dataclasses.field(default_factory=list)",
            "@dataclasses.dataclass\nclass M:\n    x: list = dataclasses.field(default_factory=set)",
        ),
    ],
)
def test_classes_without_text_are_their_attributes(before, after):
    digests = [
        CodeReader(None, frozenset({"untold"}))
        .version(_without_text(f"import pydantic, dataclasses\n{text}\n")["M"])
        .digest
        for text in (before, before, after)
    ]

    assert digests[0] == digests[1] != digests[2]


def test_helpers_in_modules_are_followed_from_code_without_text(tree):
    tree.load("probe")
    function = _without_text(
        "import probe\ndef f():\n    from beside import g\n    return probe.helper(), g()\n"
    )["f"]
    importlib.import_module("beside")
    version = tree.reader(frozenset({"untold"})).version(function)

    assert {"probe:helper", "beside:g"} <= set(names(version))


def test_a_script_and_a_command_are_read(tree):
    tree.write({"script.py": f"{TEXT}\n{PRINTING}"})
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path.cwd()), str(tree.folder)])}

    def run(*command: str, given: str | None = None) -> list[str]:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=tree.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            input=given,
        )
        return done.stdout.split()

    assert run("script.py") == [tree.version("probe:f").digest, "script.py"]
    for printed in (run("-c", f"{TEXT}\n{PRINTING}"), run("-", given=f"{TEXT}\n{PRINTING}")):
        assert len(printed[0]) == 32


PRINTING = """
from assetflow.hashing.code import CodeReader
version = CodeReader(None, frozenset({"__main__"})).version(f)
print(version.digest, version.parts[0].file)
"""


def test_a_function_that_ran_often_is_still_what_was_loaded(tree):
    module = tree.load("probe")
    for _ in range(10_000):  # Python rewrites the bytecode of what is hot
        module.f()

    assert tree.reader().version(module.f).digest == tree.version("probe:f").digest


def test_texts_of_files_are_kept_and_those_of_cells_are_not(tree):
    module = tree.load("probe")
    namespace = vars(module)

    assert read_text(str(tree.folder / "probe.py"), namespace).text == TEXT
    tree.write({"probe.py": ""})
    assert read_text(str(tree.folder / "probe.py"), namespace).text == TEXT
    assert read_text("<not there>", namespace).text is None
