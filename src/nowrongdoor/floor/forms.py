"""The forms of working on the line."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence

from django import forms
from django.conf import settings
from django.utils.html import format_html

from nowrongdoor.core import language
from nowrongdoor.core.language import gettext_lazy as _
from nowrongdoor.line import calling_back, joining, models, replies, shifts, writing
from nowrongdoor.ui import rendering

TEXTS = [("", _("Choose")), *((number, str(number)) for number in range(6))]
HOURS = [(1, _("for an hour")), (8, _("for eight hours")), (24, _("for a day")), (72, _("for three days"))]


class ShiftForm(forms.Form):
    """What somebody takes on their shift."""

    groups = forms.MultipleChoiceField(
        label=_("Groups"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one group.")},
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages you can talk and write in"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one language.")},
    )
    skills = forms.MultipleChoiceField(
        label=_("Special skills that some lines ask for"), widget=forms.CheckboxSelectMultiple, required=False
    )
    telephone = forms.RegexField(
        r"^\+?[0-9 ().-]{2,30}$",
        label=_("Telephone at your desk"),
        help_text=_("Calls are connected to it. Without one you take texts, chats, and email."),
        required=False,
        error_messages={"invalid": _("Enter a telephone number, like +1 555 010 0111, or leave it blank.")},
    )
    texts = forms.TypedChoiceField(
        label=_("Texts and chats at once"),
        help_text=_("How many you can keep up with."),
        choices=TEXTS,
        coerce=int,
        error_messages={"required": _("Choose how many.")},
    )
    is_trainee = forms.BooleanField(
        label=_("I’m learning: give me practice contacts only"),
        required=False,
    )

    def __init__(
        self,
        groups: Mapping[str, str],
        skills: Sequence[str],
        data: Mapping[str, object] | None = None,
        **more: object,
    ) -> None:
        super().__init__(data, **more)  # type: ignore[arg-type]
        self.fields["groups"].choices = list(groups.items())  # type: ignore[attr-defined]
        if skills:
            self.fields["skills"].choices = [(each, each) for each in skills]  # type: ignore[attr-defined]
        else:
            del self.fields["skills"]
        # People speak a language, not one country's: "en", of "en-us".
        offered = [(code.partition("-")[0], language.name_of(code)) for code, _name in settings.PUBLIC_LANGUAGES]
        self.fields["languages"].choices = offered  # type: ignore[attr-defined]

    @property
    def wish(self) -> shifts.Wish:
        """Return what they take."""
        given = self.cleaned_data
        return shifts.Wish(
            groups=given["groups"],
            languages=given["languages"],
            skills=given.get("skills", []),
            telephone=given["telephone"],
            texts=given["texts"],
            is_trainee=given["is_trainee"],
        )


class HandOverForm(forms.Form):
    """What the next shift has to know."""

    words = forms.CharField(
        label=_("What does the next shift need to know?"),
        help_text=_("Everybody on the line can read it for 12 hours. Leave out names."),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )


class WriteForm(forms.Form):
    """Something to write in a contact. `key`: the message's own id, so that it is kept once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    words = forms.CharField(
        label=_("Your message"),
        max_length=writing.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"required": _("Write something first.")},
    )

    @classmethod
    def fresh(cls, prefix: str) -> WriteForm:
        """Return one for a message that is still to be written."""
        return cls(initial={"key": uuid.uuid4()}, auto_id=f"{prefix}-%s")


class ReplyForm(WriteForm):
    """The same, with saved replies: one goes into the message, or is sent as it is. `offer`: None where there are none,
    as for mail."""

    focus_on = ""
    says_optional = False
    reply = forms.ChoiceField(label=_("Choose one"), widget=forms.RadioSelect, required=False)

    def __init__(self, offer: replies.Offer | None, data: Mapping[str, object] | None = None, **more: object) -> None:
        super().__init__(data, auto_id="write-%s", **more)  # type: ignore[arg-type]
        self.offer = offer
        if offer is None:
            del self.fields["reply"]
            return
        choices = [(each.code, _as_choice(each, offer.language)) for each in offer.replies]
        self.fields["reply"].choices = choices  # type: ignore[attr-defined]

    @classmethod
    def with_words(cls, offer: replies.Offer | None, words: str = "") -> ReplyForm:
        """Return one for a message that is still to be sent, with these words in it."""
        form = cls(offer, initial={"key": uuid.uuid4(), "words": words})
        form.focus_on = "words" if words else ""
        return form

    @property
    def picked(self) -> replies.Reply | None:
        """Return the reply that was picked."""
        return self.offer.of(str(self.data.get("reply", ""))) if self.offer else None

    @property
    def typed(self) -> str:
        """Return what stands in the message so far."""
        return str(self.data.get("words", "")).strip()


