"""The filters of the worklist: a form that stands in the address, so that a list can be kept, linked and gone back to.

The promise: an address holds codes and ids alone; whatever it asks that the list does not have is said beside its field
and left out, never guessed.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django import forms, http
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from nowrongdoor.agencies import queries as agencies
from nowrongdoor.casework.finding import LONGEST
from nowrongdoor.core import country_words
from nowrongdoor.core.mandates import facts
from nowrongdoor.duties import assigning, searches, worklist
from nowrongdoor.duties.worklist import MATTERS, Due, Has, Kind, Sort, Urgency, Wanted
from nowrongdoor.ui import narrowing

# What narrows the list, in the order of the form; `sort` besides.
FILTERS = ("kind", "has", "due", "urgency", "place", "matter", "agency")
_KINDS = {
    Kind.OFFER: pgettext_lazy("a kind of entry on the worklist", "Offers of the lead"),
    Kind.NOTICE: pgettext_lazy("a kind of entry on the worklist", "Notices"),
    Kind.CLOCK: pgettext_lazy("a kind of entry on the worklist", "Deadlines"),
    Kind.REQUEST: pgettext_lazy("a kind of entry on the worklist", "Requests"),
    Kind.TASK: pgettext_lazy("a kind of entry on the worklist", "To read"),
    Kind.LEAD: pgettext_lazy("a kind of entry on the worklist", "Cases we lead"),
}
_HAS = {
    Has.ME: pgettext_lazy("who has an entry of the worklist", "Me"),
    Has.NOBODY: pgettext_lazy("who has an entry of the worklist", "Nobody yet"),
    Has.SOMEBODY_ELSE: pgettext_lazy("who has an entry of the worklist", "A colleague"),
}
_DUE = {
    Due.LATE: pgettext_lazy("when an entry of the worklist is due", "Overdue"),
    Due.DAY: pgettext_lazy("when an entry of the worklist is due", "Within 24 hours"),
    Due.WEEK: pgettext_lazy("when an entry of the worklist is due", "Within 7 days"),
    Due.NEVER: pgettext_lazy("when an entry of the worklist is due", "No due time"),
}
_URGENCY = {
    Urgency.DANGER: pgettext_lazy("how urgent a case is", "In immediate danger"),
    Urgency.SOON: pgettext_lazy("how urgent a case is", "Needs a response within 24 hours"),
    Urgency.NONE: pgettext_lazy("how urgent a case is", "Not urgent"),
    Urgency.UNKNOWN: pgettext_lazy("how urgent a case is", "Not known yet"),
}
_SORTS = {
    Sort.DUE: pgettext_lazy("the order of the worklist", "Due first"),
    Sort.URGENT: pgettext_lazy("the order of the worklist", "Most urgent first"),
    Sort.NEWEST: pgettext_lazy("the order of the worklist", "Newest first"),
    Sort.OLDEST: pgettext_lazy("the order of the worklist", "Oldest first"),
}
_WRITTEN: dict[tuple[object, ...], str] = {}


class Filters(narrowing.Narrowing):
    """What a list is narrowed to, and its order."""

    kind = forms.ChoiceField(required=False, label=pgettext_lazy("filter", "Kind"))
    has = forms.ChoiceField(required=False, label=pgettext_lazy("filter", "Who has it"))
    due = forms.ChoiceField(required=False, label=pgettext_lazy("filter", "Due"))
    urgency = forms.ChoiceField(required=False, label=pgettext_lazy("filter", "Urgency"))
    place = forms.ChoiceField(required=False, label=pgettext_lazy("filter", "Place"))
    matter = forms.ChoiceField(required=False, label=pgettext_lazy("filter", "What it’s about"))
    agency = forms.ChoiceField(required=False, label=pgettext_lazy("filter", "From agency"))
    sort = forms.ChoiceField(required=False, label=pgettext_lazy("filter", "Sort by"))

    def __init__(self, sent: Mapping[str, str], asked: facts.Vocabulary, directory: agencies.Directory) -> None:
        super().__init__({name: sent.get(name, "") for name in (*FILTERS, "sort")}, prefix=None)
        names = sorted((office.name, str(office.id)) for office in directory.offices)
        given: Mapping[str, list[tuple[str, str]]] = {
            "kind": [(each.value, str(words)) for each, words in _KINDS.items()],
            "has": [(each.value, str(words)) for each, words in _HAS.items()],
            "due": [(each.value, str(words)) for each, words in _DUE.items()],
            "urgency": [(each.value, str(words)) for each, words in _URGENCY.items()],
            "place": list(country_words.place_names().items()),
            "matter": matters(asked),
            "agency": [(code, name) for name, code in names],
        }
        for name, choices in given.items():
            self.offer(name, choices)
        self.choice("sort").choices = [
            (each.value if each is not Sort.DUE else "", str(words)) for each, words in _SORTS.items()
        ]
        self.choice("sort").error_messages["invalid_choice"] = narrowing.WRONG

    @property
    def rendered(self) -> SafeString:
        """Write the fields; once for each answer, because two hundred places and agencies are many to write."""
        choices = tuple(str(self.choice("agency").choices))
        key = (get_language(), self.is_wrong, self.query, hash(choices), str(self.errors.as_data()))
        if key not in _WRITTEN:
            if len(_WRITTEN) >= 200:
                _WRITTEN.clear()
            _WRITTEN[key] = "".join(field.as_field_group() for field in self)
        return mark_safe(_WRITTEN[key])  # noqa: S308  Django's own fields

    @property
    def wanted(self) -> Wanted:
        """Return what the list is narrowed to, without what it does not have."""
        kept = {name: value for name, value in self.kept.items() if value}
        return Wanted(
            kind=Kind(kept["kind"]) if "kind" in kept else None,
            place=kept.get("place", ""),
            urgency=Urgency(kept["urgency"]) if "urgency" in kept else None,
            due=Due(kept["due"]) if "due" in kept else None,
            matter=kept.get("matter", ""),
            from_agency=uuid.UUID(kept["agency"]) if "agency" in kept else None,
            has=Has(kept["has"]) if "has" in kept else None,
            sort=Sort(kept["sort"]) if "sort" in kept else Sort.DUE,
        )

    @property
    def kept(self) -> Mapping[str, str]:
        """Return the answers that the list has, by field."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if isinstance(value, str) and value}

    @property
    def query(self) -> str:
        """Write what is kept for an address, always in one order."""
        return urlencode([(name, self.kept[name]) for name in (*FILTERS, "sort") if name in self.kept])

    @property
    def is_wrong(self) -> bool:
        """Return whether the address asks for something that the list does not have."""
        return not self.is_valid()

    @property
    def count(self) -> int:
        """Count the filters that are set."""
        return sum(name in self.kept for name in FILTERS)

    @property
    def words(self) -> Sequence[str]:
        """Name each filter that is set, as the form does."""
        return [
            str(dict(self.choice(name).choices)[self.kept[name]])  # type: ignore[arg-type]
            for name in (*FILTERS, "sort")
            if name in self.kept
        ]


