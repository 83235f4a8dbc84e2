from __future__ import annotations

import pytest

from assetflow.errors import SelectionError
from assetflow.lineage.parser import METHODS, parse
from assetflow.lineage.selection import (
    Around,
    Glob,
    Intersection,
    Key,
    Method,
    Not,
    Reach,
    Roots,
    Sinks,
    Union,
)

A, B, C, D = Key("a"), Key("b"), Key("c"), Key("d")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", A),
        ("retail/daily-sales_2", Key("retail/daily-sales_2")),
        ("  a  ", A),
        ("a+", Reach(A, down=None)),
        ("+a", Reach(A, up=None)),
        ("+a+", Reach(A, None, None)),
        ("2+a+1", Reach(A, 2, 1)),
        ("2+a", Reach(A, up=2)),
        ("a+13", Reach(A, down=13)),
        ("0+a", A),
        ("@a", Around(A)),
        ("a b", Union((A, B))),
        ("a or b", Union((A, B))),
        ("a b or c", Union((A, B, C))),
        ("a,b", Intersection((A, B))),
        ("a , b", Intersection((A, B))),
        ("a and b", Intersection((A, B))),
        ("a,b and c", Intersection((A, B, C))),
        ("not a", Not(A)),
        ("not not a", Not(Not(A))),
        ("a b,c", Union((A, Intersection((B, C))))),
        ("a,b c,d", Union((Intersection((A, B)), Intersection((C, D))))),
        ("not a and b c", Union((Intersection((Not(A), B)), C))),
        ("a and not b or c", Union((Intersection((A, Not(B))), C))),
        ("(a b),c", Intersection((Union((A, B)), C))),
        ("(a)", A),
        ("not (a b)", Not(Union((A, B)))),
        ("not(a)", Not(A)),
        ("+(a b)+1", Reach(Union((A, B)), None, 1)),
        ("2+(a b)", Reach(Union((A, B)), 2)),
        ("@(a+)", Around(Reach(A, down=None))),
        ("a+ and +b", Intersection((Reach(A, down=None), Reach(B, up=None)))),
        ("a+,+b", Intersection((Reach(A, down=None), Reach(B, up=None)))),
        ("sa*", Glob("sa*")),
        ("retail/[a-c]?", Glob("retail/[a-c]?")),
        ("+sa*+", Reach(Glob("sa*"), None, None)),
        ("tag:daily", Method("tag", "daily")),
        ("tag:da*", Method("tag", "da*", wild=True)),
        ("+tag:x+", Reach(Method("tag", "x"), None, None)),
        ("@tag:x", Around(Method("tag", "x"))),
        ("1+tag:x+2", Reach(Method("tag", "x"), 1, 2)),
        ('tag:"two words"', Method("tag", "two words")),
        ('tag:"da*"', Method("tag", "da*")),
        ("owner:ann@acme.com", Method("owner", "ann@acme.com")),
        ("path:shop/*", Method("path", "shop/*", wild=True)),
        ("kind:source", Method("kind", "source")),
        ("state:never_built", Method("state", "never_built")),
        ("result:error", Method("result", "error")),
        ("result:failed@20261123-0600-ab", Method("result", "failed@20261123-0600-ab")),
        ("changed:git", Method("changed", "git")),
        ("changed:git:origin/main~2", Method("changed", "git:origin/main~2")),
        ("changed:git+", Reach(Method("changed", "git"), down=None)),
        ("roots(a b)", Roots(Union((A, B)))),
        ("sinks(+a)", Sinks(Reach(A, up=None))),
        ("roots(a)+", Reach(Roots(A), down=None)),
        ("roots sinks", Union((Key("roots"), Key("sinks")))),
        ('"and"', Key("and")),
        ("'or'+", Reach(Key("or"), down=None)),
        ("band order knot", Union((Key("band"), Key("order"), Key("knot")))),
        ("2", Key("2")),
        ("2+", Reach(Key("2"), down=None)),
        ("2+2+2", Reach(Key("2"), 2, 2)),
        ('"2"+2', Reach(Key("2"), down=2)),
        ("2+ a", Union((Reach(Key("2"), down=None), A))),
        ("a +1", Union((A, Reach(Key("1"), up=None)))),
        ("a+1 b", Union((Reach(A, down=1), B))),
        ("1-a", Key("1-a")),
    ],
)
def test_a_text_means(text, expected):
    assert parse(text).expression == expected


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("", 0, "empty"),
        ("   ", 3, "empty"),
        ("+", 0, "'\\+' must touch"),
        ("a+,+ b", 3, "'\\+' must touch"),
        ("a + b", 2, "'\\+' must touch"),
        ("@ a", 0, "'@' must touch"),
        ("a+b", 2, "'b' may not follow"),
        ("a+1b", 2, "'1b' may not follow"),
        ("a++", 2, "'\\+' may not follow"),
        ("@a+", 2, "'@' takes all descendants"),
        ("@tag:a+", 6, "'@' takes all descendants"),
        ("+@a", 0, "'\\+' must touch"),
        ("a,", 2, "the selection ends where an asset was expected"),
        ("a and", 5, "the selection ends"),
        ("not", 3, "the selection ends"),
        ("and a", 0, "'and' needs a selection on both sides"),
        ("a or or b", 5, "'or' needs"),
        ("+not a", 1, "'not' stands before"),
        ("a,,b", 2, "',' stands where"),
        ("(a", 0, "never closed"),
        ("a)", 1, "never opened"),
        ("()", 1, "'\\)' stands where"),
        ("(a)(b)", 3, "may not follow"),
        ("a 'b", 2, "quote is never closed"),
        ('a"b"', 1, "may not follow"),
        ("leaves(a)", 0, "no function 'leaves'"),
        ("tagg:x", 0, "no method 'tagg:'"),
        ("tag:", 0, "needs a value"),
        ("tag: x", 0, "needs a value"),
        ("a state:fersh", 2, "'state' cannot be 'fersh'"),
        ("kind:table", 0, "'kind' cannot be 'table'"),
        ("result:erorr@1", 0, "'result' cannot be 'erorr'"),
        ("result:error@", 0, "nothing follows"),
        ("changed:svn", 0, "'changed' cannot be 'svn'"),
        ("changed:git:", 0, "nothing follows"),
        ("a+9999999999", 2, "no graph has that many steps"),
        ("(" * 40 + "a" + ")" * 40, 30, "within each other"),
        ("not " * 40 + "a", 120, "within each other"),
    ],
)
def test_a_mistake_is_told_with_its_place(text, position, says):
    with pytest.raises(SelectionError, match=says) as raised:
        parse(text)

    assert raised.value.position == position
    assert raised.value.text == text


