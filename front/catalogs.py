"""What can be translated, found and compiled by Babel: no GNU gettext on the machine is needed.

`python front/catalogs.py` compiles the catalogs that are committed (`make front` runs it); `update` finds every
sentence in the code and the templates and brings each catalog up to date (`make catalogs`); `unmarked` lists what
templates say that nobody can translate yet. Sentences are found in
Python, in Django's templates, in Typst's, and in the help of commands, which are the docstrings of their functions;
click's own words are ours too, because click brings no catalog.
"""

from __future__ import annotations

import ast
import csv
import html
import importlib.util
import io
import pathlib
import re
import sys
from collections.abc import Iterator

from babel.messages import catalog, extract, mofile, pofile
from django.template import base
from django.utils.translation import template

from nowrongdoor.core import language
from nowrongdoor.operating import terminal

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent / "src" / "nowrongdoor"
FOLDER = SOURCE / "locale"
NAME = "django"
WIDTH = 110
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy"), None),
    "Verb": (2,),  # what the trail says was done (audit/words.py)
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
COMMENTS = ("Translators:",)
NAMES = ("No Wrong Door", "PDF", "HTML")  # the same in every language
Found = tuple[int, str | tuple[str, ...], list[str], str | None]


def found() -> catalog.Catalog:
    """Find every sentence of the product, with the files that say it."""
    kept = catalog.Catalog(project="No Wrong Door", charset="utf-8", fuzzy=False)
    for file in sorted(SOURCE.rglob("*")):
        if file.is_file() and "migrations" not in file.parts and "static" not in file.parts:
            _keep(kept, file, file.relative_to(SOURCE.parent).as_posix())
    place = importlib.util.find_spec("click")
    assert place
    assert place.origin
    for file in sorted(pathlib.Path(place.origin).parent.glob("*.py")):
        _keep(kept, file, f"click/{file.name}")
    return kept


def _keep(kept: catalog.Catalog, file: pathlib.Path, name: str) -> None:
    for _, message, comments, context in _sentences(file):
        kept.add(message, None, [(name, 0)], auto_comments=comments, context=context)


def _sentences(file: pathlib.Path) -> Iterator[Found]:
    match file.suffix:
        case ".py":
            text = file.read_bytes()
            yield from extract.extract("python", io.BytesIO(text), KEYWORDS, COMMENTS, {"encoding": "utf-8"})
            yield from _help(text)
            yield from _of_views(text)
        case ".html" | ".txt":
            yield from _of_template(file.read_text(encoding="utf-8"), str(file))
        case ".csv" if file.name == "ilo_indicators.csv":
            for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
                yield 0, row["words"], [], None
        case ".typ":
            for text in re.findall(r'said\("([^"]+)"\)', file.read_text(encoding="utf-8")):
                yield 0, text, [], None


def _of_template(text: str, name: str) -> Iterator[Found]:
    """Find what a template of Django's says: its own lexer leaves the calls of gettext, and X for all else."""
    left = template.templatize(text, origin=name)
    lines = "\n".join(line.strip() for line in left.splitlines())  # what Python would take for a wrong indentation
    yield from extract.extract("python", io.BytesIO(lines.encode()), KEYWORDS, COMMENTS, {"encoding": "utf-8"})


def _help(text: bytes) -> Iterator[Found]:
    """Find the help of commands: the docstring of a command's function, `help` and `epilog` of what decorates it."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef):
            continue
        calls = [each for each in node.decorator_list if isinstance(each, ast.Call)]
        names = [each.func.attr for each in calls if isinstance(each.func, ast.Attribute)]
        if not {"command", "group"} & set(names):
            continue
        texts = [ast.get_docstring(node) or ""]
        texts += [
            str(each.value.value)
            for call in calls
            for each in call.keywords
            if each.arg in ("help", "epilog") and isinstance(each.value, ast.Constant)
        ]
        for each in texts:
            for paragraph in terminal.paragraphs(each):
                yield 0, paragraph.message, [], None


def _of_views(text: bytes) -> Iterator[Found]:
    """Find what the page of roles says of each page: the first sentence of its view's docstring."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef) or not node.decorator_list or not node.args.args:
            continue
        first = node.args.args[0].annotation
        if isinstance(first, ast.Attribute) and ast.unparse(first) == "guards.Request":
            yield 0, language.first_sentence(ast.get_docstring(node) or ""), [], None


