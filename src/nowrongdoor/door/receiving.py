"""Receipts on pages: how one is written for whoever gets it, and read from whoever comes back."""

from __future__ import annotations

import dataclasses

from django import forms
from django.core import exceptions
from django.utils import translation

from nowrongdoor.core import language, receipts
from nowrongdoor.core.language import gettext_lazy

RECEIPT_LIMIT = 400  # characters: eight words, however they are spaced


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """A receipt as a page shows it: eight words where the page's language has them (else empty), and 25 digits."""

    words: str
    digits: str


def written(receipt: receipts.Receipt) -> Written:
    """Write a receipt for the language of the page."""
    code = (translation.get_language() or language.SOURCE).partition("-")[0]
    return Written(receipt.words(code) if code in receipts.LANGUAGES else "", receipt.digits)


class ReceiptField(forms.CharField):
    """A receipt, in words or digits; what is wrong with it is said as the receipt's own check says it."""

    def clean(self, value: object) -> receipts.Receipt:
        """Read it, once there is something to read."""
        try:
            return receipts.read(super().clean(value))
        except receipts.Mistyped as error:
            raise exceptions.ValidationError(str(error), code="mistyped") from None


class ReceiptForm(forms.Form):
    """What opens a mailbox, or what was saved to finish later."""

    receipt = ReceiptField(
        label=gettext_lazy("Your receipt"),
        help_text=gettext_lazy("Eight words, or 25 digits. Spaces and capital letters don’t matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Enter your receipt: eight words, or 25 digits.")},
    )
