"""Small words that templates need: how long still, what is known, who is meant."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence

from django import template
from django.utils import formats, timezone, translation

from nowrongdoor.core import country as countries
from nowrongdoor.core import country_words, disclosure_grounds, language, outcomes, reviews
from nowrongdoor.core import doors as occupations
from nowrongdoor.core import public_help as helping
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy, name_of, ngettext
from nowrongdoor.core.mandates import asking, table, tables_in_words
from nowrongdoor.core.mandates import facts as facts_of
from nowrongdoor.core.triage import answers, elements

register = template.Library()
INSTRUMENTS = {
    "ilo-labour-adult": gettext_lazy("ILO indicators, labor, adult"),
    "ilo-labour-child": gettext_lazy("ILO indicators, labor, child"),
    "ilo-sexual-context": gettext_lazy("ILO indicators as context, sexual exploitation"),
}

ROLES = {
    "prosecute": gettext_lazy("Prosecution"),
    "support": gettext_lazy("Support"),
    "civil": gettext_lazy("Civil enforcement"),
    "aid": gettext_lazy("Victim assistance"),
    "notify": gettext_lazy("Notification"),
}


@register.simple_tag
def country() -> countries.Country:
    """Return the country that is installed, for its numbers and its language."""
    return countries.installed()


@register.simple_tag
def public_help() -> helping.PublicHelp:
    """Return what the country's public pages say besides its numbers."""
    return helping.installed()


@register.simple_tag
def doors() -> occupations.Doors:
    """Return the country's doors by occupation, which may be none."""
    return occupations.installed()


@register.simple_tag
def page_is_reviewed() -> bool:
    """Return whether somebody has checked what public pages say in the language of this one."""
    return reviews.is_reviewed(translation.get_language() or language.SOURCE)


@register.simple_tag
def consent_law() -> str:
    """Return the law that lets nothing about a person out without their consent."""
    return disclosure_grounds.installed().consent


@register.filter
def language_name(code: str) -> str:
    """Name a language in itself."""
    return name_of(code)


@register.filter
def role_words(code: str) -> str:
    """Name what an agency is notified for."""
    return str(ROLES.get(code, code))


@register.filter
def closed_as(code: str) -> str:
    """Say how a case ended."""
    return str(outcomes.ClosedAs(code).words) if code else ""


@register.filter
def found(code: str) -> str:
    """Say what was found about the people of a case."""
    return str(outcomes.Found(code).words) if code else ""


@register.filter
def until(due_at: datetime.datetime | None) -> str:
    """Say how long still, or how late: "in 2 h 10 min", "3 days late"."""
    if due_at is None:
        return ""
    seconds = (due_at - timezone.now()).total_seconds()
    return _span(abs(seconds), is_late=seconds < 0)


@register.filter
def is_late(due_at: datetime.datetime | None) -> bool:
    """Return whether a time has passed."""
    return due_at is not None and due_at < timezone.now()


@register.filter
def moment(at: datetime.datetime | None) -> str:
    """Return a day and time as people here write it, with the zone."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{formats.date_format(local, country_words.moment())} {local.tzname()}"


@register.filter
def day_ends(day: datetime.date) -> datetime.datetime:
    """Return when a day that is counted in UTC ends, to be shown in the reader's zone."""
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC) + datetime.timedelta(days=1)


@register.filter
def as_size(count: int) -> str:
    """Say how large something of so many bytes is: "1.2 MB", "340 kB"."""
    if count < 1_000:
        return ngettext("%(count)d byte", "%(count)d bytes", count) % {"count": count}
    unit, words = (1_000_000, "MB") if count >= 999_500 else (1_000, "kB")
    shown = f"{count / unit:.1f}" if unit > 1_000 else f"{count / unit:.0f}"
    return f"{shown.removesuffix('.0')} {words}"


@register.filter
def fact_words(facts: Mapping[str, str], content: table.Table) -> Sequence[str]:
    """List known facts in plain words, in the order of the form, as the table reads them. What it does not ask about,
    because it was answered to another one, comes last and by its code."""
    reading = facts_of.read(facts, content.vocabulary)
    known = [
        country_words.worded(content.vocabulary.attribute(name).words(code))
        for name, code in reading.facts.known().items()
    ]
    others = [f"{name}: {code}" for each in reading.read_as if not each.means for name, code in each.was]
    return [*known, *others]


@register.filter
def rests_on_words(names: Sequence[str], content: table.Table) -> str:
    """Say in plain words which facts ("age=under_18") and which indicators a finding rests on."""
    known = {
        f"{a.name}={code}": country_words.worded(a.words(code))
        for a in content.vocabulary.attributes
        for code in a.codes
    }
    known |= {indicator.id: _(indicator.words) for indicator in answers.indicators()}
    known |= {key: country_words.worded(words) for key, words in answers.elements().words.items()}
    return ", ".join(known.get(name, name) for name in names)


@register.filter
def agency_name(code: str, content: table.Table) -> str:
    """Name the agency of a desk's code as a table does, or give the words themselves."""
    known = content.agencies.get(code)
    return country_words.worded(known.name if known else _("whoever leads the case") if code == "lead" else code)


def by_lead(question: asking.Question) -> Sequence[tuple[str, Sequence[str]]]:
    """Return what each answer to a question would do: the agency that it asks to lead, and the answers in words."""
    return [(lead, [country_words.worded(each) for each in words]) for lead, words in asking.by_lead(question)]


@register.filter
def by_reason(
    withheld: Iterable[Mapping[str, str]] | None, content: table.Table
) -> Sequence[tuple[str, Sequence[str]]]:
    """Put together who is neither asked nor told: each reason once, with the names of the agencies, each once. A ruling
    of before 2026.2 does not say the reason."""
    names: dict[str, set[str]] = {}
    for each in withheld or ():
        names.setdefault(each.get("because", ""), set()).add(agency_name(each["agency"], content))
    return [(reason, sorted(kept)) for reason, kept in names.items()]


@register.filter
def instrument_words(code: str) -> str:
    """Name an instrument."""
    return str(INSTRUMENTS.get(code) or country_words.worded(elements.installed().titles.get(code, code)))


@register.filter
def evidence_tags(words: str) -> Iterable[str]:
    """Take apart how well a statement is founded."""
    return words.split("+") if words else ()


@register.filter
def condition_words(when: tuple[str, Sequence[str]], content: table.Table) -> Sequence[str]:
    """Return the plain words of what a condition allows: the name of a fact, and codes."""
    return tables_in_words.condition(*when, content)


def _span(seconds: float, *, is_late: bool) -> str:
    minutes = int(seconds // 60)
    hours, rest = divmod(minutes, 60)
    days = hours // 24
    if minutes < 60:
        sentence = _("%(minutes)d min late") if is_late else _("in %(minutes)d min")
    elif hours < 24 and rest:
        sentence = _("%(hours)d h %(rest)d min late") if is_late else _("in %(hours)d h %(rest)d min")
    elif hours < 24:
        sentence = _("%(hours)d h late") if is_late else _("in %(hours)d h")
    elif days < 730:
        late, ahead = (
            ngettext("%(days)d day late", "%(days)d days late", days),
            ngettext("in %(days)d day", "in %(days)d days", days),
        )
        sentence = late if is_late else ahead
    else:
        sentence = _("%(years)d years late") if is_late else _("in %(years)d years")
    return sentence % {"minutes": minutes, "hours": hours, "rest": rest, "days": days, "years": days // 365}