@pytest.mark.parametrize(
    ("text", "hint"),
    [("tagg:x", "'tag'"), ("state:fersh", "'fresh'"), ("root(a)", "'roots'"), ("kind:phyton", "'python'")],
)
def test_a_mistyped_word_gets_its_nearest(text, hint):
    with pytest.raises(SelectionError) as raised:
        parse(text)

    assert f"did you mean {hint}" in (raised.value.hint or "")


def test_an_unknown_method_is_answered_with_all_methods():
    with pytest.raises(SelectionError) as raised:
        parse("zzz:x")

    assert all(f"{method}:" in (raised.value.hint or "") for method in METHODS)


def test_the_message_draws_carets_under_the_mistake():
    with pytest.raises(SelectionError) as raised:
        parse("sales and\ttagg:daily or x")

    assert raised.value.message == (
        "there is no method 'tagg:'\n"
        "    sales and tagg:daily or x\n"
        "              ^^^^^^^^^^"
    )  # fmt: skip


def test_a_long_text_is_shown_around_the_mistake():
    text = " ".join(f"asset_{n}" for n in range(100)) + " tagg:x " + "b " * 100
    with pytest.raises(SelectionError) as raised:
        parse(text)

    _, shown, carets = raised.value.message.splitlines()
    assert len(shown) <= 100
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "tagg:x"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a  b,c", "a or b and c"),
        ("( a b ),c", "(a or b) and c"),
        ("not(a b)", "not (a or b)"),
        ("+(a)+", "+a+"),
        ("+(+a)", "+(+a)"),
        ("+(roots(a))", "+roots(a)"),
        ("@(a+)", "@(a+)"),
        ("'and' \"2\"", '"and" or "2"'),
        ("tag:'x y'", 'tag:"x y"'),
        (r'tag:"a\"b\\"', r'tag:"a\"b\\"'),
        ("a (b c)", "a or (b or c)"),
        ("changed:git:HEAD~1 owner:ann@acme.com", "changed:git:HEAD~1 or owner:ann@acme.com"),
    ],
)
def test_printing(text, printed):
    assert str(parse(text)) == printed
    assert parse(printed) == parse(text)


def test_the_deepest_nesting_allowed_still_prints():
    text = "a"
    for _ in range(10):
        text = f"+(b not (c,{text}))"

    assert parse(str(parse(text))) == parse(text)
