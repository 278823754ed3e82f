"""What somebody writes in their mailbox, as Django forms."""

from __future__ import annotations

from django import forms

from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.mailbox import sending, visiting


def _words(label: str, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=visiting.WORDS_LIMIT,
        widget=forms.Textarea(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Write something first.")},
    )


class Message(forms.Form):
    """More to say."""

    words = _words(gettext_lazy("Your message"))


class Answer(forms.Form):
    """The answer to a question."""

    words = _words(gettext_lazy("Your answer"))
    to = forms.UUIDField(widget=forms.HiddenInput)


class Correction(forms.Form):
    """What was wrong."""

    words = _words(gettext_lazy("What should we know instead?"), gettext_lazy("What you wrote before stays beside it."))


class Safety(forms.Form):
    """The answer that only the person knows."""

    answer = forms.CharField(
        label=gettext_lazy("Your answer"),
        max_length=sending.QUESTION_LIMIT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Enter your answer.")},
    )
