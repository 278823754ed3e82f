"""Which language a page is in, and which run of words is in another: tags for every template."""

from __future__ import annotations

from django import template
from django.utils import html, safestring, translation

from nowrongdoor.core import language

register = template.Library()


@register.simple_tag
def page_language() -> str:
    """Return the language of the page, as HTML names it."""
    return translation.get_language() or language.SOURCE


@register.simple_tag
def page_direction() -> str:
    """Return the direction in which the page's language is written."""
    return "rtl" if translation.get_language_bidi() else "ltr"


@register.filter
def in_english(words: str) -> str | safestring.SafeString:
    """Mark a run of words that stays English on every page, such as a citation; on an English page it needs no mark."""
    if not words or language.is_source(page_language()):
        return words
    return html.format_html('<span lang="en" dir="ltr">{}</span>', words)
