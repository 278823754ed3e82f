"""The strict door for a mandate table that comes in: a folder of files is read whole, or refused with everything that
is wrong with it.

The promise: a table cannot be wrong in silence. What a key, a section, a file or a value may be is written down in
`keys`; whatever is not, and whatever a statement names that is not there, is told with file, line, entry and what to
write instead, every problem at once. What may be meant and yet surprises is told as a warning.

Strictness is decided at the door, not by date: what comes from a folder passes here (`nwd mandates ... --table`,
`nwd table add`), what a database keeps is read by `table.read` as it was when it came, so that its digest stays.
"""

from __future__ import annotations

import dataclasses
import pathlib
import re
import stat
from collections.abc import Iterator, Mapping, Sequence

from nowrongdoor.core.language import gettext
from nowrongdoor.core.mandates import characters, entries, keys, layout, statements, table, vocabulary

LARGEST = 8 * 1024 * 1024  # bytes of one file; 10,000 rules take about 4 MB
# What else a country's folder holds: read by other rooms, looked at here only as text.
BESIDE = (
    *("sources.toml", "country.toml", "places.toml", "holidays.toml", "instruments.toml", "calls.toml", "intake.toml"),
    *("grounds.toml", "schedules.toml", "official.toml", "public.toml", "counties.toml", "records.toml", "line.toml"),
    *("doors.toml", "protocols.toml", "services.toml", "benefits.toml"),
)
_REFUSED_BY_PARSER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LANGUAGE = re.compile(r"words/[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\.toml")
_MAY_LIE_THERE = ("readme", "license", "changelog", ".")  # how names begin of what is no part of a table
_ALLOWED = (*table.FILES, *vocabulary.OPTIONAL_FILES, *BESIDE)
Problem = entries.Problem


class Refused(table.TableError):
    """A folder is no table; `faults` are the problems with file, line and entry."""

    def __init__(self, faults: Sequence[Problem]) -> None:
        self.faults = tuple(faults)
        super().__init__([each.words for each in faults])


@dataclasses.dataclass(frozen=True)
class Reading:
    """A folder that was read: the texts of the table's files, what they say, and what may surprise in them."""

    files: Mapping[str, str]
    content: table.Table
    warnings: tuple[Problem, ...]


def folder(directory: pathlib.Path) -> Reading:
    """Read a table from a folder. A folder that says nothing about facts asks about those of the shipped table, and
    says so. Refused."""
    problems: list[Problem] = []
    warnings: list[Problem] = []
    texts = dict(_texts(directory, problems, warnings))
    asks = any(name in texts for name in (*vocabulary.FILES, *vocabulary.OPTIONAL_FILES))
    unread = {each.file for each in problems}
    for name in table.FILES if asks else table.OTHER_FILES:
        if name not in texts and name not in unread:
            sentence = gettext("the file is missing. A table has %(names)s; a file may be empty.") % {
                "names": ", ".join(table.FILES)
            }
            problems.append(Problem(name, 1, "", sentence))
    lent: dict[str, str] = {}
    if not asks:
        lent = {name: text for name, text in table.shipped_files().items() if name not in table.OTHER_FILES}
        warnings.append(
            Problem(vocabulary.FACTS, 1, "", gettext("the folder has none, so the shipped table's are asked."))
        )
    return _read(texts | lent, problems, warnings, frozenset(lent))


# Folders of a country that no table has: its own catalogs, and the reviews of its languages.
BESIDE_TABLE = ("locale", "reviews")


def strays(directory: pathlib.Path) -> Sequence[Problem]:
    """Tell of the files of a country's folder that nothing reads because of their names."""
    problems: list[Problem] = []
    for path in sorted(_inside(directory, problems)):
        problems += _misnamed(path.relative_to(directory).as_posix())
    return [each for each in problems if each.file not in BESIDE_TABLE]


def texts(given: Mapping[str, str]) -> Reading:
    """Read a table from the texts of its files, by name, as strictly as from a folder. Refused."""
    return _read(given, [], [])


def _read(
    given: Mapping[str, str], problems: list[Problem], warnings: list[Problem], lent: frozenset[str] = frozenset()
) -> Reading:
    parsed: dict[str, layout.File] = {}
    for name in sorted(given, key=_order):
        text = given[name].replace("\r\n", "\n")
        for at, words in characters.faults(text, are_joiners_allowed=name.startswith("words/")):
            problems.append(Problem(name, text.count("\n", 0, at) + 1, "", words))
        parsed[name] = layout.read(_visible(text))
        problems += [Problem(name, fault.line, "", fault.words) for fault in parsed[name].faults]
        problems += _escaped(name, text, parsed[name])
    looked_at = statements.look(parsed, lent)
    problems += looked_at.faults
    warnings += looked_at.warnings
    if not problems:
        try:
            files = {name: text for name, text in given.items() if name in (*table.FILES, *vocabulary.OPTIONAL_FILES)}
            return Reading(files, table.read(files), tuple(warnings))
        except table.TableError as error:  # whatever `table.read` knows and this module does not
            problems += [Problem(each.partition(":")[0].partition(",")[0], 1, "", each) for each in error.problems]
    raise Refused(sorted(dict.fromkeys(problems), key=lambda each: (_order(each.file), each.line)))


