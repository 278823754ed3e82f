"""Which lines there are, which group of people answers each, and which provider carries it (the TOML file that NWD_LINE
names; docs/line.md).

The promise: a plan that reads lets nobody wait forever (`line.check`), and holds no secret: those stand in files of
their own, which it names.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Mapping, Sequence

from nowrongdoor.core import entries, line
from nowrongdoor.core.language import gettext as _

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
LONGEST_WAIT = 60  # minutes, which the database asks for too
LONGEST_LIST = 72  # hours, which the database asks for too
USES = ("live", "test", "trainee")


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """People of an agency who answer together. `answers_within`: until when somebody has looked at what was left on
    its list; `queue`: how long a contact waits, and who is asked next."""

    code: str
    agency: str
    name: str
    queue: line.Group
    answers_within: datetime.timedelta


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One way in. `address`: what people call or write to, empty for chat; `use`: live, test, or trainee."""

    code: str
    agency: str
    medium: line.Medium
    provider: str
    address: str
    group: str
    language: str
    skill: str
    use: str


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """All of it, by code. `providers`: what each provider's channel is opened with."""

    lines: Mapping[str, Line]
    groups: Mapping[str, Group]
    providers: Mapping[str, Mapping[str, str]]

    def queues(self, agency: str) -> Mapping[str, line.Group]:
        """Return the groups of an agency as contacts wait in them."""
        return {code: group.queue for code, group in self.groups.items() if group.agency == agency}

    def lines_of(self, provider: str) -> Sequence[Line]:
        """List what one provider carries."""
        return [each for each in self.lines.values() if each.provider == provider]

    def at(self, provider: str, address: str, medium: line.Medium) -> Line | None:
        """Find the line that has this address, None where no line has it."""
        return next(
            (each for each in self.lines_of(provider) if (each.address, each.medium) == (address, medium)), None
        )


NOTHING = Plan({}, {}, {})


def read(text: str, file: str) -> Plan:
    """Read the file. entries.Unreadable."""
    content = entries.read(text, file)
    providers = _providers(content)
    groups: dict[str, Group] = {}
    for entry in content.each("group"):
        group = _group(entry)
        if group.code in groups:
            raise entry.wrong("code", _("write another: one group has it already"))
        groups[group.code] = group
    _check(groups, file)
    lines: dict[str, Line] = {}
    for entry in content.each("line"):
        read_line = _line(entry, groups, providers)
        if read_line.code in lines:
            raise entry.wrong("code", _("write another: one line has it already"))
        if any(_reach(each) == _reach(read_line) for each in lines.values()):
            raise entry.wrong("address", _("write another: one line has it already"))
        lines[read_line.code] = read_line
    content.end()
    return Plan(lines, groups, providers)


def _reach(each: Line) -> tuple[str, str, line.Medium]:
    return (each.provider, each.address or each.code, each.medium)


def _providers(content: entries.Entry) -> Mapping[str, Mapping[str, str]]:
    if not content.has("provider"):
        return {}
    named = content.one("provider")
    providers: dict[str, Mapping[str, str]] = {}
    for name in named.left():
        entry = named.one(name)
        if not CODE.fullmatch(name):
            raise named.wrong(name, _("name it in small letters, digits and hyphens, 40 at most"))
        providers[name] = {key: entry.text(key) for key in entry.left()}
        if "kind" not in providers[name]:
            raise entry.wrong("kind", _("name the kind of provider"))
    return providers


def _group(entry: entries.Entry) -> Group:
    code = _code(entry, "code")
    longest = datetime.timedelta(minutes=entry.number("longest_minutes", 1, LONGEST_WAIT))
    overflow = None
    if entry.has("overflow"):
        after = datetime.timedelta(minutes=entry.number("overflow_after_minutes", 1, LONGEST_WAIT))
        overflow = line.Overflow(_code(entry, "overflow"), after)
    group = Group(
        code,
        entry.text("agency"),
        entry.text("name"),
        line.Group(code, longest, overflow),
        datetime.timedelta(hours=entry.number("answers_within_hours", 1, LONGEST_LIST)),
    )
    entry.end()
    return group


def _check(groups: Mapping[str, Group], file: str) -> None:
    for agency in {group.agency for group in groups.values()}:
        try:
            line.check(group.queue for group in groups.values() if group.agency == agency)
        except line.Unusable as error:
            raise entries.Unreadable(f"{file}: {error}") from None


def _line(entry: entries.Entry, groups: Mapping[str, Group], providers: Mapping[str, object]) -> Line:
    media = {each.value: each for each in line.Medium}
    medium = entry.text("medium")
    if medium not in media:
        raise entry.wrong("medium", _("write one of %(names)s") % {"names": ", ".join(media)})
    is_chat = media[medium] is line.Medium.CHAT
    read_line = Line(
        _code(entry, "code"),
        entry.text("agency"),
        media[medium],
        entry.text("provider", "") if is_chat else entry.text("provider"),
        "" if is_chat else entry.text("address"),
        entry.text("group"),
        entry.text("language"),
        entry.text("skill", ""),
        entry.text("use"),
    )
    if not is_chat and read_line.provider not in providers:
        raise entry.wrong("provider", _("name one that stands under [provider]"))
    if read_line.group not in groups or groups[read_line.group].agency != read_line.agency:
        raise entry.wrong("group", _("name a group of the same agency"))
    if read_line.use not in USES:
        raise entry.wrong("use", _("write one of %(names)s") % {"names": ", ".join(USES)})
    entry.end()
    return read_line


def _code(entry: entries.Entry, key: str) -> str:
    code = entry.text(key)
    if not CODE.fullmatch(code):
        raise entry.wrong(key, _("write it in small letters, digits and hyphens, 40 at most"))
    return code
