"""What somebody needs, read from JSON: only codes that the country's profile knows."""

from __future__ import annotations

import json
from collections.abc import Mapping

from nowrongdoor.core import gazetteer, places
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.services import service
from nowrongdoor.core.services.matching import Needs
from nowrongdoor.core.services.profile import Profile

KEYS = ("kind", "language", "state", "county", "is_now", "facts")


class Unreadable(ValueError):
    """The needs cannot be read; the message says what to write instead."""


def read(text: str, profile: Profile) -> Needs:
    """Read needs, as `{"kind": "shelter", "language": "es", "state": "NV", "county": "Clark County",
    "facts": {"age": 24, "gender": ["woman"], "oldest_son": null}}`. A number that is null: there is none. What
    is left out is not known. Unreadable."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("This is no JSON: %(error)s.") % {"error": error}) from None
    if not isinstance(content, dict):
        raise Unreadable(_("Write an object in braces."))
    if unknown := sorted(set(content) - set(KEYS)):
        raise Unreadable(
            _("%(names)s: write only %(known)s.") % {"names": ", ".join(unknown), "known": ", ".join(KEYS)}
        )
    kind = _text(content, "kind")
    if kind not in profile.kinds:
        raise Unreadable(_("kind: write one of %(values)s.") % {"values": ", ".join(profile.kinds)})
    is_now, facts = content.get("is_now", True), content.get("facts", {})
    if not isinstance(is_now, bool) or not isinstance(facts, dict):
        raise Unreadable(_("is_now: write true or false; facts: write an object in braces."))
    state, county = _place(_text(content, "state"), _text(content, "county"))
    return Needs(
        kind=kind,
        language=_text(content, "language"),
        state=state,
        county=county,
        is_now=is_now,
        facts=_facts(facts, profile),
    )


def _place(state: str, county: str) -> tuple[str, str]:
    """Return a State and a county as services are listed by them."""
    if state and state not in places.installed().states:
        raise Unreadable(_("state: write one of %(values)s.") % {"values": ", ".join(places.installed().states)})
    if not county:
        return state, ""
    if (known := gazetteer.county(f"{county}, {state}")) is None or not state:
        raise Unreadable(_("county: no State was given, or it has no county of that name."))
    return known


def _text(content: Mapping[str, object], key: str) -> str:
    value = content.get(key, "")
    if not isinstance(value, str):
        raise Unreadable(_("%(field)s: write text, in quotation marks.") % {"field": key})
    return value


def _facts(given: Mapping[str, object], profile: Profile) -> service.Facts:
    values: dict[str, frozenset[str]] = {}
    numbers: dict[str, int] = {}
    without: set[str] = set()
    for code, value in given.items():
        fact = profile.facts.get(code)
        if fact is None:
            raise Unreadable(_("No service asks for “%(code)s”.") % {"code": code})
        if fact.values:
            held = [str(each) for each in (value if isinstance(value, list) else [value])]
            if not held or not fact.values.keys() >= set(held):
                raise Unreadable(
                    _("%(field)s: write one of %(values)s.") % {"field": code, "values": ", ".join(fact.values)}
                )
            values[code] = frozenset(held)
        elif value is None and fact.none:
            without.add(code)
        elif isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 150:
            numbers[code] = value
        else:
            raise Unreadable(_("%(field)s: write a whole number from 0 to 150.") % {"field": code})
    return service.Facts(values, numbers, frozenset(without))
