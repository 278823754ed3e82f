"""The forms about a person: finding them, their consent, and what a law asks to be told."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django import forms
from django.http import QueryDict
from django.utils import text, timezone, translation

from nowrongdoor.core import country_words, disclosure_grounds, parts
from nowrongdoor.core.language import gettext_lazy as _
from nowrongdoor.releases import actions, messaging, models, signing
from nowrongdoor.ui import rendering

Choices = Sequence[tuple[str, str]]


class FindForm(forms.Form):
    """What to look for; it stands in no address."""

    q = forms.CharField(
        label=_("Name, number, or email"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class _TellingForm(forms.Form):
    """To which agency, and which parts."""

    recipient = forms.ChoiceField(error_messages={"required": _("Choose an agency.")})
    part = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose at least one part.")}
    )

    def __init__(self, recipients: Choices, sent: QueryDict | None = None) -> None:
        super().__init__(sent, auto_id=f"{self.short}-%s")
        recipient, part = self.fields["recipient"], self.fields["part"]
        assert isinstance(recipient, forms.ChoiceField)
        assert isinstance(part, forms.MultipleChoiceField)
        recipient.choices = [("", _("Choose")), *recipients]
        part.choices = [(each.value, text.capfirst(str(each.words))) for each in parts.Part]

    short = "t"


class ReleaseForm(_TellingForm):
    """What a release says, before it is on paper. `people`: number and words of those on record who could sign too."""

    short = "r"
    purpose = forms.CharField(
        label=_("What is it for, in the person’s words?"), max_length=actions.LIMIT, widget=forms.Textarea
    )
    until = rendering.DayField(
        label=_("When does it end?"),
        help_text=_("Usually 15 days; up to 90. The person can end it earlier at any time, also by phone."),
        error_messages=dict.fromkeys(("required", "invalid"), _("Consent ends: choose a day within a year.")),
    )
    longer = forms.CharField(
        label=_("If it has to last longer than 90 days: why?"), max_length=actions.LIMIT, required=False
    )
    signer = forms.ChoiceField(
        label=_("Who signs?"), widget=forms.RadioSelect, error_messages={"required": _("Say who signs.")}
    )
    co_signer = forms.CharField(
        label=_("Parent or guardian who signs: name, and who they are to the person"),
        max_length=actions.LIMIT,
        required=False,
    )
    co_signer_number = forms.TypedChoiceField(
        label=_("Is this parent or guardian a person on this case?"), required=False, coerce=int, empty_value=None
    )
    no_abuser = forms.BooleanField(
        label=_("I asked alone: this parent or guardian doesn’t hurt, threaten, or use the person."), required=False
    )
    excluded = forms.CharField(
        label=_("Who may not sign or learn of this, and why?"),
        help_text=_("This is sealed in your agency’s record. It’s on no paper."),
        max_length=actions.LIMIT,
        required=False,
    )
    language = forms.ChoiceField(label=_("In which language does the person read and sign?"))

    def __init__(
        self,
        recipients: Choices,
        sent: QueryDict | None = None,
        people: Sequence[tuple[int, str]] = (),
    ) -> None:
        super().__init__(recipients, sent)
        self.fields["recipient"].label = _("Which agency may see it?")
        self.fields["part"].label = _("What may the agency see?")
        self._choices("signer", [(each.value, each.words) for each in disclosure_grounds.Signer])
        self._choices("co_signer_number", [("", _("No, nobody on record")), *people])
        self._choices("language", list(signing.LANGUAGES))
        today = timezone.localdate()
        self.initial = {
            "until": today + disclosure_grounds.USUAL_CONSENT,
            "signer": disclosure_grounds.Signer.PERSON.value,
            "language": translation.get_language(),
        }
        self.fields["until"].widget.attrs |= {
            "min": (today + datetime.timedelta(days=1)).isoformat(),
            "max": (today + disclosure_grounds.LONGEST_CONSENT).isoformat(),
        }

    def _choices(self, name: str, choices: Sequence[tuple[object, object]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_until(self) -> datetime.datetime:
        """Return the last moment of the day."""
        try:
            ends = datetime.datetime.combine(self.cleaned_data["until"], datetime.time.max)
            return timezone.make_aware(ends)
        except OverflowError:
            raise forms.ValidationError(str(self.fields["until"].error_messages["invalid"])) from None

    @property
    def how(self) -> signing.Signing:
        """Return how it is signed, once the form was taken."""
        sent, signer = self.cleaned_data, disclosure_grounds.Signer(self.cleaned_data["signer"])
        return signing.Signing(
            signer=signer,
            co_signer_name=sent["co_signer"] if signer.needs_another else "",
            co_signer_number=sent["co_signer_number"] if signer.needs_another else None,
            is_no_abuser=signer.needs_another and sent["no_abuser"],
            excluded=sent["excluded"],
            longer_because=sent["longer"],
            language=sent["language"],
        )


class SignedForm(forms.Form):
    """That the paper was signed: its code, when, and who was there."""

    code = forms.CharField(
        label=_("Code at the foot of the signed paper"),
        help_text=_("It shows that the paper says what is saved here."),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    signed_at = forms.DateTimeField(label=_("When was it signed?"), widget=rendering.Moment)
    witness = forms.CharField(label=_("Who was there when it was signed?"), max_length=actions.LIMIT)

    def __init__(self, sent: QueryDict | None = None) -> None:
        super().__init__(sent, auto_id="s-%s")


class RevokeForm(forms.Form):
    """In which way a person took a release back."""

    way = forms.ChoiceField(
        label=_("How did the person say so?"),
        help_text=_("Saying it is enough. It counts at once."),
        widget=forms.RadioSelect,
        choices=[
            (actions.Way.PHONE.value, _("By phone")),
            (actions.Way.IN_PERSON.value, _("In person")),
            (actions.Way.WRITING.value, _("In writing")),
        ],
        error_messages={"required": _("Say how the person took it back.")},
    )


class DisclosureForm(_TellingForm):
    """What is told without consent, and the duty to tell it."""

    short = "d"
    ground = forms.ChoiceField(
        label=_("Which duty?"), widget=forms.RadioSelect, error_messages={"required": _("Choose the legal duty.")}
    )
    because = forms.CharField(label=_("Why?"), max_length=actions.LIMIT, widget=forms.Textarea)

    def __init__(self, recipients: Choices, sent: QueryDict | None = None) -> None:
        super().__init__(recipients, sent)
        self.fields["recipient"].label = _("Which agency?")
        self.fields["part"].label = _("What do you disclose?")
        ground = self.fields["ground"]
        assert isinstance(ground, forms.ChoiceField)
        ground.choices = [
            (
                each.value,
                rendering.Described(country_words.worded(law.words), citation=law.citation, evidence=law.evidence),
            )
            for each, law in disclosure_grounds.installed().law.items()
        ]
        self.order_fields(("ground", "recipient", "part", "because"))


class AskForm(forms.Form):
    """What the lead needs, from whom, and why."""

    to = forms.ChoiceField(label=_("Which agency do you ask?"), error_messages={"required": _("Choose an agency.")})
    what = forms.ChoiceField(
        label=_("What do you need?"), widget=forms.RadioSelect, error_messages={"required": _("Choose what you need.")}
    )
    person = forms.ChoiceField(
        label=_("About whom?"), help_text=_("Needed for a way to reach them, or a release."), required=False
    )
    because = forms.CharField(label=_("Why do you need it?"), max_length=actions.LIMIT, widget=forms.Textarea)

    def __init__(self, givers: Choices, people: Choices, sent: QueryDict | None = None) -> None:
        super().__init__(sent, auto_id="ask-%s")
        given = {
            "to": [("", _("Choose")), *givers],
            "what": list(models.CaseRequest.What.choices),
            "person": [("", _("Nobody in particular")), *people],
        }
        for name, choices in given.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


class AnswerForm(forms.Form):
    """An answer in words."""

    words = forms.CharField(
        label=_("What did the person say?"),
        help_text=_("Name nobody: write “person 1.” The agency that asked reads it."),
        max_length=actions.LIMIT,
        widget=forms.Textarea,
    )


class ReleasedForm(forms.Form):
    """An answer by a release that is in force."""

    release = forms.ChoiceField(label=_("Which release lets them see it?"), widget=forms.RadioSelect)

    def __init__(self, releases: Choices, auto_id: str) -> None:
        super().__init__(auto_id=auto_id)
        field = self.fields["release"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = releases


class CalledForm(forms.Form):
    """An answer by a call in which the person spoke for themselves."""

    called_at = forms.DateTimeField(
        label=_("When was the call?"),
        help_text=_("Both agencies and the person were on it, and the person told them what they wanted to."),
        widget=rendering.Moment,
    )


class RefuseForm(forms.Form):
    """Why a request is refused."""

    reason = forms.CharField(label=_("Why do you refuse?"), max_length=actions.LIMIT, widget=forms.Textarea)


class MessageForm(forms.Form):
    """A message to another agency of the case."""

    to = forms.ChoiceField(label=_("To which agency?"), error_messages={"required": _("Choose an agency.")})
    text = forms.CharField(label=_("Message"), max_length=messaging.LIMIT, widget=forms.Textarea)
    for_prosecutors = forms.BooleanField(
        label=_("Attorney work product: only prosecutors read it, in your office and theirs"), required=False
    )

    def __init__(self, recipients: Choices, *, is_prosecutor: bool, sent: QueryDict | None = None) -> None:
        super().__init__(sent, auto_id="message-%s")
        to = self.fields["to"]
        assert isinstance(to, forms.ChoiceField)
        to.choices = [("", _("Choose")), *recipients]
        if not is_prosecutor:
            del self.fields["for_prosecutors"]
