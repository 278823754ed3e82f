"""The form with which a sender adds a file to their contact. What comes in, `files` checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.signals import files
from nowrongdoor.ui import rendering, tags
from nowrongdoor.uploads import checking, kinds, refusing

KEEP, TAKE_OUT = "yes", "no"


def _choices() -> Sequence[tuple[str, rendering.Described]]:
    return (
        (
            TAKE_OUT,
            rendering.Described(_("No"), _("We take it out before anyone sees the file, and don’t keep the original.")),
        ),
        (
            KEEP,
            rendering.Described(
                _("Yes"), _("We lock the original away for an investigator. Everyone else sees a copy without it.")
            ),
        ),
    )


class SentFileForm(forms.Form):
    """A file to add, and whether it may keep what it knows."""

    file = forms.FileField(
        label=gettext_lazy("Picture or document"), widget=forms.FileInput(attrs={"accept": kinds.ACCEPT})
    )
    keep = forms.ChoiceField(
        label=gettext_lazy("Keep what the picture knows about where and when it was taken?"),
        help_text=gettext_lazy("It can help an investigation; it can also tell who you are."),
        widget=forms.RadioSelect,
        choices=_choices,
        error_messages={"required": gettext_lazy("Choose “No” or “Yes”.")},
    )

    def __init__(
        self,
        sent: Mapping[str, object] | None = None,
        given: MultiValueDict[str, UploadedFile[IO[bytes]]] | None = None,
    ) -> None:
        super().__init__(sent, given, initial={"keep": TAKE_OUT}, auto_id="sent-%s")  # type: ignore[arg-type]
        hint = _("A JPEG or PNG picture, a PDF, text, CSV, Excel, or Word; at most {size}. We don’t keep its name.")
        self.fields["file"].help_text = hint.format(size=tags.as_size(checking.LIMIT))
        self.fields["file"].error_messages |= {
            "required": _("Choose the file to add."),
            "empty": _("This file is empty. Choose it again."),
        }

    def look(self) -> files.Ready | None:
        """Look at the file, outside any transaction, and return what may be kept of it; or say in the form why it isn’t
        taken, and return None."""
        if not self.is_valid():
            return None
        given, keep = self.cleaned_data["file"], self.cleaned_data["keep"] == KEEP
        try:
            return files.look_at(files.Upload(given.name or "", given.read()), keep_original=keep)
        except refusing.Refused as problem:
            self.add_error("file", str(problem))
            return None
