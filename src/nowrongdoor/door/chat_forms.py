"""What somebody writes in the web chat, as a Django form."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django import forms

from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.line import chatting, replies


class Begin(forms.Form):
    """The button that begins a chat. `chat`: its secret, so that pressed twice it begins one."""

    chat = forms.CharField(widget=forms.HiddenInput)


class Message(forms.Form):
    """One message. `key`: the same for the same message, however often it is sent."""

    words = forms.CharField(
        label=gettext_lazy("Your message"),
        max_length=chatting.LONGEST,
        widget=forms.Textarea(attrs={"autocomplete": "off", "rows": 3}),
        error_messages={"required": gettext_lazy("Write something first.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


class Answer(Message):
    """An answer that one press sends."""

    words = forms.CharField(max_length=chatting.LONGEST, widget=forms.HiddenInput)

    @classmethod
    def each(cls) -> Sequence[Answer]:
        """Return one for each answer, with a key of its own: to press another after it sends both."""
        return [
            cls(initial={"words": str(words), "key": uuid.uuid4()}, auto_id=False) for words in replies.ANSWERS.values()
        ]
