"""Which language a page is in, and which run of words is in another: tags for every template."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django import http, template, urls
from django.conf import settings
from django.utils import html, safestring, translation

from nowrongdoor.core import country, country_words, language
from nowrongdoor.core.language import gettext
from nowrongdoor.core.mandates import explain
from nowrongdoor.ui import kept_language

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
def public_url(name: str, *args: object) -> str:
    """Return the address of a public page, in the language that the address of this one asked for."""
    return kept_language.keeping(urls.reverse(name, args=args))


@register.simple_tag(takes_context=True)
def public_languages(context: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """List the languages of public pages, each with the address of this page in it; none on a page of staff."""
    request = context.get("request")
    tongue = getattr(request, "tongue", None)
    if not isinstance(request, http.HttpRequest) or tongue is None or not tongue.is_public:
        return ()
    here = request.get_full_path()
    return tuple((code, kept_language.in_language(here, code)) for code, _ in settings.PUBLIC_LANGUAGES)


@register.simple_tag
def safety_said_in() -> str:
    """Return the language in which this page says what is about safety, where that is another than its own."""
    return language.said_instead()


class Safety(template.Node):
    """What is about safety: in the page's language where somebody reviewed it, else in the country's first."""

    def __init__(self, within: template.NodeList, element: str) -> None:
        self.within, self.element = within, element

    def render(self, context: template.Context) -> safestring.SafeString:
        """Say it, marked with its language where that is another than the page's."""
        instead = language.said_instead()
        if not instead:
            return self.within.render(context)
        with translation.override(instead):
            words = self.within.render(context)
            return html.format_html(
                '<{0} lang="{1}" dir="{2}">{3}</{0}>',
                self.element,
                instead,
                page_direction(),
                words,
            )


@register.tag
def safety(parser: template.base.Parser, token: template.base.Token) -> Safety:
    """Hold words about danger, consent, receipts, or who is told, each a sentence with the context "safety": `{% safety
    %}…{% endsafety %}` around whole elements, `{% safety "span" %}` within a line."""
    _, *given = token.split_contents()
    within = parser.parse(("endsafety",))
    parser.delete_first_token()
    return Safety(within, given[0].strip("\"'") if given else "div")


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
def telephone(number: str) -> safestring.SafeString:
    """Show a telephone number, which runs from left to right on every page: among Arabic words its groups would be read
    in the wrong order."""
    return html.format_html('<bdi class="telephone" dir="ltr">{}</bdi>', number)


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
