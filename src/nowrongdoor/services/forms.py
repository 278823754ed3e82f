"""The form of looking for help: what, where, in which language; and only those facts that a service asks for."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Collection, Mapping

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy, pgettext_lazy

from nowrongdoor.core import country_words, gazetteer, places
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.services import matching, profile, service
from nowrongdoor.core.services.profile import Fact

FACT = "fact_"  # how the fields of facts begin
NONE = "none"
OLDEST = 120


class FindForm(forms.Form):
    """What somebody needs. Facts are offered once a service asks for them (`ask`), and those that are given stay."""

    says_optional = False
    kind = forms.ChoiceField(
        label=gettext_lazy("What do they need?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what they need.")},
    )
    place = forms.CharField(
        label=gettext_lazy("Where are they?"),
        help_text=gettext_lazy(
            "A ZIP code, or a town or county with its state: Elko, NV. Leave it empty if you don’t know."
        ),
        max_length=80,
        required=False,
    )
    language = forms.ChoiceField(label=gettext_lazy("Which language do they speak?"), required=False)
    referral = forms.UUIDField(widget=forms.HiddenInput, required=False)
    along = forms.UUIDField(widget=forms.HiddenInput, required=False)
    is_now = forms.BooleanField(
        label=pgettext_lazy("looking for help", "They need it now: leave out what is closed"),
        required=False,
    )

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        ask: Collection[str] = (),
    ) -> None:
        super().__init__(data, initial={"is_now": True}, auto_id="find-%s")
        asked = profile.installed()
        kinds = [(kind.code, country_words.worded(kind.words)) for kind in asked.kinds.values()]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["language"].choices = _languages()  # type: ignore[attr-defined]
        self.facts: list[str] = []
        for fact in asked.facts.values():
            if fact.code in ask or (data and data.get(FACT + fact.code)):
                self.fields[FACT + fact.code] = _field(fact)
                self.facts.append(FACT + fact.code)

    def clean_place(self) -> tuple[str, str]:
        """Return the State and the county, each empty where nobody knows."""
        typed = self.cleaned_data["place"].strip()
        if not typed:
            return "", ""
        by_name = {country_words.worded(name).casefold(): code for code, name in places.installed().states.items()}
        if (state := by_name.get(typed.casefold(), typed.upper())) in places.installed().states:
            return state, ""
        fits = gazetteer.find(typed)
        if not fits:
            raise forms.ValidationError(
                _("No place fits. Write a ZIP code, or a town or county with its state: Elko, NV.")
            )
        if len(fits) > 1:
            names = "; ".join(f"{each.county}, {each.state}" for each in fits[:6])
            raise forms.ValidationError(_("Several places fit: %(names)s. Write which.") % {"names": names})
        return fits[0].state, fits[0].county

    @property
    def goes(self) -> Goes:
        """Return to which referral the search belongs, once the form is valid."""
        return Goes(self.cleaned_data["referral"], self.cleaned_data["along"])

    @property
    def needs(self) -> matching.Needs:
        """Return what somebody needs, once the form is valid."""
        sent = self.cleaned_data
        values: dict[str, frozenset[str]] = {}
        numbers: dict[str, int] = {}
        without: set[str] = set()
        for code, fact in profile.installed().facts.items():
            given = sent.get(FACT + code) or ""
            if fact.values and given:
                values[code] = frozenset([given] if isinstance(given, str) else given)
            elif given == NONE:
                without.add(code)
            elif given:
                numbers[code] = int(given)
        state, county = sent["place"]
        return matching.Needs(
            kind=sent["kind"],
            language=sent["language"],
            state=state,
            county=county,
            is_now=sent["is_now"],
            facts=service.Facts(values, numbers, frozenset(without)),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Goes:
    """To which referral a search belongs: one that goes on, or the one that a new one goes along with."""

    referral: uuid.UUID | None = None
    along: uuid.UUID | None = None


class AgainForm(forms.Form):
    """Look for help for a referral that goes on, or for what goes along with it (`along`), without choosing again."""

    says_optional = False
    kind = forms.CharField(widget=forms.HiddenInput)
    referral = forms.UUIDField(widget=forms.HiddenInput, required=False)
    along = forms.UUIDField(widget=forms.HiddenInput, required=False)
    is_now = forms.BooleanField(widget=forms.HiddenInput, initial=True)

    @classmethod
    def of(cls, kind: str, *, referral: uuid.UUID | None = None, along: uuid.UUID | None = None) -> AgainForm:
        """Make the form for one need."""
        return cls(initial={"kind": kind, "referral": referral, "along": along}, auto_id=f"again-{kind}-%s")


class ReferForm(forms.Form):
    """Ask a service whether it takes somebody, for one need. `referral`: one that goes on, or a new one; `along`: the
    one that a new one goes with."""

    says_optional = False
    kind = forms.CharField(widget=forms.HiddenInput)
    service = forms.UUIDField(widget=forms.HiddenInput)
    referral = forms.UUIDField(widget=forms.HiddenInput, required=False)
    along = forms.UUIDField(widget=forms.HiddenInput, required=False)
    holds = forms.BooleanField(
        label=gettext_lazy("Ask for a bed to be held while you call (two hours at most)"), required=False
    )

    @classmethod
    def of(cls, service: str, kind: str, goes: Goes, *, holds: bool) -> ReferForm:
        """Make the form beside a service. `holds`: whether a bed can be asked for there."""
        given = {"service": service, "kind": kind, "referral": goes.referral, "along": goes.along}
        form = cls(initial=given, auto_id=f"refer-{service}-%s")
        if not holds:
            del form.fields["holds"]
        return form


class OneForm(forms.Form):
    """Something is done with one row among others on its page: `DO` with `which`."""

    DO = ""
    says_optional = False
    do = forms.CharField(widget=forms.HiddenInput)
    which = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, which: uuid.UUID, data: Mapping[str, object] | None = None) -> None:
        super().__init__(data, initial={"do": self.DO, "which": which}, auto_id=f"{self.DO}-{which}-%s")
        self.row_id = which


class EndForm(OneForm):
    """An agency vouches for an organization no more."""

    DO = "end"


class VouchForm(OneForm):
    """For how long an agency vouches for an organization."""

    DO = "vouch"
    days = forms.TypedChoiceField(
        label=gettext_lazy("For how long?"),
        coerce=int,
        choices=[
            ("", gettext_lazy("Choose")),
            (90, gettext_lazy("90 days")),
            (180, gettext_lazy("180 days")),
            (365, gettext_lazy("a year")),
        ],
        error_messages={"required": gettext_lazy("Choose for how long.")},
    )


def _field(fact: Fact) -> forms.Field:
    label = country_words.worded(fact.question)
    answers = [(code, country_words.worded(words)) for code, words in fact.values.items()]
    if fact.is_several:
        return forms.MultipleChoiceField(
            label=label, choices=answers, widget=forms.CheckboxSelectMultiple, required=False
        )
    if not fact.values:
        none = [(NONE, country_words.worded(fact.none))] if fact.none else []
        answers = [*none, *((str(number), str(number)) for number in range(OLDEST + 1))]
    return forms.ChoiceField(label=label, choices=[_unknown(), *answers], required=False)


def _unknown() -> tuple[str, str]:
    return "", _("Not asked, or not said")


def _languages() -> list[tuple[str, str]]:
    """List the languages of public pages, each once; a service may speak others, which one asks for by telephone."""
    codes = {code.partition("-")[0]: str(name) for code, name in settings.PUBLIC_LANGUAGES}
    return [_unknown(), *codes.items()]