def _texts(directory: pathlib.Path, problems: list[Problem], warnings: list[Problem]) -> Iterator[tuple[str, str]]:
    """Read every file of a folder that may be there, and tell of the others."""
    for path in sorted(_inside(directory, problems)):
        name = path.relative_to(directory).as_posix()
        if not _is_named_well(name):
            misnamed = list(_misnamed(name))
            problems += misnamed
            if not misnamed and not name.lower().startswith(_MAY_LIE_THERE):
                warnings.append(Problem(name, 1, "", gettext("this file is no part of a table, so it is not read.")))
        elif problem := _unfit(path):
            problems.append(Problem(name, 1, "", problem))
        else:
            yield from _decoded(name, path.read_bytes(), problems)


def _is_named_well(name: str) -> bool:
    return name in _ALLOWED or bool(_LANGUAGE.fullmatch(name))


def _misnamed(name: str) -> Iterator[Problem]:
    """Tell of a name that looks like one of a table's files, and is none."""
    hint = keys.near(name, _ALLOWED)
    if not _is_named_well(name) and (hint or ".toml" in name.lower()):
        yield Problem(
            name, 1, "", gettext("a table has no file of this name.%(hint)s Rename it or take it out.") % {"hint": hint}
        )


def _inside(directory: pathlib.Path, problems: list[Problem]) -> Iterator[pathlib.Path]:
    """List what lies in a folder and in its folder of words."""
    for path in directory.iterdir():
        if path.name == "words" and path.is_dir() and not path.is_symlink():
            yield from path.iterdir()
        elif path.is_dir() and not path.name.startswith(".") and not path.is_symlink() and path.suffix != ".toml":
            name = path.name
            problems.append(Problem(name, 1, "", f"a table has no folder but words.{keys.near(name, ['words'])}"))
        elif path.name not in (".git", ".github"):
            yield path


def _unfit(path: pathlib.Path) -> str:
    """Say why a file is not opened at all, or nothing."""
    try:
        about = path.lstat()
        if stat.S_ISLNK(about.st_mode):
            return gettext("this is a link to another file. Put the file itself here.")
        if not stat.S_ISREG(about.st_mode):
            return gettext("this is no ordinary file. Put a text file here.")
        if about.st_size > LARGEST:
            return gettext("the file is %(st_size)s bytes long. At most %(largest)s are read: split the table.") % {
                "st_size": f"{about.st_size:,}",
                "largest": f"{LARGEST:,}",
            }
        with path.open("rb"):
            return ""
    except OSError as error:
        return gettext("the file cannot be opened (%(strerror)s).") % {"strerror": error.strerror}


def _decoded(name: str, raw: bytes, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    """Read bytes as UTF-8. A byte order mark, and what is not UTF-8, is told and read past."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or (b"\0" in raw and len(raw) > 1):
        problems.append(Problem(name, 1, "", gettext("the file is saved as UTF-16 or is no text. Save it as UTF-8.")))
        return
    if raw.startswith(b"\xef\xbb\xbf"):
        problems.append(
            Problem(name, 1, "", gettext("the file begins with a byte order mark. Save it as UTF-8 without one."))
        )
        raw = raw[3:]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problems.append(Problem(name, line, "", gettext("the text is not UTF-8 from here on. Save the file as UTF-8.")))
        text = raw.decode("latin-1")
        text = "".join(each if each.isascii() and each != "\x7f" else "x" for each in text)
    yield name, text


def _visible(text: str) -> str:
    """Return a text in which the parser meets no character that it refuses: those are told already."""
    return _REFUSED_BY_PARSER.sub("x", text)


def _escaped(name: str, text: str, file: layout.File) -> Iterator[Problem]:
    """Tell of characters that cannot be seen and are written as an escape, like \\u202e."""
    if "\\" not in text:
        return
    for path, value in _strings((), file.content):
        for _, words in characters.faults(value, are_joiners_allowed=name.startswith("words/")):
            if value not in text:
                yield Problem(name, file.line(*path), "", words)


def _strings(path: layout.Path, value: object) -> Iterator[tuple[layout.Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield (*path, key), key
            yield from _strings((*path, key), each)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _strings((*path, number), each)


def _order(name: str) -> tuple[int, str]:
    known = (*table.OTHER_FILES[:1], *vocabulary.FILES, *table.OTHER_FILES[1:], *vocabulary.OPTIONAL_FILES, *BESIDE)
    return (known.index(name) if name in known else len(known), name)