def files() -> list[pathlib.Path]:
    """List the catalogs that are committed."""
    return sorted(FOLDER.glob(f"*/LC_MESSAGES/{NAME}.po"))


def read(file: pathlib.Path) -> catalog.Catalog:
    """Read a catalog."""
    with file.open("rb") as opened:
        return pofile.read_po(opened, locale=file.parents[1].name)


def updated(file: pathlib.Path) -> bytes:
    """Return what a catalog should be: every sentence of today, those that are gone left out."""
    kept, today = read(file), found()
    kept.update(today, no_fuzzy_matching=True, update_creation_date=False)
    kept.obsolete.clear()
    written = io.BytesIO()
    pofile.write_po(written, kept, width=WIDTH, sort_output=True, omit_header=False, include_lineno=False)
    return written.getvalue()


def compiled(kept: catalog.Catalog) -> bytes:
    """Return a catalog as programs read it."""
    written = io.BytesIO()
    mofile.write_mo(written, kept)
    return written.getvalue()


def compile_all() -> None:
    """Compile every catalog whose text changed."""
    for file in files():
        made, content = file.with_suffix(".mo"), compiled(read(file))
        if not made.exists() or made.read_bytes() != content:
            made.write_bytes(content)


def unmarked(text: str) -> list[tuple[int, str]]:
    """List the words of a template that stand in no translation, each with its line: what a person would read in
    English on a page of another language."""
    kept: list[str] = []
    inside = False
    for token in base.Lexer(text).tokenize():
        if token.token_type is base.TokenType.BLOCK:
            name = token.contents.split()[0]
            inside = name in ("blocktranslate", "blocktrans", "comment") or (
                inside and name not in ("endblocktranslate", "endblocktrans", "endcomment")
            )
        is_shown = token.token_type is base.TokenType.TEXT and not inside
        lines = token.contents.count("\n")
        kept.append(token.contents if is_shown else "\0" + "\n" * lines)
    shown = "".join(kept)
    shown = re.sub(r"<(script|style)\b.*?</\1>", lambda found: "\n" * found[0].count("\n"), shown, flags=re.DOTALL)
    shown = re.sub(
        r'<(\w+)[^>]*\btranslate="no".*?</\1>', lambda found: "\n" * found[0].count("\n"), shown, flags=re.DOTALL
    )
    for name in NAMES:
        shown = shown.replace(name, " " * len(name))
    attributes = r'\b(?:aria-label|title|placeholder|alt)="([^"<>]*[A-Za-z]{2}[^"<>]*)"'
    found = [
        (shown.count("\n", 0, each.start()) + 1, each[1].replace("\0", "…"))
        for each in re.finditer(attributes, shown)
        if not re.match(r"(width=|\{)", each[1])
    ]
    bare = re.sub(r"<[^>]*>", lambda tag: "\1" + "\n" * tag[0].count("\n"), shown)
    for number, line in enumerate(bare.split("\n"), start=1):
        for words in re.split(r"[\1]", line):
            plain = html.unescape(words.replace("\0", "…")).strip()
            if re.search(r"[^\W\d_]{2}", plain):
                found.append((number, plain))
    return sorted(found)


if __name__ == "__main__":
    if sys.argv[1:] == ["unmarked"]:
        for each in sorted((SOURCE / "templates").rglob("*.html")):
            for line, words in unmarked(each.read_text(encoding="utf-8")):
                print(f"{each.relative_to(SOURCE.parent.parent)}:{line}: {words}")
    if sys.argv[1:] == ["update"]:
        for each in files():
            each.write_bytes(updated(each))
    compile_all()
