"""The form that narrows the page of the mandate table."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms

from nowrongdoor.core.language import gettext_lazy as _
from nowrongdoor.core.mandates import rules


class AgencyForm(forms.Form):
    """The rules of which agency are shown."""

    agency = forms.ChoiceField(label=_("Agency"), required=False)

    says_optional = False

    def __init__(self, agencies: Iterable[rules.Agency], wanted: str) -> None:
        super().__init__(auto_id="%s", initial={"agency": wanted})
        field = self.fields["agency"]
        assert isinstance(field, forms.ChoiceField)
        known = sorted(agencies, key=lambda each: each.name)
        field.choices = [("", _("All agencies")), *((each.code, each.name) for each in known)]
