"""The filters of the directory: codes, in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import forms

from nowrongdoor.administration import directory
from nowrongdoor.core import country_words
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.ui import narrowing

FILTERS = ("kind", "place", "answers", "state")


class Filters(narrowing.Narrowing):
    """What the directory is narrowed to."""

    kind = forms.ChoiceField(required=False, label=gettext_lazy("Kind"))
    place = forms.ChoiceField(required=False, label=gettext_lazy("Place"))
    answers = forms.ChoiceField(required=False, label=gettext_lazy("Answers offers"))
    state = forms.ChoiceField(required=False, label=gettext_lazy("Open or closed"))

    def __init__(self, sent: Mapping[str, str], used_places: Sequence[str]) -> None:
        super().__init__({name: sent.get(name, "") for name in FILTERS}, auto_id="%s")
        names = country_words.place_names()
        given: Mapping[str, list[tuple[str, str]]] = {
            "kind": [(code, str(words)) for code, words in directory.KINDS.items()],
            "place": [(code, str(names.get(code, code))) for code in used_places],
            "answers": [("yes", _("Yes")), ("no", _("No"))],
            "state": [("open", _("Open")), ("closed", _("Closed"))],
        }
        for name, choices in given.items():
            self.offer(name, choices)

    @property
    def wanted(self) -> directory.Wanted:
        """Return what the list is narrowed to, without what it does not have."""
        self.is_valid()
        return directory.Wanted(**{name: self.cleaned_data.get(name, "") for name in FILTERS})

    @property
    def on(self) -> int:
        """Count the filters that are set."""
        return sum(bool(self.cleaned_data.get(name)) for name in FILTERS) if self.is_valid() else 1
