"""The form with which somebody of an agency writes to a sender."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from nowrongdoor.core.language import gettext_lazy as _
from nowrongdoor.mailbox import visiting
from nowrongdoor.mailbox.models import Post

_THANKS = (Post.Kind.THANKS.value, _("Thank them (the words are ready in their language)"))
_QUESTION = (Post.Kind.QUESTION.value, _("Ask a question"))
_MESSAGE = (Post.Kind.MESSAGE.value, _("Write a message"))


class WriteForm(forms.Form):
    """What is written to a sender. Only the person themselves is written a message."""

    what = forms.ChoiceField(
        label=_("What do you want to do?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you want to do.")},
    )
    words = forms.CharField(
        label=_("Your words"),
        help_text=_(
            "In plain words, in their language if you can. Write as if somebody else could read it: no names, no "
            "place, nothing about what any agency does next."
        ),
        widget=forms.Textarea,
        required=False,
        max_length=visiting.WORDS_LIMIT,
    )

    def __init__(self, sent: QueryDict | None = None, *, is_person: bool) -> None:
        super().__init__(sent)
        what = self.fields["what"]
        assert isinstance(what, forms.ChoiceField)
        what.choices = [_MESSAGE, _QUESTION, _THANKS] if is_person else [_THANKS, _QUESTION]

    def clean(self) -> dict[str, object]:
        """Ask for words where there is something to say."""
        known: dict[str, object] = super().clean() or self.cleaned_data
        if known.get("what") in (_MESSAGE[0], _QUESTION[0]) and not str(known.get("words", "")).strip():
            self.add_error("words", _("Write what you want to say or ask."))
        return known

    @property
    def kind(self) -> Post.Kind:
        """Return what was chosen."""
        return Post.Kind(self.cleaned_data["what"])
