"""Whatever happens to the file: it loads or it is refused, no secret is shown, nobody is let in."""

import re
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minibot.adapters.config.document import Files
from minibot.adapters.config.loader import interpret
from minibot.adapters.config.schema import ENTRIES
from minibot.core.errors import ConfigurationError
from minibot.core.settings import Settings
from tests.adapters.config.samples import CANARIES, EVERY_TABLE, WORKING

PATH = Path("config.toml")
Mutation = Callable[[bytes], bytes]


def lines_of(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


@st.composite
def flipped_bytes(draw: st.DrawFn, data: bytes) -> bytes:
    mutated = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        mutated[draw(st.integers(0, len(data) - 1))] ^= draw(st.integers(1, 255))
    return bytes(mutated)


@st.composite
def replaced_characters(draw: st.DrawFn, data: bytes) -> bytes:
    mutated = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        mutated[draw(st.integers(0, len(data) - 1))] = draw(st.sampled_from(b"\"'[]{}=#.,$\n 0x_e"))
    return bytes(mutated)


@st.composite
def deleted_lines(draw: st.DrawFn, data: bytes) -> bytes:
    lines = lines_of(data)
    gone = draw(st.sets(st.integers(0, len(lines) - 1), min_size=1, max_size=5))
    return b"".join(line for index, line in enumerate(lines) if index not in gone)


@st.composite
def cut_off(draw: st.DrawFn, data: bytes) -> bytes:
    return data[: draw(st.integers(0, len(data)))]


@st.composite
def shuffled_lines(draw: st.DrawFn, data: bytes) -> bytes:
    return b"".join(draw(st.permutations(lines_of(data))))


@st.composite
def swapped_values(draw: st.DrawFn, data: bytes) -> bytes:
    pairs = [line.split(b" = ", 1) for line in lines_of(data)]
    whole = [index for index, pair in enumerate(pairs) if len(pair) == 2]
    one, other = draw(st.sampled_from(whole)), draw(st.sampled_from(whole))
    side = draw(st.sampled_from([(1, 1), (1, 0), (0, 0)]))
    a, b = pairs[one][side[0]], pairs[other][side[1]]
    pairs[one][side[0]], pairs[other][side[1]] = b.strip() + b"\n" * side[0], a.strip()
    return b"".join(b" = ".join(pair).strip() + b"\n" for pair in pairs)


@st.composite
def duplicated_tables(draw: st.DrawFn, data: bytes) -> bytes:
    tables = re.split(rb"(?m)^(?=\[)", data)
    position = draw(st.integers(0, len(tables)))
    return b"".join((*tables[:position], draw(st.sampled_from(tables)), *tables[position:]))


@st.composite
def odd_values(draw: st.DrawFn, data: bytes) -> bytes:
    """Give each of a few keys a value of any kind, the ids among them."""
    value = st.sampled_from(
        [
            *(f'"{canary}"' for canary in CANARIES),
            "true", "false", "1e9", "inf", "nan", "-1", "0x10", "1_000", "[]", "{}", '"*"',
            '["*"]', "[true]", "[1.0]", '["7"]', "[[7]]", "[{}]", "1979-05-27", '"${X}"', '"$${X}"',
            '"${X:-8}"', '["${X:-8}"]', '"[9]"', '"1,2"', '" 5 "', '"٣"', '["٣"]', '"\\u0000"',
            "9" * 30, '["' + "9" * 30 + '"]', "[" + "9" * 30 + "]", '"""\n"""',
        ]
    )  # fmt: skip
    lines = lines_of(data)
    whole = [index for index, line in enumerate(lines) if b" = " in line]
    for index in draw(st.sets(st.sampled_from(whole), min_size=1, max_size=4)):
        key = lines[index].split(b" = ")[0]
        lines[index] = key + b" = " + draw(value).encode() + b"\n"
    return b"".join(lines)


@st.composite
def other_people(draw: st.DrawFn, data: bytes) -> bytes:
    """Leave the file as it is, but for who may talk."""
    who = st.one_of(
        st.integers(-(2**65), 2**65).map(str),
        st.integers(0, 2**40).map(hex),
        st.integers(-99, 99).map('"{}"'.format),
        st.sampled_from(["7", '"*"', "true", "1e3", "7.0", "1_0", '"1_0"', '"${X}"', '"${X:-8}"']),
    )
    lines = lines_of(data)
    for index, line in enumerate(lines):
        if line.startswith((b"allowed_user_ids", b"allowed_chat_ids")):
            people = ", ".join(draw(st.lists(who, max_size=3)))
            lines[index] = line.split(b" = ")[0] + f" = [{people}]\n".encode()
    return b"".join(lines)


@st.composite
def invented(draw: st.DrawFn, data: bytes) -> bytes:
    """Put keys that exist, and some that do not, into a file with values of any kind."""
    names = st.sampled_from([".".join(path) for path in ENTRIES]) | st.text(max_size=6).map(repr)
    value = st.recursive(
        st.integers() | st.booleans() | st.sampled_from(CANARIES) | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3),
    )
    pairs = draw(st.lists(st.tuples(names, value), max_size=8))
    return "".join(f"{name} = {as_toml(what)}\n" for name, what in pairs).encode()


def as_toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else repr(value)


MUTATIONS = (
    flipped_bytes, replaced_characters, deleted_lines, cut_off, shuffled_lines, swapped_values,
    duplicated_tables, odd_values, other_people, invented,
)  # fmt: skip
mutated = st.sampled_from(MUTATIONS).flatmap(
    lambda mutation: st.sampled_from([WORKING, EVERY_TABLE]).flatmap(
        lambda text: mutation(text.encode())
    )
)


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated)
def test_a_mutated_file_loads_or_is_refused_and_nothing_else(data: bytes) -> None:
    outcome = attempt(data)
    if isinstance(outcome, Settings):
        nobody_else_is_let_in(outcome, data.decode())
        return
    assert outcome.problems
    assert outcome.__context__ is None


def attempt(data: bytes) -> Settings | ConfigurationError:
    try:
        loaded = interpret(Files(config=data, dotenv=None, exposed=("config.toml",)), PATH, {})
    except ConfigurationError as error:
        no_secret_is_in(str(error))
        return error
    no_secret_is_in(*(f"{warning.key} {warning.message}" for warning in loaded.warnings))
    return loaded.settings


def no_secret_is_in(*shown: str) -> None:
    assert not any(canary in text for canary in CANARIES for text in shown)


def nobody_else_is_let_in(loaded: Settings, text: str) -> None:
    """Fail unless each id stands in the text as it is, and "*" as it is."""
    telegram = loaded.channels.telegram
    for who in (*telegram.allowed_user_ids, *telegram.allowed_chat_ids, *telegram.owner_user_ids):
        if who == "*":
            assert re.search(r"""["']\*["']""", text)
        else:
            assert who in numbers(text)


def numbers(text: str) -> set[int]:
    written = re.findall(r"(?<!:)[+-]?(?:0x[0-9A-Fa-f_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*)", text)
    found = set()
    for number in written:
        try:
            found.add(int(number, 0 if number.lstrip("+-")[:2] in ("0x", "0o", "0b") else 10))
        except ValueError:
            continue
    return found
