"""Holds the statements of a table's files against each other, before anything is made of them.

The promise: everything that a statement names is there, in force on its days, and the only one of its look. One fault
hides no other.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Collection, Iterator, Sequence

from nowrongdoor.core.language import gettext
from nowrongdoor.core.mandates import characters, decide, entries, facts, keys, rules, sources, worded

Problem = entries.Problem
Statement = entries.Statement


@dataclasses.dataclass(frozen=True, slots=True)
class Look:
    """What was found: faults, with which no table is read, and warnings."""

    faults: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def look(files: entries.Files, lent: frozenset[str] = frozenset()) -> Look:
    """Look at every statement of a table's parsed files. `lent`: the files that are the shipped table's."""
    given = [each for name in keys.SHAPES if name in files for each in entries.statements_of(name, files[name])]
    whole = _Whole(files, given, lent)
    faults = [
        *entries.shapes(files),
        *(problem for each in given for problem in entries.keys_of(each)),
        *whole.faults(),
        *(() if whole.are_facts_unread else worded.faults(files, whole.facts, whole.of["impossible"])),
    ]
    return Look(tuple(faults), tuple(whole.warnings()))


class _Whole:
    """The statements of a table against each other."""

    def __init__(self, files: entries.Files, given: Sequence[Statement], lent: frozenset[str]) -> None:
        self.files = files
        self.of = {kind: [each for each in given if each.kind == kind] for kind in _KINDS}
        self.agencies = {each.text("code"): each for each in self.of["agency"] if each.text("code")}
        self.facts = {each.text("name"): [*each.texts("values"), facts.UNKNOWN] for each in self.of["fact"]}
        self.are_facts_unread = worded.is_unread(files, self.of["fact"])
        self.rules = {each.text("id"): each for each in self.of["rule"]}
        self.clocks = {each.text("id"): each for each in self.of["clock"]}
        covers = files["table.toml"].content if "table.toml" in files else {}
        self.covers_from, self.covers_to = (keys.fit_day(covers.get(key)) for key in ("covers_from", "covers_to"))
        self.dated = [each for kind in ("rule", "clock", "gate", "agency") for each in self.of[kind]]
        self.lawful = [each for kind in ("rule", "clock", "gate", "impossible") for each in self.of[kind]]
        self.own = [each for each in self.lawful if each.file not in lent]

    def faults(self) -> Iterator[Problem]:
        """Tell of everything that does not fit together."""
        yield from self._doubles()
        yield from self._days()
        for each in self.lawful:
            yield from self._when(each)
        for each in self.of["rule"]:
            yield from self._rule(each)
        for each in self.of["clock"]:
            yield from self._clock(each)
        for each in self.of["gate"]:
            yield from self._gate(each)
        for each in self.of["read_as"]:
            yield from self._read_as(each)
        yield from self._cited()

    def warnings(self) -> Iterator[Problem]:
        """Tell of what may be meant and yet surprises."""
        for each in self.dated:
            starts, ends = each.day("valid_from"), each.day("valid_to")
            if starts and self.covers_from and starts < self.covers_from:
                yield each.problem(
                    gettext("'valid_from' changes nothing: the table begins on %(covers_from)s.")
                    % {"covers_from": self.covers_from},
                    "valid_from",
                )
            if ends and self.covers_to and ends > self.covers_to:
                yield each.problem(
                    gettext("'valid_to' changes nothing: the table ends on %(covers_to)s.")
                    % {"covers_to": self.covers_to},
                    "valid_to",
                )
        for each in self.of["rule"]:
            for clock in each.texts("clocks"):
                body = self.clocks[clock].text("told") if clock in self.clocks else ""
                if body and body != each.text("agency"):
                    sentence = gettext(
                        "'clocks' names '%(clock)s', which is for telling '%(body)s', and this rule tells another."
                    ) % {"clock": clock, "body": body}
                    yield each.problem(sentence, "clocks")
        named = {
            each.text(key) for each in (*self.of["rule"], *self.of["clock"]) for key in ("agency", "holder", "told")
        }
        for code, each in self.agencies.items():
            if code not in named:
                yield each.problem(gettext("no rule and no deadline names this agency."), "code")
        if self.own and all("unverified" in each.text("evidence").split("+") for each in self.own):
            first = self.own[0]
            yield first.problem(
                gettext("every statement of the table is unverified: users are told so on every page."), "evidence"
            )
        if not self._is_citing_shipped() and "sources.toml" not in self.files and self._citations():
            each, key, source = next(iter(self._citations()))
            yield each.problem(
                gettext(
                    "'%(key)s' cites numbers such as '%(source)s', and nothing says what they are: add a sources.toml."
                )
                % {"key": key, "source": source},
                key,
            )

    # --- one of its look ---

    def _doubles(self) -> Iterator[Problem]:
        ids = [each for kind in ("rule", "clock", "gate", "impossible") for each in self.of[kind]]
        yield from entries.alike(ids, "id")
        yield from entries.alike(self.of["agency"], "code", are_dated=True)
        yield from entries.alike(self.of["fact"], "name")
        yield from entries.alike(self.of["source"], "id")
        yield from entries.alike(self.of["left_out"], "source")
        shown: dict[str, Statement] = {}
        for each in self.of["agency"]:
            first = shown.setdefault(characters.name_looks(each.text("name")), each)
            if first.text("code") != each.text("code") and each.text("name"):
                yield each.problem(
                    gettext("'name' looks the same as that of %(label)s: give one of them another name.")
                    % {"label": first.label},
                    "name",
                )
            older = self.agencies.get(each.text("code"), each)
            for what, usual in (("kind", None), ("by_place", rules.ByPlace.NONE.value), ("can_decline", True)):
                if each.entry.get(what, usual) != older.entry.get(what, usual):
                    yield each.problem(
                        f"'{what}' differs between two entries of '{each.text('code')}': an agency may change its "
                        "name, department and note. Give what is of another kind a code of its own.",
                        what if what in each.entry else "code",
                    )
        for each in self.of["fact"]:
            seen: dict[str, str] = {}
            for code in each.texts("values"):
                first_code = seen.setdefault(characters.looks(code), code)
                if first_code != code:
                    yield each.problem(
                        gettext("'values' has '%(code)s' and '%(first_code)s', which look the same.")
                        % {"code": code, "first_code": first_code},
                        "values",
                    )
            if facts.UNKNOWN in each.texts("values"):
                yield each.problem(
                    gettext("'values' has 'unknown', which is an answer to every question: leave it out."), "values"
                )
        same: dict[object, Statement] = {}
        places: dict[object, list[Statement]] = {}
        for each in self.of["rule"]:
            key = (
                *(each.text(name) for name in ("role", "agency", "authority")),
                *(each.day(name) for name in ("valid_from", "valid_to")),
            )
            twin = same.setdefault((*key, _plain(each.entry.get("when"))), each)
            if twin is not each:
                yield each.problem(
                    gettext("this says the same as %(label)s. Take one of them out.") % {"label": twin.label}
                )
            precedence = each.entry.get("precedence")
            if isinstance(precedence, int) and not isinstance(precedence, bool):
                others = places.setdefault((each.text("role"), precedence), [])
                for other in others:
                    if each.meets(other):
                        yield each.problem(
                            gettext(
                                "'precedence' %(precedence)s is that of %(label)s too. Give one of them "
                                "another number, so that it is said who is asked first."
                            )
                            % {"precedence": precedence, "label": other.label},
                            "precedence",
                        )
                        break
                others.append(each)

    # --- days ---

    def _days(self) -> Iterator[Problem]:
        if self.covers_from and self.covers_to and self.covers_to < self.covers_from:
            file = self.files["table.toml"]
            yield Problem(
                "table.toml", file.line("covers_to"), "", gettext("'covers_to' lies before 'covers_from'. Correct one.")
            )
        for each in self.dated:
            starts, ends = each.day("valid_from"), each.day("valid_to")
            if starts and ends and ends < starts:
                yield each.problem(
                    gettext("'valid_to' (%(ends)s) lies before 'valid_from' (%(starts)s). Correct one.")
                    % {"ends": ends, "starts": starts},
                    "valid_to",
                )
            elif ends and self.covers_from and ends < self.covers_from:
                yield each.problem(
                    gettext(
                        "'valid_to' (%(ends)s) lies before the table begins (%(covers_from)s): "
                        "this is never in force. Take it out, or correct the day."
                    )
                    % {"ends": ends, "covers_from": self.covers_from},
                    "valid_to",
                )
            elif starts and self.covers_to and starts > self.covers_to:
                yield each.problem(
                    gettext(
                        "'valid_from' (%(starts)s) lies after the table ends (%(covers_to)s): "
                        "this is never in force. Take it out, or correct the day."
                    )
                    % {"starts": starts, "covers_to": self.covers_to},
                    "valid_from",
                )

    # --- conditions ---

    def _when(self, each: Statement) -> Iterator[Problem]:
        if "when" not in each.entry:
            return
        given = each.entry["when"]
        if not isinstance(given, dict):
            yield each.problem(
                gettext("'when' is %(kind_of)s: write it like { age = [\"under_18\"] }.")
                % {"kind_of": keys.kind_of(given)},
                "when",
            )
            return
        if each.kind == "impossible" and len(given) < 2:
            yield each.problem(
                gettext("'when' names fewer than two facts: name those that cannot all be so at once."), "when"
            )
        for name, values in given.items():
            for sentence in self._condition(each, name, values):
                yield each.problem(f"'when': {sentence}", "when")

    def _condition(self, each: Statement, name: str, values: object) -> Iterator[str]:
        if name not in self.facts:
            if not self.are_facts_unread:
                yield gettext("there is no fact called '%(name)s'.%(near)s The facts stand in facts.toml.") % {
                    "name": name,
                    "near": keys.near(name, self.facts),
                }
            return
        codes = self.facts[name]
        if not isinstance(values, list):
            yield gettext("'%(name)s' is %(kind_of)s: write a list in brackets, like %(name)s = [\"%(codes)s\"].") % {
                "name": name,
                "kind_of": keys.kind_of(values),
                "codes": codes[0],
            }
            return
        if not values:
            yield gettext("'%(name)s' has an empty list, so this never holds: name a value, or leave the fact out.") % {
                "name": name
            }
        wrong = [value for value in values if not isinstance(value, str) or value not in codes]
        for value in wrong:
            near = keys.near(value, codes) if isinstance(value, str) else ""
            shown = repr(value) if isinstance(value, str) else keys.kind_of(value)
            yield gettext("'%(name)s' cannot be %(shown)s.%(near)s Write one of %(names)s, in quotation marks.") % {
                "name": name,
                "shown": shown,
                "near": near,
                "names": ", ".join(codes),
            }
        texts = [value for value in values if isinstance(value, str)]
        for value in sorted({value for value in texts if texts.count(value) > 1}):
            yield gettext("'%(name)s' names '%(value)s' twice: write it once.") % {"name": name, "value": value}
        if not wrong and set(codes) <= set(texts):
            yield gettext("'%(name)s' names every value there is, so it says nothing: leave the fact out.") % {
                "name": name
            }
        if each.kind == "impossible" and facts.UNKNOWN in texts:
            yield gettext("'%(name)s' names 'unknown': it is always possible that nobody knows. Leave it out.") % {
                "name": name
            }

    # --- what a statement names ---

    def _agency(self, each: Statement, key: str) -> Iterator[Problem]:
        code = each.text(key)
        if not code or keys.agency(code):
            return
        if code not in self.agencies:
            if self._is_unread("agencies.toml"):
                return
            yield each.problem(
                gettext("'%(key)s' names '%(code)s', which is no agency of agencies.toml.%(near)s")
                % {"key": key, "code": code, "near": keys.near(code, self.agencies)},
                key,
            )
        elif uncovered := self._uncovered(each, code):
            yield each.problem(
                gettext("'%(key)s' names '%(code)s', which agencies.toml does not have on %(uncovered)s.")
                % {"key": key, "code": code, "uncovered": uncovered},
                key,
            )

    def _is_unread(self, *names: str) -> bool:
        """Return whether an entry of a file could not be read, so that what names it is no fault of its own."""
        return any(name in self.files and self.files[name].has_lost for name in names)

    def _uncovered(self, each: Statement, code: str) -> str:
        """Return a day on which a statement is in force and its agency is not there."""
        spans = sorted(
            (one.day("valid_from") or datetime.date.min, one.day("valid_to") or datetime.date.max)
            for one in self.of["agency"]
            if one.text("code") == code
        )
        at, last = self._span(each)
        for starts, ends in spans:
            if starts > at:
                break
            if ends >= last:
                return ""
            at = max(at, ends + datetime.timedelta(days=1))
        return at.isoformat() if at <= last else ""

    def _rule(self, each: Statement) -> Iterator[Problem]:
        yield from self._agency(each, "agency")
        is_receiver = each.text("agency") == decide.RECEIVER
        role = next((role for role in rules.Role if role.value == each.text("role")), None)
        if role is None:
            return
        allowed = keys.SHAPES[each.file].roles
        if role not in allowed:
            file = next(name for name, shape in keys.SHAPES.items() if role in shape.roles)
            yield each.problem(
                gettext("a rule with the role '%(role)s' stands in %(file)s. Move it there.")
                % {"role": role.value, "file": file},
                "role",
            )
        for key, roles in keys.ONLY_OF.items():
            if key in each.entry and role not in roles:
                have = " and ".join(sorted(each.value for each in roles))
                yield each.problem(
                    gettext("'%(key)s' belongs to the role %(have)s, not to '%(role)s'. Take it out.")
                    % {"key": key, "have": have, "role": role.value},
                    key,
                )
        if role in rules.IN_ORDER and "precedence" not in each.entry and each.source.is_whole("rule", each.number):
            yield each.problem(gettext("'precedence' is missing. Write a whole number; 1 is asked first."))
        if is_receiver and role not in rules.IN_ORDER:
            yield each.problem(
                gettext(
                    "'agency' names '%(code)s', whoever has the case already: they can lead, and nobody has to tell or "
                    "ask them anything else. Name another agency."
                )
                % {"code": decide.RECEIVER},
                "agency",
            )
        for clock in each.texts("clocks"):
            held = self.clocks.get(clock)
            if held is not None and (why := self._not_running(each, held)):
                yield each.problem(
                    f"'clocks' names '{clock}', which does not run wherever this rule applies: {why}. Make both hold "
                    "for the same cases and days, or split the rule.",
                    "clocks",
                )
            if held is None and not self._is_unread("clocks.toml"):
                yield each.problem(
                    gettext("'clocks' names '%(clock)s', which is no clock of clocks.toml.%(near)s")
                    % {"clock": clock, "near": keys.near(clock, self.clocks)},
                    "clocks",
                )

    def _not_running(self, rule: Statement, clock: Statement) -> str:
        """Say why a deadline is not always running when its notice is given, or nothing."""
        given, needed = rule.entry.get("when"), clock.entry.get("when")
        if not isinstance(given, dict) or not isinstance(needed, dict):
            return ""
        for name, values in needed.items():
            codes = given.get(name, self.facts.get(name, []))
            if not isinstance(codes, list) or not isinstance(values, list):
                continue  # told already, where it stands
            if more := [str(value) for value in codes if value not in values]:
                return f"the deadline leaves out '{name}' {', '.join(more)}"
        starts, ends = self._span(rule)
        if not (self._span(clock)[0] <= starts and ends <= self._span(clock)[1]):
            return "it is not in force on all of this rule's days"
        return ""

    def _span(self, each: Statement) -> tuple[datetime.date, datetime.date]:
        """Return the days on which a statement is in force, within those of the table."""
        return (
            max(each.day("valid_from") or datetime.date.min, self.covers_from or datetime.date.min),
            min(each.day("valid_to") or datetime.date.max, self.covers_to or datetime.date.max),
        )

    def _clock(self, each: Statement) -> Iterator[Problem]:
        for key in ("holder", "told"):
            who = each.text(key)
            if not who or who == "lead" or keys.text()(who):
                continue
            if _bare(who) in _LEADS:
                yield each.problem(
                    gettext("'%(key)s' says '%(who)s': write lead, in small letters, for whoever leads.")
                    % {"key": key, "who": who},
                    key,
                )
                continue
            if code := self._named(who):
                yield each.problem(f"'{key}' names an agency by its name: write its code, {code}.", key)
                continue
            if " " in who and not self._alike_agency(who):
                continue  # plain words for a body outside the table
            if who not in self.agencies and not self._is_unread("agencies.toml"):
                near = keys.near(who, (*self.agencies, "lead"))
                yield each.problem(
                    gettext(
                        "'%(key)s' names '%(who)s', which is nobody.%(near)s Write the code of "
                        'an agency of agencies.toml, lead for whoever leads, or words like "the '
                        'exchange sponsor" for somebody outside.'
                    )
                    % {"key": key, "who": who, "near": near},
                    key,
                )
            elif who in self.agencies:
                yield from self._agency(each, key)
        if each.text("told") and each.text("told") == each.text("holder"):
            yield each.problem(
                gettext("'told' is who holds the clock: nobody tells themselves. Name whom they tell."), "told"
            )
        if each.text("basis") == rules.Evidence.STATUTE.value and each.text("evidence") == rules.Evidence.POLICY.value:
            yield each.problem(
                gettext("'basis' says that a statute sets the limit, and 'evidence' that it is policy."), "basis"
            )
        amount, longest = each.entry.get("amount"), keys.LONGEST.get(each.text("unit"))
        if isinstance(amount, int) and longest and longest < amount <= max(keys.LONGEST.values()):
            yield each.problem(f"'amount' cannot be {amount}: at most {longest:,} {each.text('unit')}.", "amount")
        has_number = {unit.value: unit.has_number for unit in rules.Unit}.get(each.text("unit"))
        if has_number and "amount" not in each.entry and each.source.is_whole("clock", each.number):
            yield each.problem(f"'amount' is missing. Write how many {each.text('unit')}, as a whole number.")
        if has_number is False and "amount" in each.entry:
            yield each.problem(
                f"'amount' does not go with '{each.text('unit')}': take it out, or write a unit.", "amount"
            )
        if each.text("starts") == "event" and not each.text("event"):
            yield each.problem(gettext("'event' is missing. Write what happens that starts the clock."), "starts")
        if each.text("starts") == "discovery" and "event" in each.entry:
            yield each.problem(
                gettext("'event' does not go with starts = \"discovery\": take it out, or start on it."), "event"
            )

    def _named(self, words: str) -> str:
        """Return the code of the agency that has this name, with or without an article."""
        return next((a.text("code") for a in self.of["agency"] if _bare(a.text("name")) == _bare(words)), "")

    def _alike_agency(self, words: str) -> bool:
        return characters.looks(words) in {characters.looks(code) for code in self.agencies}

    def _gate(self, each: Statement) -> Iterator[Problem]:
        if set(each.texts("lets_through")) >= {kind.value for kind in rules.Kind}:
            yield each.problem(
                gettext("'lets_through' names every kind, so the gate bars nobody: leave it out."), "lets_through"
            )
        if "passes" in each.entry and "lets_through" not in each.entry:
            yield each.problem(
                gettext("'passes' says nothing where the gate bars nobody: write 'lets_through' too."), "passes"
            )
        for name in each.texts("passes"):
            rule = self.rules.get(name)
            if rule is None and not self._is_unread("leads.toml", "supports.toml", "notices.toml"):
                yield each.problem(
                    gettext("'passes' names '%(name)s', which is no rule.%(near)s")
                    % {"name": name, "near": keys.near(name, self.rules)},
                    "passes",
                )
            elif rule is not None and rule.text("role") != rules.Role.NOTIFY.value:
                yield each.problem(
                    gettext("'passes' names '%(name)s', which is no notice: only notices pass a gate.")
                    % {"name": name},
                    "passes",
                )

    def _read_as(self, each: Statement) -> Iterator[Problem]:
        for key in ("was", "is"):
            given = each.entry.get(key, {"": ""})
            if not isinstance(given, dict) or (not given and key == "was"):
                yield each.problem(
                    gettext("'%(key)s' names no answer: write it like { labor = \"yes\" }.") % {"key": key}, key
                )
                continue
            for name, value in given.items() if key in each.entry else ():
                for sentence in self._reads(name, value, is_here=key == "is"):
                    yield each.problem(f"'{key}': {sentence}", key)
        was, means = each.entry.get("was"), each.entry.get("is")
        if isinstance(was, dict) and was and all(code in self.facts.get(name, ()) for name, code in was.items()):
            yield each.problem(
                "'was' names only answers of this table, which would change what people answer now: name one that it "
                "does not ask for any more.",
                "was",
            )
        for other in self.of["impossible"]:
            when = other.entry.get("when")
            if not isinstance(means, dict) or not isinstance(when, dict):
                continue
            if when and all(isinstance(codes, list) and means.get(name) in codes for name, codes in when.items()):
                yield each.problem(f"'is' says what {other.label} calls impossible. Correct one of them.", "is")
        for other in self.of["read_as"][: each.number]:
            if _plain(other.entry.get("was")) == _plain(each.entry.get("was")):
                yield each.problem(
                    gettext("'was' is that of entry number %(number)s too. Take one of them out.")
                    % {"number": other.number + 1},
                    "was",
                )

    def _reads(self, name: str, value: object, *, is_here: bool) -> Iterator[str]:
        if not isinstance(value, str):
            yield gettext("'%(name)s' is %(kind_of)s: write one value in quotation marks, like \"yes\".") % {
                "name": name,
                "kind_of": keys.kind_of(value),
            }
        elif keys.name(name) or keys.name(value):
            yield gettext(
                "'%(name)s = %(value)s' is no fact with a value: write small letters, digits and underscores."
            ) % {"name": name, "value": value}
        elif value == facts.UNKNOWN:
            yield gettext("'%(name)s' is 'unknown', which is read as unknown by itself: leave it out.") % {"name": name}
        elif is_here and not self.are_facts_unread:
            codes = self.facts.get(name)
            if codes is None:
                yield gettext("there is no fact called '%(name)s'.%(near)s") % {
                    "name": name,
                    "near": keys.near(name, self.facts),
                }
            elif value not in codes:
                yield gettext("'%(name)s' cannot be '%(value)s'.%(near)s Write one of %(names)s.") % {
                    "name": name,
                    "value": value,
                    "near": keys.near(value, codes),
                    "names": ", ".join(codes),
                }

    # --- sources ---

    def _citations(self) -> Sequence[tuple[Statement, str, str]]:
        cited = [(each, "sources", number) for each in self.own for number in each.texts("sources")]
        cited += [(each, "source", each.text("source")) for each in self.of["left_out"] if each.text("source")]
        return cited + [(each, "rests_on", number) for each in self.of["source"] for number in each.texts("rests_on")]

    def _is_citing_shipped(self) -> bool:
        return any(number in sources.shipped() for _, _, number in self._citations())

    def _cited(self) -> Iterator[Problem]:
        """Tell of numbers that no source has: those of the table's own sources.toml, or of the shipped one where the
        table counts on it."""
        if "sources.toml" in self.files:
            if self.files["sources.toml"].has_lost:
                return
            known: Collection[str] = {each.text("id") for each in self.of["source"]}
            where = "sources.toml"
        elif self._is_citing_shipped():
            known, where = sources.shipped().keys(), "docs/sources.md"
        else:
            return
        carried = {number: each for each, key, number in self._citations() if key == "sources"}
        for each, key, number in self._citations():
            if number not in known and not keys.id_(number):
                yield each.problem(
                    gettext("'%(key)s' names '%(number)s', which %(where)s does not have.")
                    % {"key": key, "number": number, "where": where},
                    key,
                )
            if key == "source" and number in carried:
                yield each.problem(
                    gettext("'%(number)s' is left out here, and %(label)s cites it. Keep one.")
                    % {"number": number, "label": carried[number].label},
                    key,
                )


_KINDS = tuple(dict.fromkeys(kind for shape in keys.SHAPES.values() for kind in shape.entries))

_LEADS = ("lead", "lead agency", "leader", "agency that leads", "whoever leads")  # how people write whoever leads


def _bare(name: str) -> str:
    """Return how a name looks without its article and full stop."""
    return characters.name_looks(name).strip(" .").removeprefix("the ")


def _plain(value: object) -> str:
    """Return a condition so that two of the same meaning are equal."""
    if isinstance(value, dict):
        return str(
            sorted(
                (key, sorted(map(str, each)) if isinstance(each, list) else str(each)) for key, each in value.items()
            )
        )
    return str(value)
