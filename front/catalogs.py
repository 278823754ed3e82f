"""What can be translated, found and compiled by Babel: no GNU gettext on the machine is needed.

`python front/catalogs.py` compiles the catalogs that are committed (`make front` runs it); `update` finds every
sentence in the code and the templates and brings each catalog up to date (`make catalogs`); `unmarked` lists what
templates say that nobody can translate yet. Sentences are found in
Python, in Django's templates, in Typst's, and in the help of commands, which are the docstrings of their functions;
click's own words are ours too, because click brings no catalog.

A language of public pages has a smaller catalog, with what PUBLIC and PUBLIC_PARTS say and no more. One that lacks a
sentence is named on standard error, and its language is not offered (core/public_words.py).
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
from collections.abc import Iterator, Mapping, Sequence

from babel.messages import catalog, extract, mofile, pofile
from django.template import base
from django.utils.translation import template

from nowrongdoor.core import country, language, public_words
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
# What public pages say (guard `public`; not /help, which is for staff): a room with a public page adds its templates
# and its modules here. tests/languages/test_public_languages.py finds what is left out.
PUBLIC = (
    "templates/base.html",
    "templates/access/**/*.html",
    "templates/[45]*.html",
    "templates/public/[!h]*.html",
    "templates/public/home.html",
    "templates/door/**/*.html",
    "templates/doors/**/*.html",
    "templates/mailbox/**/*.html",
    "templates/ui/error_summary.html",
    "templates/ui/languages.html",
    "templates/ui/not_reviewed.html",
    "templates/ui/public_links.html",
    "templates/ui/schedules.html",
    "templates/ui/ways_on.html",
    "templates/ui/forms/*.html",
    "core/receipts.py",
    "core/short_codes.py",
    "core/schedules.py",
    "door/**/*.py",
    "line/chatting.py",
    "line/replies.py",
    "mailbox/models.py",
    "mailbox/sending.py",
    "mailbox/unfinished.py",
    "mailbox/visiting.py",
    "signals/file_forms.py",
)
# Of modules that say much besides: the constants, classes and named arguments that public pages show.
PUBLIC_PARTS: Mapping[str, Sequence[str]] = {
    "access/proving.py": ("Again",),
    "access/viewers.py": ("words",),
    "core/parts.py": ("_WORDS",),
    "intake/telling_forms.py": ("UNTIL",),
    "signals/files.py": ("TooMany", "Harmful"),
    "ui/components.py": ("EVIDENCE",),
    "uploads/kinds.py": ("Kind",),
}
# How the languages of public pages form plurals, as Django's catalogs have it.
PLURALS = {
    **dict.fromkeys(("ko", "vi", "zh_Hans"), "nplurals=1; plural=0;"),
    **dict.fromkeys(("ht", "tl"), "nplurals=2; plural=(n != 1);"),
    "pt_BR": "nplurals=2; plural=(n > 1);",
    "ru": ("nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"),
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
}
HEADER = """msgid ""
msgstr ""
"Project-Id-Version: No Wrong Door\\n"
"Language: {locale}\\n"
"Plural-Forms: {plurals}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""
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


def found_in_public() -> catalog.Catalog:
    """Find every sentence of public pages, with the files that say it."""
    kept = catalog.Catalog(project="No Wrong Door", charset="utf-8", fuzzy=False)
    files = {file for pattern in PUBLIC for file in SOURCE.glob(pattern)}
    for file in sorted(files):
        for _, message, comments, context in _written(file):
            kept.add(message, None, [(file.relative_to(SOURCE.parent).as_posix(), 0)], (), comments, context=context)
    for name, parts in sorted(PUBLIC_PARTS.items()):
        text = (SOURCE / name).read_text(encoding="utf-8")
        for part in _parts(text, parts):
            for _, message, comments, context in _of_python(part.encode()):
                kept.add(message, None, [(f"nowrongdoor/{name}", 0)], (), comments, context=context)
    return kept


