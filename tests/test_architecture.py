"""The rules of ARCHITECTURE.md that import-linter and ruff cannot express.

Each rule is a function from a file's syntax tree to what is wrong with it. It is run on a
planted violation as well, so a rule that sees nothing fails.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = sorted((ROOT / "minibot").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
INNER = [path for path in PACKAGE if path.parts[len(ROOT.parts) + 1] in ("core", "app")]

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
MOST_METHODS = 15

HEAVY = ("aiogram", "aiohttp", "aiosonic", "llm_async", "pydantic", "sqlalchemy")
"""What starting the command line must not wait for."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Rule = Callable[[ast.Module], Iterator[str]]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def foreign_imports(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        match node:
            case ast.Import(names=aliases):
                modules = [alias.name for alias in aliases]
            case ast.ImportFrom(module=source):
                modules = [source or "."]
            case _:
                continue
        roots = {each.partition(".")[0] for each in modules}
        yield from sorted(roots - sys.stdlib_module_names - {"minibot"})


def long_functions(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, Function):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{node.name} has {length} lines, {LONGEST_FUNCTION} are allowed"


def large_classes(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            methods = sum(isinstance(each, Function) for each in node.body)
            if methods > MOST_METHODS:
                yield f"{node.name} has {methods} methods, {MOST_METHODS} are allowed"


def blocking_engines(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _last_name(node.func) == "create_engine":
            yield f"line {node.lineno}: an engine that blocks the event loop"


def broad_handlers(module: ast.Module) -> Iterator[str]:
    """Name the functions that catch, or suppress, any exception."""
    yield from _broad_handlers(module, ())


def _broad_handlers(node: ast.AST, inside: tuple[str, ...]) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            yield from _broad_handlers(child, (*inside, child.name))
            continue
        if _is_broad(child):
            yield ".".join(inside) or "<module>"
        yield from _broad_handlers(child, inside)


def _is_broad(node: ast.AST) -> bool:
    match node:
        case ast.ExceptHandler(type=None):
            return True
        case ast.ExceptHandler(type=ast.Tuple(elts=caught)):
            return any(_last_name(each) in ("Exception", "BaseException") for each in caught)
        case ast.ExceptHandler(type=caught):
            return _last_name(caught) in ("Exception", "BaseException")
        case ast.Call(func=function, args=caught) if _last_name(function) == "suppress":
            return any(_last_name(each) in ("Exception", "BaseException") for each in caught)
    return False


def _last_name(node: ast.AST | None) -> str:
    match node:
        case ast.Name(id=found) | ast.Attribute(attr=found):
            return found
    return ""


PLANTED: list[tuple[Rule, str, str]] = [
    (
        foreign_imports,
        "import os\nimport minibot.core\nfrom aiogram.types import Message",
        "aiogram",
    ),
    (foreign_imports, "def f():\n    import orjson as fast, json", "orjson"),
    (foreign_imports, "from . import neighbour", ""),
    (
        long_functions,
        "async def f():\n" + "    pass\n" * LONGEST_FUNCTION,
        "f has 61 lines, 60 are allowed",
    ),
    (
        large_classes,
        "class C:\n" + "".join(f"    def m{n}(self): ...\n" for n in range(MOST_METHODS + 1)),
        "C has 16 methods, 15 are allowed",
    ),
    (
        blocking_engines,
        "sqlalchemy.create_engine('x')\ncreate_async_engine('x')",
        "line 1: an engine that blocks the event loop",
    ),
    (broad_handlers, "class C:\n  def m(self):\n    try: ...\n    except Exception: ...", "C.m"),
    (broad_handlers, "try: ...\nexcept: ...", "<module>"),
    (broad_handlers, "def f():\n  try: ...\n  except (OSError, BaseException) as e: ...", "f"),
    (broad_handlers, "def f():\n  with contextlib.suppress(Exception): ...", "f"),
    (broad_handlers, "def f():\n  try: ...\n  except* Exception: ...", "f"),
]


@pytest.mark.parametrize(("rule", "source", "found"), PLANTED)
def test_planted_violation_is_found(rule: Rule, source: str, found: str) -> None:
    assert list(rule(ast.parse(source))) == [found]


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (foreign_imports, "import asyncio\nfrom minibot.core import events"),
        (long_functions, "def f():\n" + "    pass\n" * (LONGEST_FUNCTION - 1)),
        (
            broad_handlers,
            "try: ...\nexcept (OSError, ValueError): ...\nwith suppress(KeyError): ...",
        ),
    ],
)
def test_what_is_allowed_is_not_found(rule: Rule, source: str) -> None:
    assert list(rule(ast.parse(source))) == []


@pytest.mark.parametrize("path", INNER, ids=name)
def test_core_and_app_need_only_the_standard_library(path: Path) -> None:
    in_settings = name(path).startswith("minibot/core/settings/")
    allowed = {"pydantic"} if in_settings else set()
    assert set(foreign_imports(tree(path))) <= allowed


@pytest.mark.parametrize("folder", sorted({path.parent for path in PACKAGE + TESTS}), ids=name)
def test_every_folder_is_a_package(folder: Path) -> None:
    assert (folder / "__init__.py").exists(), "import-linter does not look into other folders"


@pytest.mark.parametrize("path", PACKAGE + TESTS, ids=name)
def test_files_functions_and_classes_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    assert [*long_functions(tree(path)), *large_classes(tree(path))] == []


@pytest.mark.parametrize("path", PACKAGE, ids=name)
def test_no_engine_blocks_the_event_loop(path: Path) -> None:
    assert list(blocking_engines(tree(path))) == []


def test_boundaries_are_those_of_the_architecture() -> None:
    """ARCHITECTURE.md names each in the first column of a table: `file.py::Class.method`."""
    described = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(minibot/\S+\.py::\S+)` \|", described, re.MULTILINE))
    found = {f"{name(path)}::{where}" for path in PACKAGE for where in broad_handlers(tree(path))}
    assert found - named == set(), "caught everything, without saying why"
    assert named - found == set(), "said to catch everything, and does not"


@pytest.mark.parametrize("module", ["minibot", "minibot.cli"])
def test_import_is_light(module: str) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
    modules = loaded.stdout.split()
    assert module in modules
    assert [each for each in HEAVY if each in modules] == []
