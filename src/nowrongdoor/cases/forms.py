"""The forms of a case's page for what is written in it. What they send, the actions check: nothing that somebody typed
is cut off or changed on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from nowrongdoor.access import viewers
from nowrongdoor.cases import files, models, noting, person_words
from nowrongdoor.core import parts
from nowrongdoor.ui import rendering
from nowrongdoor.uploads import kinds

Audience = models.Note.Audience
# What a role is told about its own list (field.md, F2 and F23: read as known practice, not as the text of a law).
_KEPT = {
    viewers.Role.ADVOCATE: gettext_lazy("Your agency’s investigators and victim specialists never see it."),
    viewers.Role.INVESTIGATOR: gettext_lazy("What you write may have to be disclosed to the defense."),
    viewers.Role.VICTIM_SPECIALIST: gettext_lazy(
        "You’re part of the prosecution team. What you write may have to be disclosed to the defense."
    ),
}
LISTS = {
    viewers.Role.ADVOCATE: pgettext_lazy("who reads a note", "Advocates at my agency only"),
    viewers.Role.COORDINATOR: pgettext_lazy("who reads a note", "Coordinators at my agency only"),
    viewers.Role.INVESTIGATOR: pgettext_lazy("who reads a note", "Investigators at my agency only"),
    viewers.Role.PROVIDER: pgettext_lazy("who reads a note", "Providers at my agency only"),
    viewers.Role.VICTIM_SPECIALIST: pgettext_lazy("who reads a note", "Victim specialists at my agency only"),
}
ADDRESSED = {
    viewers.Role.ADVOCATE: pgettext_lazy("whom a note is for", "Advocates"),
    viewers.Role.COORDINATOR: pgettext_lazy("whom a note is for", "Coordinators"),
    viewers.Role.INVESTIGATOR: pgettext_lazy("whom a note is for", "Investigators"),
    viewers.Role.PROVIDER: pgettext_lazy("whom a note is for", "Providers"),
    viewers.Role.VICTIM_SPECIALIST: pgettext_lazy("whom a note is for", "Victim specialists"),
}


def audiences(role: viewers.Role, team: str) -> list[tuple[str, rendering.Described]]:
    """List who may read what somebody writes: their own role's list first where they keep one, then the agency, then
    everybody on the case. `team`: what not to write for everybody."""
    agency = (
        _("Everyone there who opens cases, except investigators and victim specialists.")
        if role is viewers.Role.ADVOCATE
        else _("Everyone there who opens cases.")
    )
    return [
        (Audience.ROLE.value, rendering.Described(str(LISTS[role]), str(_KEPT.get(role, "")))),
        (Audience.AGENCY.value, rendering.Described(_("My agency only"), agency)),
        (Audience.TEAM.value, rendering.Described(_("Everyone on this case"), team)),
    ]


class NoteForm(forms.Form):
    """A new note."""

    text = forms.CharField(label=gettext_lazy("Add a note"), strip=False, widget=forms.Textarea)
    audience = forms.ChoiceField(label=gettext_lazy("Who may read it?"), widget=forms.RadioSelect)
    for_role = forms.ChoiceField(label=gettext_lazy("Is it for somebody in particular?"), required=False)

    def __init__(self, role: viewers.Role) -> None:
        first = Audience.ROLE if role is viewers.Role.ADVOCATE else Audience.AGENCY
        super().__init__(initial={"audience": first.value}, auto_id="note-%s", prefix=None)
        choices = audiences(role, _("Don’t name or describe anyone."))
        self.fields["audience"].choices = choices  # type: ignore[attr-defined]
        addressed = [(each.value, words) for each, words in ADDRESSED.items()]
        self.fields["for_role"].choices = [("", _("No one in particular")), *addressed]  # type: ignore[attr-defined]
        if role in _KEPT and role is not viewers.Role.ADVOCATE:
            self.fields["text"].help_text = str(_KEPT[role])


class CorrectionForm(forms.Form):
    """What a note says from now on. `seen`: how many corrections its writer has seen."""

    text = forms.CharField(label=gettext_lazy("What should the note say?"), strip=False, widget=forms.Textarea)
    because = forms.CharField(
        label=gettext_lazy("Why are you correcting it?"),
        help_text=gettext_lazy("The earlier text stays on record for everyone who could read it."),
        max_length=noting.REASON_LIMIT,
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


class FileForm(forms.Form):
    """A file to attach."""

    label = forms.CharField(
        label=gettext_lazy("What is it?"),
        help_text=gettext_lazy("A few words to find it by. The name that the file has on your device is not kept."),
        max_length=files.LABEL_LIMIT,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    file = forms.FileField(label=gettext_lazy("File"), widget=forms.FileInput(attrs={"accept": kinds.ACCEPT}))
    audience = forms.ChoiceField(label=gettext_lazy("Who may open it?"), widget=forms.RadioSelect)

    def __init__(self, role: viewers.Role, sent: Mapping[str, str] | None = None, hint: str = "") -> None:
        first = Audience.ROLE if role is viewers.Role.ADVOCATE else Audience.AGENCY
        super().__init__(sent, initial={"audience": first.value}, auto_id="file-%s")
        self.fields["audience"].choices = audiences(role, _("It names and shows no one."))  # type: ignore[attr-defined]
        self.fields["file"].help_text = hint

    def refuse(self, field: str, problem: str) -> None:
        """Say beside one field, and nowhere else, why the file wasn't taken."""
        self.errors.clear()
        self.add_error(field, problem)


class WithdrawForm(forms.Form):
    """Why a file is withdrawn."""

    because = forms.CharField(
        label=gettext_lazy("Why are you withdrawing it?"),
        help_text=gettext_lazy("Nobody can open it anymore. Its entry stays, with your name and this reason."),
        max_length=files.REASON_LIMIT,
    )


class PersonForm(forms.Form):
    """What somebody chose to share. None of it has to be given."""

    says_optional = False

    def __init__(self) -> None:
        super().__init__(auto_id="person-%s")
        for name, (_part, words) in parts.FIELDS.items():
            self.fields[f"person_{name}"] = forms.CharField(
                label=words,
                required=False,
                widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 1_000}),
            )


class RoleForm(forms.Form):
    """What somebody is in the case, and from when to when."""

    role = forms.ChoiceField(label=gettext_lazy("Role in the case"))
    from_on = rendering.DayField(label=gettext_lazy("From"), required=False)
    to_on = rendering.DayField(label=gettext_lazy("To"), required=False)

    def __init__(self, sent: Mapping[str, str] | None = None) -> None:
        super().__init__(sent, auto_id="role-%s")
        self.fields["role"].choices = [("", _("Choose")), *person_words.ROLES.items()]  # type: ignore[attr-defined]


class RelationForm(forms.Form):
    """How somebody stands to another person of the case. `others`: those whom the same agency wrote down."""

    kind = forms.ChoiceField(label=gettext_lazy("This person is the"))
    other = forms.ChoiceField(label=gettext_lazy("of"))

    def __init__(self, others: Sequence[tuple[str, str]], sent: Mapping[str, str] | None = None) -> None:
        super().__init__(sent, auto_id="relation-%s")
        self.fields["kind"].choices = [("", _("Choose")), *person_words.RELATIONS.items()]  # type: ignore[attr-defined]
        self.fields["other"].choices = [("", _("Choose")), *others]  # type: ignore[attr-defined]
