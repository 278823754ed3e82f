"""The form that narrows the page of the mandate table, and the one for the day on which a case is tried."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms

from nowrongdoor.core import country_words
from nowrongdoor.core.language import gettext_lazy as _
from nowrongdoor.core.mandates import rules
from nowrongdoor.ui import rendering


class AgencyForm(forms.Form):
    """The rules of which agency are shown."""

    agency = forms.ChoiceField(label=_("Agency"), required=False)

    says_optional = False

    def __init__(self, agencies: Iterable[rules.Agency], wanted: str) -> None:
        super().__init__(auto_id="%s", initial={"agency": wanted})
        field = self.fields["agency"]
        assert isinstance(field, forms.ChoiceField)
        known = sorted(agencies, key=lambda each: each.name)
        field.choices = [("", _("All agencies")), *((each.code, country_words.worded(each.name)) for each in known)]


class DayForm(forms.Form):
    """On which day a case is decided."""

    on = rendering.DayField(label=_("On which day?"), required=False)

    says_optional = False
