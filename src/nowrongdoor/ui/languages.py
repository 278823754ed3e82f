"""Which language a page is in, and which run of words is in another: tags for every template."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django import template
from django.conf import settings
from django.utils import html, safestring, translation

from nowrongdoor.core import country, country_words, language
from nowrongdoor.core.language import gettext
from nowrongdoor.core.mandates import explain

register = template.Library()
_OF_A_PERSON = re.compile(r"Person (\d+): (.+)")  # releases/actions.py


@register.simple_tag
def page_language() -> str:
    """Return the language of the page, as HTML names it."""
    return translation.get_language() or language.SOURCE


@register.simple_tag
def page_direction() -> str:
    """Return the direction in which the page's language is written."""
    return "rtl" if translation.get_language_bidi() else "ltr"


@register.simple_tag
def offered_languages() -> Sequence[tuple[str, str]]:
    """List the languages that pages can be shown in, each by what it calls itself: whoever looks for theirs may read no
    other."""
    return [(code, str(name)) for code, name in settings.LANGUAGES]


@register.filter
def own_name(code: str) -> str:
    """Return what a language calls itself, for whoever looks for it on a page of another."""
    return language.name_of(code)


@register.filter
def in_english(words: str) -> str | safestring.SafeString:
    """Mark a run of words that stays English on every page, such as a citation; on an English page it needs no mark."""
    if not words or language.is_source(page_language()):
        return words
    return html.format_html('<span lang="en" dir="ltr">{}</span>', words)


@register.filter
def worded(words: str) -> str | safestring.SafeString:
    """Say a sentence of the country's (a rule's, a gate's, a question) in the page's language; of one that has no
    translation, the original, marked as what it is."""
    if (
        not words
        or country_words.is_translated(words)
        or page_language().partition("-")[0] == country.installed().language
    ):
        return country_words.worded(words)
    return html.format_html('<span lang="{}">{}</span>', country.installed().language, words)


@register.filter
def worded_plain(words: str) -> str:
    """Say a sentence of the country's where no mark can stand: in an attribute or an option of a list."""
    return country_words.worded(words)


@register.filter
def duty_words(why: str) -> str | safestring.SafeString:
    """Say why something is owed, which is kept in the country's words: alone, or of a numbered person."""
    numbered = _OF_A_PERSON.fullmatch(why)
    if numbered is None:
        return worded(why)
    words = gettext("Person {number}: {duty}")
    return html.format_html(words, number=numbered[1], duty=worded(numbered[2]))


@register.filter
def finding_words(words: str) -> str | safestring.SafeString:
    """Say what an instrument found, which is kept in the country's words or in the product's."""
    ours = gettext(words) if words else ""
    return ours if ours != words else worded(words)


@register.filter
def said(sentence: str) -> str:
    """Say a sentence of the product's that was kept as it stands in the code, such as why an offer ended."""
    return gettext(sentence) if sentence else ""


@register.filter
def limit_words(limit: str) -> str:
    """Say how long a deadline runs, which is kept as "24 hours" or "promptly"."""
    return explain.limit_in_words(limit)
