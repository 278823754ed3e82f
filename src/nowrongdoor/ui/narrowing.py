"""What narrows a list: a form of choices that stands in the address, where every answer may stay empty.

The promise: what the list does not have is said beside its field, and never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from nowrongdoor.core.language import gettext_lazy, pgettext

WRONG = gettext_lazy("The list has no such filter, so it was left out. Choose one below.")


class Narrowing(forms.Form):
    """A form of filters; whoever inherits it names the fields."""

    says_optional = False  # everything here may stay empty
    use_required_attribute = False

    def choice(self, name: str) -> forms.ChoiceField:
        """Return one of the fields that offer a choice."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def offer(self, name: str, choices: Sequence[tuple[str, str]], wrong: str = WRONG) -> None:
        """Give a field its choices, after the one that leaves nothing out; `wrong`: what is said of any other."""
        field = self.choice(name)
        field.choices = [("", pgettext("filter that leaves nothing out", "Any")), *choices]
        field.error_messages["invalid_choice"] = wrong
