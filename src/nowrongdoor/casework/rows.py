"""The lines of the worklist, written: each shape of line once for a page, by its template, and then filled in.

The promise: what is shown is what the template says, every value escaped; and a page of twenty-five lines costs little
more than a page of three, because Django's templates and forms are asked once for each shape, and not for each line.
"""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections.abc import Mapping, Sequence

from django import forms
from django.contrib.humanize.templatetags import humanize
from django.template import loader
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nowrongdoor.access import guards
from nowrongdoor.core.mandates import table
from nowrongdoor.duties import worklist
from nowrongdoor.duties.worklist import Has, Kind
from nowrongdoor.ui import languages, tags

_MARK = re.compile(r"QQ([a-z_]+)QQ")
_ID = uuid.UUID("00000000-0000-4000-8000-000000000099")  # an address takes no mark in the place of an id
_LINES = forms.Textarea({"rows": None, "cols": None})


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """An entry as the list shows it. `here`: where it is on the list; `back`: where somebody is after acting on it, the
    next entry under the cursor; `next`: the agency that would be asked for the lead, "" where nobody is next."""

    entry: worklist.Entry
    place: str
    here: str
    back: str
    next: str


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """All that a line's template asks: two lines of one shape differ in their values alone."""

    kind: str
    by_hand: bool
    can_be_acknowledged: bool
    is_correction: bool
    is_open: bool  # its case can be opened
    is_due: bool
    is_late: bool
    basis: str
    is_asked: bool
    is_next: bool
    is_placed: bool
    is_typed_late: bool
    urgency: str
    has: str


class _Reason(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy(
            "Why are you declining? Your reason stays on the record. The next agency is asked right away, unless the "
            "lead agency itself chose yours."
        ),
        max_length=2_000,
        widget=_LINES,
    )


class _How(forms.Form):
    how = forms.CharField(label=gettext_lazy("How was it done, and by whom?"), max_length=300, widget=_LINES)


class _HowByHand(forms.Form):
    how = forms.CharField(
        label=gettext_lazy("How did you notify them, and whom did you reach?"), max_length=300, widget=_LINES
    )


class _Reported(_HowByHand):
    confirmation = forms.CharField(label=gettext_lazy("What confirmation number did they give you?"), max_length=100)


class _Box(forms.Form):
    says_optional = False
    entry = forms.BooleanField(
        required=False, widget=forms.CheckboxInput({"form": "several"}, check_test=lambda value: False)
    )


class Rows:
    """The lines of one page for one viewer."""

    def __init__(self, request: guards.Request, content: table.Table) -> None:
        self._request, self._content = request, content
        self._shapes: dict[Shape, str] = {}
        self._laws: dict[tuple[str, str], str] = {}
        self._facts: dict[tuple[tuple[str, str], ...], str] = {}

    def of(self, line: Line) -> SafeString:
        """Write a line."""
        shape = self._shape(line)
        if shape not in self._shapes:
            self._shapes[shape] = self._written(shape)
        values = self._values(line)
        filled = _MARK.sub(lambda match: conditional_escape(values[match[1]]), self._shapes[shape])
        return mark_safe(filled)  # noqa: S308  our own template; every value is escaped

    def _shape(self, line: Line) -> Shape:
        entry = line.entry
        has = Has.NOBODY if entry.person_id is None else Has.SOMEBODY_ELSE
        if entry.person_id == self._request.viewer.user_id:
            has = Has.ME
        return Shape(
            kind=entry.kind.value,
            by_hand=entry.by_hand,
            can_be_acknowledged=entry.can_be_acknowledged,
            is_correction=entry.is_correction,
            is_open=bool(entry.case_reference),
            is_due=entry.due_at is not None,
            is_late=tags.is_late(entry.due_at),
            basis=entry.basis,
            is_asked=bool(entry.asked),
            is_next=bool(line.next),
            is_placed=bool(line.place),
            is_typed_late=entry.typed_at is not None,
            urgency=entry.urgency,
            has=has.value,
        )

    def _written(self, shape: Shape) -> str:
        names = (field for field in _NAMES if field != "id")
        mark: dict[str, object] = {name: f"QQ{name}QQ" for name in names} | {"id": _ID}
        mark["words"] = self._field(shape)
        mark["box"] = _rendered(_Box)
        context = {"shape": shape, "mark": mark, "viewer": self._request.viewer}
        return loader.render_to_string("casework/_entry.html", context, self._request).replace(str(_ID), "QQidQQ")

    def _field(self, shape: Shape) -> SafeString:
        """Write the field for the words that an answer needs."""
        if shape.kind == Kind.OFFER.value:
            return _rendered(_Reason)
        if shape.kind == Kind.CLOCK.value:
            return _rendered(_How)
        if not shape.by_hand:
            return SafeString("")
        return _rendered(_Reported if shape.basis == "statute" else _HowByHand)

    def _values(self, line: Line) -> Mapping[str, str]:
        entry = line.entry
        return {
            "id": str(entry.id),
            "reference": entry.case_reference,
            "label": _("Select case %(case)s") % {"case": entry.case_reference},
            "due_iso": entry.due_at.isoformat() if entry.due_at else "",
            "due_in": str(tags.until(entry.due_at)),
            "due_at": tags.moment(entry.due_at),
            "asked": entry.asked,
            "asked_until": tags.moment(entry.asked_until),
            "desk": tags.agency_name(entry.desk, self._content),
            "place": line.place,
            "facts": self._known(entry),
            "why": languages.duty_words(entry.words),
            "law": self._law(entry),
            "from_agency": entry.from_agency,
            "age": str(humanize.naturaltime(entry.since)),
            "since": tags.moment(entry.since),
            "typed_at": tags.moment(entry.typed_at),
            "rule": entry.rule,
            "next": line.next,
            "here": line.here,
            "back": line.back,
            "seen": str(entry.person_id or "nobody"),
            "person": entry.person,
        }

    def _known(self, entry: worklist.Entry) -> str:
        """Write what is known of a case but for how urgent it is, which a line says louder."""
        known = {name: code for name, code in entry.facts.items() if name != "urgency"}
        key = tuple(sorted(known.items()))
        if key not in self._facts:
            words: Sequence[str] = tags.fact_words(known, self._content) if known else ()
            tag = '<li><span class="usa-tag">{}</span></li>'
            self._facts[key] = format_html_join("", tag, ((each,) for each in words))
        return self._facts[key]

    def _law(self, entry: worklist.Entry) -> str:
        key = (entry.citation, entry.evidence)
        if key not in self._laws:
            context = {"citation": entry.citation, "evidence": entry.evidence}
            self._laws[key] = loader.render_to_string("ui/law.html", context) if entry.citation else SafeString("")
        return self._laws[key]


_NAMES = (
    *("id", "reference", "label", "due_iso", "due_in", "due_at", "asked", "asked_until", "desk", "place", "facts"),
    *("why", "law", "from_agency", "age", "since", "typed_at", "rule", "next", "here", "back", "seen", "person"),
)


def _rendered(kind: type[forms.Form]) -> SafeString:
    form = kind(auto_id="%s-QQidQQ", initial={"entry": "QQidQQ"})
    if "entry" in form.fields:
        form.fields["entry"].label = "QQlabelQQ"
    return mark_safe("".join(field.as_field_group() for field in form))  # noqa: S308  Django's own fields
