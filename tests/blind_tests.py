"""Kinds of tests that cannot fail, or that pass for more than one reason; and code that goes by the words of a refusal.

`test_static_checks.py` plants one of each and sees it found, and finds none in the repository.
"""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Callable, Iterator, Mapping

ANY_ERROR = {"Exception", "BaseException", "AssertionError"}
NEVER_SILENT = {"skip", "skipif", "xfail", "importorskip", "skipTest"}
# The one place that opens a connection of the run-time role, which sees nothing until it says for whom it looks.
HELPER = "tests/at_home.py"
# What stands for the owner, who sees every row: the fixture, and the addresses of databases made by a test.
SEES_ALL = {"owner"}
# Where a connection is opened in another way, and why it is not blind.
OTHER_CONNECTIONS: Mapping[str, str] = {
    "tests/access/test_put_up.py": "the owner in a database of somebody else's, which is empty",
    "tests/access/test_writing.py": "asks the catalogue as the run-time role, and looks at no row of ours",
    "tests/promises/test_promises.py": "each attack says for whom it looks; and the owner, who listens",
    "tests/site/test_addresses.py": "the superuser of a server that the test makes",
    "tests/site/test_running.py": "puts a job into the queue, which every run-time process sees",
    "tests/site/test_streams.py": "looks at connections, and at no row of ours",
    "tests/site/test_cluster.py": "asks who is let in, and looks at no row",
    "tests/site/test_refusing_to_start.py": "the address that a worker is given, by another way",
    "tests/site/test_upgrading.py": "the owner of another database",
    "tests/site/full_story.py": "the owner of a release's database",
    "tests/site/release.py": "the owner of a release's database",
}
# Found, and meant; each with its reason.
EXCUSED: Mapping[tuple[str, str], str] = {
    ("tests/site/test_running.py", "is skipped"): "a small disk needs the right to mount; the summary says so",
    ("src/nowrongdoor/publishing/pdf.py", "goes by the words of an error"): "the typesetter has one class of error",
}


def in_tests(source: str, name: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the kind of each weakness of a test file. `name` is its path in the repository."""
    for node in ast.walk(ast.parse(source)):
        yield from ((node.lineno, kind) for kind, is_it in KINDS.items() if is_it(node))  # type: ignore[attr-defined]
        if name != HELPER and name not in OTHER_CONNECTIONS and _is_bare_connection(node):
            yield node.lineno, "a bare connection"  # type: ignore[attr-defined]


def in_code(source: str) -> Iterator[tuple[int, str]]:
    """Yield where production code decides by what an error says instead of by its class."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler) and node.name:
            for inner in ast.walk(node):
                if isinstance(inner, ast.If | ast.IfExp | ast.While) and _reads(inner.test, node.name):
                    yield inner.lineno, "goes by the words of an error"


def found(root: pathlib.Path) -> list[str]:
    """Return what is found in the repository and not excused."""
    wrong = []
    for file in sorted(root.glob("tests/**/*.py")) + sorted(root.glob("src/**/*.py")):
        name = str(file.relative_to(root))
        source = file.read_text(encoding="utf-8")
        kinds = in_tests(source, name) if name.startswith("tests/") else in_code(source)
        wrong += [f"{name}:{line}: {kind}" for line, kind in kinds if (name, kind) not in EXCUSED]
    return wrong


def _has_or(node: ast.expr) -> bool:
    return isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)


def _is_call(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) in names


def _asserts_either(node: ast.AST) -> bool:
    if not isinstance(node, ast.Assert):
        return False
    test = node.test
    names = ("all", "any", "claims.every", "claims.no")
    inner = test.args[0] if isinstance(test, ast.Call) and _is_call(test, *names) and test.args else None
    return _has_or(test) or (isinstance(inner, ast.GeneratorExp | ast.ListComp) and _has_or(inner.elt))


def _asserts_nothing(node: ast.AST) -> bool:
    """`assert x, y` where x is a literal that is true, or a tuple: it always holds."""
    return isinstance(node, ast.Assert) and (
        (isinstance(node.test, ast.Tuple) and bool(node.test.elts))
        or (isinstance(node.test, ast.Constant) and bool(node.test.value))
    )


def _claims_of_none(node: ast.AST) -> bool:
    """`all` holds of nothing, and so does `not any`: claims.every and claims.no look that there is something."""
    if not isinstance(node, ast.Assert):
        return False
    test = node.test
    return _is_call(test, "all") or (isinstance(test, ast.UnaryOp) and _is_call(test.operand, "any"))


def _takes_any_status(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Assert)
        and isinstance(node.test, ast.Compare)
        and isinstance(node.test.ops[0], ast.In)
        and ast.unparse(node.test.left).endswith(("status_code", ".status", "returncode"))
        and isinstance(node.test.comparators[0], ast.Tuple | ast.List | ast.Set)
    )


def _raises(node: ast.AST) -> ast.expr | None:
    return node.args[0] if isinstance(node, ast.Call) and _is_call(node, "pytest.raises") and node.args else None


def _raises_one_of_many(node: ast.AST) -> bool:
    return isinstance(_raises(node), ast.Tuple)


def _raises_anything(node: ast.AST) -> bool:
    error = _raises(node)
    return isinstance(error, ast.Name) and error.id in ANY_ERROR


def _is_skipped(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in NEVER_SILENT and "pytest" in ast.unparse(node)


def _is_bare_connection(node: ast.AST) -> bool:
    """A connection of the run-time role, or one of nobody knows whom."""
    if _is_call(node, "cluster.address", "address"):
        assert isinstance(node, ast.Call)
        return any(ast.unparse(each) == "cluster.APP" for each in node.args)
    if _is_call(node, "psycopg.connect", "psycopg.Connection.connect", "connect"):
        assert isinstance(node, ast.Call)
        return not (len(node.args) == 1 and isinstance(node.args[0], ast.Name) and node.args[0].id in SEES_ALL)
    return False


def _reads(test: ast.expr, name: str) -> bool:
    for each in ast.walk(test):
        if isinstance(each, ast.Call) and _is_call(each, "str", "repr") and each.args:
            if ast.unparse(each.args[0]) == name:
                return True
        elif isinstance(each, ast.Attribute) and ast.unparse(each) in (f"{name}.args", f"{name}.message"):
            return True
    return False


KINDS: Mapping[str, Callable[[ast.AST], bool]] = {
    "asserts one thing or another": _asserts_either,
    "asserts nothing": _asserts_nothing,
    "claims something of none": _claims_of_none,
    "takes one status or another": _takes_any_status,
    "raises one of many": _raises_one_of_many,
    "raises anything": _raises_anything,
    "is skipped": _is_skipped,
}
