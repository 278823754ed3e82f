"""The key of a contact, under which what is noted beside it is sealed: it ends with the words of the contact."""

from __future__ import annotations

from nowrongdoor.core import line
from nowrongdoor.core.language import gettext
from nowrongdoor.line.models import Contact
from nowrongdoor.vault import keys, sealing


def key_of(contact: Contact) -> sealing.Key:
    """Return it. line.Refused where it was destroyed."""
    try:
        return keys.of(contact.id)
    except keys.Erased:
        raise line.Refused(gettext("What was said in this contact was erased, so nothing is added to it.")) from None