def matters(asked: facts.Vocabulary) -> list[tuple[str, str]]:
    """List what a matter can be, where the country's table asks about it, in the table's words."""
    return [
        (f"{name}={code}", country_words.worded(asked.attribute(name).words(code)))
        for name, code in MATTERS.items()
        if name in asked.names and code in asked.attribute(name).codes
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class Saved:
    """A saved search as a page shows it."""

    id: uuid.UUID
    query: str
    words: str
    wanted: Wanted


def saved(rows: Sequence[searches.Search], asked: facts.Vocabulary, directory: agencies.Directory) -> list[Saved]:
    """Name a person's saved searches by their filters."""
    shown = []
    for row in rows:
        form = Filters(http.QueryDict(row.query).dict(), asked, directory)
        words = ", ".join(form.words) or gettext("Everything")
        shown.append(Saved(row.id, form.query, words, form.wanted))
    return shown


class Find(forms.Form):
    """What somebody looks for; it is sent in no address."""

    says_optional = False
    sought = forms.CharField(
        label=_("Find by reference or sender’s ID"),
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class Several(forms.Form):
    """To whom the selected entries are assigned."""

    says_optional = False
    to = forms.ChoiceField(label=pgettext_lazy("a colleague", "Assign to"), required=False)

    def __init__(self, colleagues: Sequence[assigning.Colleague], me: uuid.UUID | None) -> None:
        super().__init__(auto_id="several-%s")
        others = [(str(each.id), each.name) for each in colleagues if each.id != me]
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("me", gettext("Me")),
            *others,
            ("nobody", gettext("Nobody: release them")),
        ]


class Keys(forms.Form):
    """Whether single keys do something in this browser (WCAG 2.1.4); a script keeps it."""

    says_optional = False
    on = forms.BooleanField(label=_("Use these shortcuts in this browser"), required=False, initial=True)

    def __init__(self) -> None:
        super().__init__(auto_id="keys-%s")


@dataclasses.dataclass(frozen=True, slots=True)
class Tab:
    """One way to look at the whole list, with how much there is."""

    query: str
    words: str
    count: int
    limit: int
    is_here: bool


def tabs(counts: worklist.Counts, query: str) -> list[Tab]:
    """List the ways to look at the whole list."""
    limit, few = worklist.COUNT_LIMIT, worklist.MATCH_LIMIT
    shown = [
        ("", gettext("All"), counts.total, limit),
        *((f"kind={kind.value}", str(words), counts.of_kind[kind], limit) for kind, words in _KINDS.items()),
        (f"has={Has.ME.value}", gettext("Mine"), counts.mine, few),
        (f"has={Has.NOBODY.value}", pgettext("what nobody in the agency has", "Unassigned"), counts.nobodys, few),
    ]
    return [Tab(each, words, count, most, each == query) for each, words, count, most in shown]
