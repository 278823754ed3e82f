"""The paper that a person signs: its words in their language, and the code by which it is known again.

The promise: what is kept as a release is what was signed. The words on the paper are made of what the release will say
and of nothing else, the paper bears a code made of its words, and whoever keeps the release types that code in.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import re
from collections.abc import Sequence

from django.conf import settings
from django.utils import formats, timezone, translation

from nowrongdoor.core import parts
from nowrongdoor.core.disclosure_grounds import Signer
from nowrongdoor.core.language import gettext as _

_CODE = 8  # letters and digits; it guards against mixing papers up, and is no secret
LANGUAGES = tuple(settings.LANGUAGES)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """How a release was signed. `co_signer_name`: who signed with the person or for them; `co_signer_number`: which
    person on record that is, if they are one; `excluded`: who may not sign, and why, which is on no paper."""

    signer: Signer = Signer.PERSON
    co_signer_name: str = ""
    co_signer_number: int | None = None
    is_no_abuser: bool = False
    excluded: str = ""
    longer_because: str = ""
    signed_at: datetime.datetime | None = None
    language: str = ""
    text: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What a person agrees to. It names nobody: the person writes their name themselves."""

    reference: str
    number: int
    giver: str
    recipient: str
    which: Sequence[str]
    purpose: str
    until: datetime.datetime
    signing: Signing


@dataclasses.dataclass(frozen=True, slots=True)
class Paper:
    """A paper to sign, in one language."""

    language: str
    title: str
    lines: Sequence[str]
    code: str

    @property
    def text(self) -> str:
        """Return the words that are signed."""
        return "\n".join((self.title, *self.lines))


def paper(agreed: Agreed, language: str) -> Paper:
    """Write the paper in a language."""
    with translation.override(language):
        lines = _lines(agreed)
        title = _("Permission to share information about me")
    words = "\n".join((title, *lines))
    return Paper(language, title, lines, code_of(words))


def is_code_of(typed: str, of: Paper) -> bool:
    """Return whether somebody typed the code of a paper, however they wrote it."""
    return re.sub(r"[^0-9A-Z]", "", typed.upper()) == of.code.replace("-", "")


def code_of(words: str) -> str:
    """Return the code of the words on a paper."""
    digest = hashlib.sha256(words.encode()).hexdigest().upper()[:_CODE]
    return f"{digest[:4]}-{digest[4:]}"


def _lines(agreed: Agreed) -> list[str]:
    signing = agreed.signing
    which = ", ".join(str(parts.Part(each).words) for each in agreed.which)
    ends = formats.date_format(timezone.localtime(agreed.until), "DATE_FORMAT")
    lines = [
        _("{giver} may share this information about me with {recipient}: {parts}.").format(
            giver=agreed.giver, recipient=agreed.recipient, parts=which
        ),
        _("What it is for: {purpose}").format(purpose=agreed.purpose),
        _("This permission ends on {day}.").format(day=ends),
    ]
    if signing.longer_because:
        lines.append(_("Why it is longer than 90 days: {reason}").format(reason=signing.longer_because))
    lines += [
        _("I don’t have to sign. I get help whether I sign or not, and nobody may make me sign to get a service."),
        _("I can take this back at any time, in writing or by saying so, also by phone. It ends at once."),
        _("What was already shared can’t be called back."),
        _signer(signing),
        _("Case {reference}, person {number}.").format(reference=agreed.reference, number=agreed.number),
    ]
    return lines


def _signer(signing: Signing) -> str:
    return {
        Signer.PERSON: _("I am 18 or older, and I sign for myself."),
        Signer.MINOR: _("I am under 18. I may get this service by myself, so I sign for myself."),
        Signer.MINOR_AND_PARENT: _(
            "I am under 18. I sign, and {name} signs with me as my parent or guardian. They don’t hurt or use me."
        ),
        Signer.GUARDIAN: _(
            "{name} signs as the guardian of the person whom this is about, and doesn’t hurt or use that person."
        ),
    }[signing.signer].format(name=signing.co_signer_name)
