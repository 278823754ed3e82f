"""What the pages of this room say of themselves, for their templates."""

from __future__ import annotations

import dataclasses

from django import template
from django.utils import formats, translation

from nowrongdoor.core import country_words, language, public_help
from nowrongdoor.line import chatting
from nowrongdoor.operating import about

register = template.Library()


@dataclasses.dataclass(frozen=True, slots=True)
class Approval:
    """What an approved form says: its number and day, how long it takes, where that is from and how well founded; the
    statement of the agency's counsel, and in which language it is."""

    number: str
    burden: str
    source: str
    evidence: str
    statement: str
    statement_language: str


@register.simple_tag
def has_chat() -> bool:
    """Return whether this installation has a line on which the public chats."""
    return bool(chatting.line_code())


@register.simple_tag
def approval() -> Approval | None:
    """Return what whoever runs this installation has to say on a form for the public, None where that is nothing."""
    form, words = about.installed().form, public_help.installed().form
    if not form or not words:
        return None
    values = {
        "number": form.number,
        "expires": formats.date_format(form.expires_on),
        "minutes": str(form.minutes),
        "comments": form.comments,
    }
    number, burden = (
        public_help.filled_in(country_words.worded(each), values) for each in (words.number, words.burden)
    )
    written = form.statement(translation.get_language() or language.SOURCE)
    return Approval(number, burden, words.source, words.evidence, *written)