def _as_choice(reply: replies.Reply, code: str) -> rendering.Described:
    return rendering.Described(format_html('<bdi lang="{}">{}</bdi>', code, reply.words), reply.meaning)


class OneReplyForm(forms.Form):
    """A reply that one press sends."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    reply = forms.CharField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, code: str) -> OneReplyForm:
        """Return one for a reply."""
        return cls(initial={"key": uuid.uuid4(), "reply": code}, auto_id=False)


class HandOnForm(forms.Form):
    """To whom outside somebody was handed on."""

    to = forms.ChoiceField(label=_("Handed on to"), error_messages={"required": _("Choose to whom.")})
    taken_by = forms.CharField(
        label=_("Who took them over?"),
        help_text=_("Their name, and for somebody else where they work. It’s kept with this contact, sealed."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Enter the name of whoever took them over.")},
    )

    def __init__(self, data: Mapping[str, object] | None = None, **more: object) -> None:
        super().__init__(data, auto_id="hand-on-%s", **more)  # type: ignore[arg-type]
        choices = [("", _("Choose")), *joining.outside().items()]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]


class InterpreterForm(forms.Form):
    """Whom one waits for."""

    says_optional = False
    to = forms.ChoiceField(label=_("Whom are you waiting for?"), required=False)

    def __init__(self, spoken: str, data: Mapping[str, object] | None = None) -> None:
        """`spoken`: the language of the contact, which is chosen already."""
        super().__init__(data, initial={"to": spoken}, auto_id="interpreter-%s")
        codes = (spoken, *(code for code, _name in settings.PUBLIC_LANGUAGES), *joining.HELPERS)
        names = {joining.helper_name(code): code for code in reversed(codes)}  # "en" and "en-us" are one
        self.fields["to"].choices = [(code, name) for name, code in reversed(names.items())]  # type: ignore[attr-defined]
        self.spoken = spoken

    def clean_to(self) -> str:
        """Return whom; the language of the contact where nobody chose another."""
        return self.cleaned_data["to"] or self.spoken


class AskForm(forms.Form):
    """Whom of the colleagues on shift to ask."""

    person = forms.TypedChoiceField(
        label=_("Colleague on shift"), coerce=uuid.UUID, error_messages={"required": _("Choose a colleague.")}
    )

    def __init__(
        self, people: Sequence[tuple[uuid.UUID, str]], data: Mapping[str, object] | None = None, **more: object
    ) -> None:
        super().__init__(data, **more)  # type: ignore[arg-type]
        self.fields["person"].choices = [("", _("Choose")), *people]  # type: ignore[attr-defined]


class CallBackForm(forms.Form):
    """How somebody wants to be called back. Nothing is filled in from the number that they called from."""

    number = forms.CharField(
        label=_("Which number is safe?"),
        help_text=_("Ask for it. Don’t take it from the display."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
        error_messages={"required": _("Enter the number that they say is safe.")},
    )
    within = forms.TypedChoiceField(
        label=_("Until when is it safe to call?"),
        choices=[("", _("Choose")), *HOURS],
        coerce=int,
        error_messages={"required": _("Choose until when.")},
    )
    otherwise = forms.ChoiceField(
        label=_("If somebody else answers, what do we do?"),
        choices=models.CallBack.Otherwise.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what to do.")},
    )

    @property
    def asked(self) -> calling_back.Asked:
        """Return what they asked for."""
        return calling_back.Asked(
            self.cleaned_data["number"],
            datetime.timedelta(hours=self.cleaned_data["within"]),
            models.CallBack.Otherwise(self.cleaned_data["otherwise"]),
        )
