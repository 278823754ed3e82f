"""A table, a decision and a comparison as documents: what people read and other programs take."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from nowrongdoor.core import country_words
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.mandates import asking, compare, decide, explain, facts, rules, table

Json = dict[str, object]
MANY = 3  # so many answers are listed; of more, those that are left out
ROLES = {
    rules.Role.LEAD: gettext_lazy("Who is asked to lead, first to last"),
    rules.Role.NEXT: gettext_lazy("Who is asked when those say no"),
    rules.Role.BACKSTOP: gettext_lazy("Who cannot decline"),
    rules.Role.PROSECUTE: gettext_lazy("Who prosecutes"),
    rules.Role.SUPPORT: gettext_lazy("Who supports"),
    rules.Role.CIVIL: gettext_lazy("Civil and administrative enforcement"),
    rules.Role.AID: gettext_lazy("Who helps the person"),
    rules.Role.NOTIFY: gettext_lazy("Who must be told"),
}

PARTS = {
    compare.Part.ORDER: gettext_lazy("Asked to lead, in this order"),
    compare.Part.LAW: gettext_lazy("The law on which the lead stands"),
    compare.Part.NOTICES: gettext_lazy("Must be told"),
    compare.Part.CLOCKS: gettext_lazy("Deadlines"),
    compare.Part.GATES: gettext_lazy("Sharing restrictions"),
    compare.Part.PROSECUTE: gettext_lazy("Prosecutes"),
    compare.Part.SUPPORT: gettext_lazy("Supports"),
    compare.Part.CIVIL: gettext_lazy("Enforces civil law"),
    compare.Part.AID: gettext_lazy("Helps the person"),
}


def attribute(given: facts.Attribute) -> Json:
    """Return an attribute as JSON values."""
    return {
        "name": given.name,
        "question": given.question,
        "law": given.law,
        "evidence": given.evidence,
        "values": [{"code": value.code, "words": value.words} for value in given.values],
    }


def rule(given: rules.Rule) -> Json:
    """Return a rule as JSON values."""
    return {
        "id": given.id,
        "role": given.role.value,
        "precedence": given.precedence,
        "agency": given.agency,
        "when": {name: list(values) for name, values in given.when},
        "why": given.why,
        "valid_from": _day(given.dates.valid_from),
        "valid_to": _day(given.dates.valid_to),
        "clocks": list(given.clocks),
        "ends_chain": given.ends_chain,
        "required_by_law": given.required_by_law,
        **explain.law(given.law),
    }


def everything(content: table.Table) -> Json:
    """Return a whole table as JSON values."""
    return {
        "name": content.name,
        "version": content.version,
        "digest": content.digest,
        "covers_from": _day(content.covers_from),
        "covers_to": _day(content.covers_to),
        "facts": [attribute(each) for each in content.vocabulary.attributes],
        "impossible": [
            {**explain.conflict(each), "when": {name: list(values) for name, values in each.when}}
            for each in content.vocabulary.impossible
        ],
        "read_as": [explain.reading(each) for each in content.vocabulary.read_as],
        "agencies": [
            {
                "code": a.code,
                "name": a.name,
                "department": a.department,
                "kind": a.kind.value,
                "note": a.note,
                "valid_from": _day(a.dates.valid_from),
                "valid_to": _day(a.dates.valid_to),
            }
            for a in (*content.agencies.values(), *content.formerly)
        ],
        "rules": [rule(each) for each in content.rules],
        "clocks": [explain.clock(each) for each in content.clocks],
        "gates": [explain.gate(each) for each in content.gates],
        "left_out": [{"source": each.source, "reason": each.reason} for each in content.left_out],
    }


def comparison(given: compare.Comparison) -> Json:
    """Return a comparison as JSON values."""
    return {
        "cases": given.cases,
        "leads": {agency: {"before": old, "after": new} for agency, (old, new) in given.load.items()},
        "involved": {agency: {"before": old, "after": new} for agency, (old, new) in given.involved.items()},
        "moves": [
            {
                "case": move.case,
                "on": move.on.isoformat(),
                "facts": move.facts.known(),
                "before": explain.duty(move.before),
                "after": explain.duty(move.after),
            }
            for move in given.moves
        ],
        "shifts": [{**_shift(shift), "cases": len(cases), "first": cases[0]} for shift, cases in given.shifts],
        "differences": [
            {
                "case": each.case,
                "on": each.on.isoformat(),
                "facts": each.facts.known(),
                "shifts": [_shift(shift) for shift in each.shifts],
            }
            for each in given.differences
        ],
    }


def shift(given: compare.Shift, cases: Sequence[str]) -> Iterator[str]:
    """Tell what would differ in one part of some cases, as lines."""
    values = {"part": PARTS[given.part], "case": cases[0], "number": f"{len(cases) - 1:,}"}
    yield (
        _("%(part)s, in %(case)s and %(number)s more:") % values if cases[1:] else _("%(part)s, in %(case)s:") % values
    )
    if given.part is compare.Part.ORDER:
        yield _("  before: %(names)s") % {"names": ", ".join(given.gone)}
        yield _("  after:  %(names)s") % {"names": ", ".join(given.new)}
        return
    yield from (_("  no longer: %(what)s") % {"what": each} for each in given.gone)
    yield from (_("  new:       %(what)s") % {"what": each} for each in given.new)


def _shift(given: compare.Shift) -> Json:
    names = ("before", "after") if given.part is compare.Part.ORDER else ("gone", "new")
    return {"part": given.part.value, names[0]: list(given.gone), names[1]: list(given.new)}


def decision(
    given: decide.Decision,
    about: facts.Facts,
    content: table.Table,
    on: datetime.date,
    next_question: asking.Question | None,
) -> str:
    """Tell a decision to a person at a terminal, with the question to ask next."""
    lines = [_("On %(day)s: %(facts)s") % {"day": on, "facts": explain.in_words(about)}, ""]
    lines += [_("Asked to lead, in this order:")]
    for number, duty in enumerate(given.chain, start=1):
        lines += [f"  {number}. {content.agency(duty.agency, on).name}", *_why(duty)]
    if next_question:
        lines += ["", question(next_question, content, on)]
    for title, duties in (
        (_("Prosecutes"), given.prosecute),
        (_("Supports"), given.support),
        (_("Enforces civil law"), given.civil),
        (_("Helps the person"), given.aid),
    ):
        if duties:
            lines += ["", f"{title}:"]
            for duty in duties:
                lines += [f"  {content.agency(duty.agency, on).name}", *_why(duty)]
    if given.notices:
        lines += ["", _("Must be told:")]
        for notice in given.notices:
            clock = notice.clock
            limit = f", {explain.limit_in_words(clock.limit.words)} ({_(clock.basis.value)})" if clock else ""
            lines += [f"  {content.agency(notice.duty.agency, on).name}{limit}", *_why(notice.duty)]
    if given.clocks:
        lines += ["", _("Deadlines:")]
        for clock in given.clocks:
            since = _(", once %(event)s") % {"event": country_words.worded(clock.event)} if clock.event else ""
            holder = content.agency(clock.holder, on).name if clock.holder in content.agencies else clock.holder
            lines += [
                f"  {explain.limit_in_words(clock.limit.words)}{since}: {holder}. {country_words.worded(clock.duty)}",
                f"     {_law(clock.law)}",
            ]
    if given.gates:
        lines += ["", _("Sharing restrictions:")]
        for gate in given.gates:
            lines += [f"  {country_words.worded(gate.effect)}", f"     {_law(gate.law)}"]
    for gate in given.gates:
        kept = {content.agency(each.duty.agency, on).name for each in given.withheld if each.gate == gate}
        if kept:
            lines += [
                "",
                _("Not asked or notified: %(names)s") % {"names": ", ".join(sorted(kept))},
                f"     {country_words.worded(gate.effect)}",
            ]
    return "\n".join(lines)


def reading(given: facts.ReadAs, content: table.Table) -> str:
    """Say how answers to an older table were read."""
    was = ", ".join(f"{name} {code}" for name, code in given.was)
    means = [content.vocabulary.attribute(name).words(code) for name, code in given.means]
    return (
        (_("%(was)s: read as %(names)s.") % {"was": was, "names": ", ".join(means)})
        if means
        else (_("%(was)s: this table doesn’t ask this any more.") % {"was": was})
    )


def question(given: asking.Question, content: table.Table, on: datetime.date) -> str:
    """Say which question to ask next, and whom each of its answers would ask to lead."""
    lines = [
        _("Ask next, because the answer could change the lead: %(question)s")
        % {"question": country_words.worded(given.attribute.question)}
    ]
    for lead, words in asking.by_lead(given):
        lines.append(
            f"  {content.agency(lead, on).name if lead else _('nobody')}: {'; '.join(map(country_words.worded, words))}"
        )
    return "\n".join(lines)


def document(content: table.Table) -> str:
    """Write the table as a Markdown document, for docs/mandates.md."""
    return "\n".join(_document(content)) + "\n"


def _document(content: table.Table) -> Iterator[str]:
    yield _("# The mandate table: %(name)s, version %(version)s") % {"name": content.name, "version": content.version}
    yield ""
    yield _("Covers every day from %(covers_from)s. Digest `%(digest)s`.") % {
        "covers_from": content.covers_from,
        "digest": content.digest,
    }
    yield _("Made by `nwd mandates show`; change the files of the table, not this page (docs/jurisdictions.md).")
    yield ""
    yield (
        _(
            "Evidence: *statute* = the text was read (snapshot of April 2023), *secondary* = "
            "another party's account was read, *unverified* = general knowledge that nobody has "
            "cited yet, *policy* = a choice of this table."
        )
    )
    yield from (
        "",
        _(
            "How to read it. A case is what is known of it; what is not known is *unknown*, and "
            "that is an answer too. First the sharing restrictions: where one applies, only the "
            "kinds of agency that it names are asked or told, and what a statute requires. Then "
            "who is asked to lead: of the rows that apply, the smallest number is asked first, "
            "and a row that *ends the chain* is the only one asked before somebody who cannot "
            "decline. All rows that apply hold for those who take part, help and must be told. "
            "Conditions of a row are joined by “;” and must all be true; “(or not known)” says "
            "that the row holds, too, while nobody knows the answer."
        ),
    )
    yield from _gates(content)
    for role, title in ROLES.items():
        yield from (
            "",
            f"## {title}",
            "",
            _("| | agency | when | why | law | evidence | in force |"),
            "|---|---|---|---|---|---|---|",
        )
        chosen = [each for each in content.rules if each.role is role]
        for each in sorted(chosen, key=lambda one: (one.precedence or 0, one.id)):
            order = f"{each.precedence}" if each.precedence else ""
            name, when = content.agencies[each.agency].name, _when(each.when, content)
            citation = f"{each.law.citation} ({', '.join(each.law.sources)})"
            order += _(" ends the chain") if each.ends_chain else ""
            yield (
                f"| {order} `{each.id}` | {name} | {when} | {each.why} | "
                f"{citation} | {each.law.evidence_words} | {_dates(each.dates)} |"
            )
    yield from (
        "",
        "## Deadlines",
        "",
        _("| | who owes it | what | limit | from | set by | law | evidence |"),
        "|---|---|---|---|---|---|---|---|",
    )
    for clock in content.clocks:
        holder = content.agencies[clock.holder].name if clock.holder in content.agencies else clock.holder
        yield (
            f"| {clock.id} | {holder} | {clock.duty} | {clock.limit.words} | {clock.event or 'the case is opened'} | "
            f"{clock.basis.value} | {clock.law.citation} | {clock.law.evidence_words} |"
        )
    if content.vocabulary.impossible:
        yield from ("", _("## What cannot be true together"), "", _("| | when | what is said | law | evidence |"))
        yield "|---|---|---|---|---|"
    for entry in content.vocabulary.impossible:
        when = _when(entry.when, content)
        yield f"| {entry.id} | {when} | {entry.sentence} | {entry.law.citation} | {entry.law.evidence_words} |"
    if content.vocabulary.read_as:
        yield from ("", _("## How answers to older tables are read"), "", _("| answered then | read as |"), "|---|---|")
    for older in content.vocabulary.read_as:
        was = "; ".join(f"`{name}` {code}" for name, code in older.was)
        yield f"| {was} | {_when(tuple((name, (code,)) for name, code in older.means), content, 'nothing')} |"
    yield from _agencies(content)
    yield from ("", _("## Known, and deliberately no rule here"), "", "| | why |", "|---|---|")
    for row in content.left_out:
        yield f"| {row.source} | {row.reason} |"


def _agencies(content: table.Table) -> Iterator[str]:
    """List who is asked and told, with the kind by which a restriction lets them through."""
    yield from (
        "",
        "## The agencies, and of what kind each is",
        "",
        "| | agency | department | kind |",
        "|---|---|---|---|",
    )
    for agency in content.agencies.values():
        kind = agency.kind.value.replace("_", " ")
        yield f"| `{agency.code}` | {agency.name} | {agency.department} | {kind} |"


def _gates(content: table.Table) -> Iterator[str]:
    yield from (
        "",
        _("## Sharing restrictions"),
        "",
        _("| | when | effect | asked and told all the same | law | evidence |"),
        "|---|---|---|---|---|---|",
    )
    for gate in content.gates:
        when = _when(gate.when, content)
        kept = (kind.value.replace("_", " ") for kind in rules.Kind if kind not in gate.bars)
        let = ", ".join([*kept, *(f"`{each}`" for each in gate.passes)]) if gate.bars else "everybody"
        yield f"| {gate.id} | {when} | {gate.effect} | {let} | {gate.law.citation} | {gate.law.evidence_words} |"


def _when(when: rules.When, content: table.Table, otherwise: str = "always") -> str:
    if not when:
        return otherwise
    return "; ".join(" or ".join(condition(name, values, content)) for name, values in when)


def condition(name: str, values: Sequence[str], content: table.Table) -> Sequence[str]:
    """Return in words the answers for which a condition holds, any of them; of many, those for which it does not."""
    attribute = content.vocabulary.attribute(name)
    others = [code for code in attribute.codes if code not in values]
    if len(values) > MANY and len(others) < len(values):
        words = ", ".join(country_words.worded(attribute.words(value)) for value in others)
        return [_("any answer but: %(words)s") % {"words": words}]
    known = [country_words.worded(attribute.words(value)) for value in values if value != facts.UNKNOWN]
    if known and len(known) < len(values):
        return [*known[:-1], _("%(words)s (or not known)") % {"words": known[-1]}]
    return known or [country_words.worded(attribute.words(facts.UNKNOWN))]


def _why(duty: decide.Duty) -> list[str]:
    return [f"     {country_words.worded(duty.why)}", f"     {_law(duty.law)}"]


def _law(law: rules.Law) -> str:
    return f"{law.citation} [{law.evidence_words}]"


def _dates(dates: rules.Dates) -> str:
    if dates.valid_from and dates.valid_to:
        return f"{dates.valid_from} to {dates.valid_to}"
    if dates.valid_from:
        return f"from {dates.valid_from}"
    return f"to {dates.valid_to}" if dates.valid_to else ""


def _day(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None