def _parts(text: str, names: Sequence[str]) -> Iterator[str]:
    """Take out of a module the classes of these names, and what constants and arguments of these names are given."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.keyword(arg=str(name), value=value) if name in names:
                yield ast.get_source_segment(text, value) or ""
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in names:
                yield ast.get_source_segment(text, value) or ""
            case ast.ClassDef(name=name) if name in names:
                yield ast.get_source_segment(text, node) or ""


def wanted() -> list[public_words.Sentence]:
    """List the sentences of public pages."""
    listed = [
        public_words.Sentence(each.id, "", each.context or "")
        if isinstance(each.id, str)
        else public_words.Sentence(each.id[0], each.id[1], each.context or "")
        for each in found_in_public()
        if each.id
    ]
    return sorted(listed, key=lambda each: (each.context, each.one))


def _keep(kept: catalog.Catalog, file: pathlib.Path, name: str) -> None:
    for _, message, comments, context in _sentences(file):
        kept.add(message, None, [(name, 0)], auto_comments=comments, context=context)


def _written(file: pathlib.Path) -> Iterator[Found]:
    """Find what a file says on pages: not what it says at a terminal, or of its pages to staff."""
    match file.suffix:
        case ".py":
            yield from _of_python(file.read_bytes())
        case ".html" | ".txt":
            yield from _of_template(file.read_text(encoding="utf-8"), str(file))


def _of_python(text: bytes) -> Iterator[Found]:
    yield from extract.extract("python", io.BytesIO(text), KEYWORDS, COMMENTS, {"encoding": "utf-8"})


def _sentences(file: pathlib.Path) -> Iterator[Found]:
    yield from _written(file)
    match file.suffix:
        case ".py":
            text = file.read_bytes()
            yield from _help(text)
            yield from _of_views(text)
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
    """List the whole catalogs that are committed."""
    return sorted(FOLDER.glob(f"*/LC_MESSAGES/{NAME}.po"))


def public_files() -> list[pathlib.Path]:
    """List the committed catalogs of languages of public pages."""
    return sorted((FOLDER / language.PUBLIC).glob(f"*/LC_MESSAGES/{NAME}.po"))


def begin() -> None:
    """Begin an empty catalog for each language that the country offers on public pages and that has none."""
    for code in country.installed().public_languages:
        locale = language.locale_of(code)
        places = (FOLDER / folder / locale / "LC_MESSAGES" / f"{NAME}.po" for folder in ("", language.PUBLIC))
        if not any(place.exists() for place in places):
            file = FOLDER / language.PUBLIC / locale / "LC_MESSAGES" / f"{NAME}.po"
            file.parent.mkdir(parents=True)
            plurals = PLURALS.get(locale, "nplurals=2; plural=(n != 1);")
            file.write_text(HEADER.format(locale=locale, plurals=plurals), encoding="utf-8")


def read(file: pathlib.Path) -> catalog.Catalog:
    """Read a catalog."""
    is_public = file.parents[2].name == language.PUBLIC
    with file.open("rb") as opened:  # Babel knows other plurals for some languages of public pages than Django
        return pofile.read_po(opened, locale=None if is_public else file.parents[1].name)


def updated(file: pathlib.Path) -> bytes:
    """Return what a catalog should be: every sentence of today, those that are gone left out."""
    kept, today = read(file), found_in_public() if file.parents[2].name == language.PUBLIC else found()
    kept.update(today, no_fuzzy_matching=True, update_creation_date=False)
    kept.obsolete.clear()
    written = io.BytesIO()
    pofile.write_po(written, kept, width=WIDTH, sort_output=True, omit_header=False, include_lineno=False)
    return written.getvalue()


def compiled(kept: catalog.Catalog) -> bytes:
    """Return a catalog as programs read it. A plural that lacks a form is left out: Babel would say it in English."""
    for each in kept:
        if isinstance(each.string, tuple) and not all(each.string):
            each.string = ()
    written = io.BytesIO()
    mofile.write_mo(written, kept)
    return written.getvalue()


def compile_all() -> None:
    """Compile every catalog whose text changed, list the sentences of public pages, and name what is not whole."""
    for file in (*files(), *public_files()):
        made, content = file.with_suffix(".mo"), compiled(read(file))
        if not made.exists() or made.read_bytes() != content:
            made.write_bytes(content)
    public_words.FILE.parent.mkdir(exist_ok=True)
    public_words.FILE.write_text(public_words.written(wanted()), encoding="utf-8")
    public_words.sentences.cache_clear()
    for line in left_out():
        print(line, file=sys.stderr)


def left_out() -> Iterator[str]:
    """Say which languages public pages are not offered in, and what their catalogs lack."""
    for file in public_files():
        name = file.parents[1].name
        lacking = public_words.missing(name.replace("_", "-").lower())
        if lacking:
            first = "; ".join(repr(each.one) for each in lacking[:3])
            yield f"NOT OFFERED: {name} lacks {len(lacking)} of {len(public_words.sentences())} sentences: {first}"


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
        begin()
        for each in (*files(), *public_files()):
            each.write_bytes(updated(each))
    compile_all()
