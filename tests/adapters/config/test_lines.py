"""The line of every key, however it is written."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.config.lines import Location, locate
from tests.adapters.config.samples import EVERY_TABLE

TEXT = '''\
top = 1                                    # 1
a.b.c = "x # no comment"                   # 2
"quoted key" = 1                           # 3
'lit.eral'."x\\u0041" . bare = [ # 4
  1, # 5

  [ 2, 3 ], # 7
  { in = "}", other = [ # 8
     "]" ] }, # 9
]
long = """
[not.a.table]
key = 1 ""\\"
""" # 14
raw = \'\'\'
key = ''
\'\'\'\'\' # 17
after = 2024-01-01 00:00:00 # 18

[ table . "with dots.inside" ] # 20
key = true # 21
inline = { x = { y = 1 }, z.w = 2 } # 22
[[list]] # 23
n = 1 # 24
[list.sub] # 25
m = 1 # 26
[[list]] # 27
n = 2 # 28
[[list.deep]] # 29
[[list.deep]] # 30
k = 1 # 31
'''

LINES: dict[Location, int] = {
    ("top",): 1,
    ("a",): 2,
    ("a", "b", "c"): 2,
    ("quoted key",): 3,
    ("lit.eral", "xA", "bare"): 4,
    ("lit.eral", "xA", "bare", 0): 5,
    ("lit.eral", "xA", "bare", 1): 7,
    ("lit.eral", "xA", "bare", 1, 1): 7,
    ("lit.eral", "xA", "bare", 2, "other"): 8,
    ("lit.eral", "xA", "bare", 2, "other", 0): 9,
    ("long",): 11,
    ("raw",): 15,
    ("after",): 18,
    ("table", "with dots.inside"): 20,
    ("table", "with dots.inside", "key"): 21,
    ("table", "with dots.inside", "inline", "x", "y"): 22,
    ("table", "with dots.inside", "inline", "z", "w"): 22,
    ("list",): 23,
    ("list", 0): 23,
    ("list", 0, "n"): 24,
    ("list", 0, "sub"): 25,
    ("list", 0, "sub", "m"): 26,
    ("list", 1): 27,
    ("list", 1, "n"): 28,
    ("list", 1, "deep", 1): 30,
    ("list", 1, "deep", 1, "k"): 31,
    # What is not there is where it would have to be.
    ("table", "with dots.inside", "missing"): 20,
    ("list", 1, "missing", "further"): 27,
}


def test_the_example_is_toml() -> None:
    assert tomllib.loads(TEXT)["list"][1]["deep"] == [{}, {"k": 1}]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("location", LINES)
def test_a_key_is_found(location: Location, ends: str) -> None:
    assert locate(TEXT.replace("\n", ends)).of(location) == LINES[location]


def test_what_is_nowhere_has_no_line() -> None:
    assert locate(TEXT).of(("nowhere",)) is None
    assert locate("").of(("nowhere",)) is None


def test_every_key_of_a_file_is_on_the_line_that_names_it() -> None:
    example = Path(__file__).parents[3] / "config.example.toml"
    for text in (EVERY_TABLE, example.read_text()):
        lines, rows = locate(text), text.split("\n")
        for location in every_key(tomllib.loads(text)):
            line = lines.of(location)
            assert line is not None
            assert location[-1] in rows[line - 1]


keys = st.text(st.sampled_from("ab.\"'#= \\[]{}\n\té"), min_size=1, max_size=4)
scalars = st.one_of(
    st.integers(), st.booleans(), st.text(st.sampled_from("ab\"'#=\\[]{},\n "), max_size=8)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.tuples(keys, values), max_size=6, unique_by=lambda item: item[0]))
def test_any_key_with_any_value_is_found(items: list[tuple[str, object]]) -> None:
    text, expected = "", {}
    for key, value in items:
        expected[key] = text.count("\n") + 1
        text += f"{quoted(key)} = {written(value)} # comment = '\"\n"
    assert tomllib.loads(text) == dict(items)
    lines = locate(text)
    assert {key: lines.of((key,)) for key in expected} == expected


def every_key(tree: dict[str, object], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for key, value in tree.items():
        if isinstance(value, dict):
            found += every_key(value, (*path, key))
        else:
            found.append((*path, key))
    return found


def written(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            multiline = '"""' + value.replace("\\", "\\\\").replace('"', '\\"') + '"""'
            return multiline if value[:1] not in ("", "\n") else quoted(value)
        case list():
            return "[\n" + ",\n".join(map(written, value)) + "\n]"
        case dict():
            pairs = (f"{quoted(key)} = {written(inner)}" for key, inner in value.items())
            return "{" + ", ".join(pairs) + "}"
    return str(value)


def quoted(text: str) -> str:
    return '"' + "".join(f"\\u{ord(char):04x}" if char < "a" else char for char in text) + '"'
