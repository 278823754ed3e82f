"""The parts that pages are made of, on the design system (USWDS), as Django's own template tags.

The promise: each works without JavaScript, by keyboard and touch, in forced colors and from right to left; its words
can be translated. docs/components.md lists them; /components shows each in every state, on a demonstration.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from django import forms, http, template
from django.template import loader
from django.utils import timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, pgettext_lazy

from nowrongdoor.core import official
from nowrongdoor.ui import helping, rendering

register = template.Library()

# How well a statement is founded: its word, and what the word means in one line.
EVIDENCE = {
    "statute": (
        pgettext_lazy("how well a legal statement is founded", "statute"),
        gettext_lazy("Statute: we read the text of the law itself. The citation says where."),
    ),
    "secondary": (
        pgettext_lazy("how well a legal statement is founded", "secondary"),
        gettext_lazy("Secondary: we read someone else’s account of the law, not the law itself."),
    ),
    "policy": (
        pgettext_lazy("how well a legal statement is founded", "policy"),
        gettext_lazy("Policy: somebody chose this. No law requires it."),
    ),
    "unverified": (
        pgettext_lazy("how well a legal statement is founded", "unverified"),
        gettext_lazy("Unverified: general knowledge that nobody has checked yet. Confirm it before you rely on it."),
    ),
}
ALERTS = ("info", "success", "warning", "error", "emergency")
BUTTONS = {"": "", "outline": " usa-button--outline", "danger": " usa-button--secondary", "big": " usa-button--big"}


class NoSuchState(ValueError):
    """A component has no such state."""

    def __init__(self, component: str, state: str, known: Sequence[str]) -> None:
        super().__init__(f"{component} has no state {state!r}. Choose one of: {', '.join(known)}.")


def _made(name: str, **context: object) -> SafeString:
    return SafeString(loader.get_template(f"ui/{name}.html").render(context))


# What a page says of itself.


@register.simple_block_tag
def alert(
    content: SafeString, kind: str, heading: str = "", id: str = "", role: str = "", hidden: object = False
) -> SafeString:
    """Show a message: `info`, `success`, `warning`, `error` or `emergency`. What appears while the page is open has a
    `role`: "alert" interrupts, "status" waits."""
    if kind not in ALERTS:
        raise NoSuchState("alert", kind, ALERTS)
    return _made("alert", content=content, kind=kind, heading=heading, id=id, role=role, hidden=hidden)


@register.simple_block_tag
def summary_box(content: SafeString, heading: str, id: str = "summary") -> SafeString:
    """Show what matters most on a page, before the rest."""
    return _made("summary_box", content=content, heading=heading, id=id)


@register.simple_block_tag
def confirmation(content: SafeString, heading: str, reference: str = "") -> SafeString:
    """Head the page that says what was done, with the first heading of the page; below it stands what happens next."""
    return _made("confirmation", content=content, heading=heading, reference=reference)


@register.simple_block_tag
def empty_state(content: SafeString, heading: str) -> SafeString:
    """Say that there is nothing, and what to do about it."""
    return _made("empty_state", content=content, heading=heading)


@register.simple_block_tag
def cards(content: SafeString) -> SafeString:
    """Hold cards, side by side where there is room."""
    return format_html('<ul class="usa-card-group">{}</ul>', content)


@register.simple_block_tag
def card(content: SafeString, heading: str, url: str = "", footer: str = "") -> SafeString:
    """Show one thing of several alike; `url` is where its heading leads."""
    return _made("card", content=content, heading=heading, url=url, footer=footer)


@register.simple_block_tag
def section(content: SafeString, id: str, heading: str, count: object = None) -> SafeString:
    """Show a part of a page under its heading, where in-page navigation leads."""
    return _made("section", content=content, id=id, heading=heading, count=count)


# Tags.


@register.simple_tag
def status_tag(words: str, kind: str = "") -> SafeString:
    """Show a state in a word: plain, `open`, `late`, `new` or `waiting`."""
    return format_html('<span class="usa-tag{}">{}</span>', f" {kind}" if kind else "", words)


@register.simple_tag
def evidence(codes: str) -> SafeString:
    """Show how well a statement is founded ("statute+secondary"): each word is a button that explains itself. The
    explanations stand once in the frame of the page (`evidence_explained`)."""
    shown = codes.split("+") if codes else ()
    return format_html_join(
        " ", "{}", ((_explained(code) if code in EVIDENCE else status_tag(code),) for code in shown)
    )


@register.simple_tag
def evidence_explained() -> SafeString:
    """Write the explanations that `evidence` opens; in a browser without popovers they stand at the page's end."""
    return format_html_join(
        "",
        '<p class="explanation" id="explained-{}" popover>{}</p>',
        ((code, words) for code, (_, words) in EVIDENCE.items()),
    )


def evidence_words(codes: str) -> str:
    """Say how well a statement is founded where no button can stand, as on paper."""
    return ", ".join(str(EVIDENCE[code][0]) if code in EVIDENCE else code for code in codes.split("+"))


def _explained(code: str) -> SafeString:
    button = '<button type="button" class="usa-tag explained {}" popovertarget="explained-{}">{}</button>'
    return format_html(button, code, code, EVIDENCE[code][0])


# Where somebody is, and where they can go.


@register.simple_block_tag
def breadcrumbs(content: SafeString, here: str) -> SafeString:
    """Show the way from the top to this page; the content is `crumb`s, `here` names the page itself."""
    return _made("breadcrumbs", content=content, here=here)


@register.simple_tag
def crumb(url: str, words: str) -> SafeString:
    """Link one step of the way."""
    return format_html(
        '<li class="usa-breadcrumb__list-item"><a class="usa-breadcrumb__link" href="{}"><span>{}</span></a></li>',
        url,
        words,
    )


@register.simple_block_tag
def in_page_navigation(content: SafeString) -> SafeString:
    """Lead to the parts of a long page; the content is `part_link`s. It needs no script."""
    return _made("in_page_navigation", content=content)


@register.simple_tag
def part_link(id: str, words: str, count: object = None) -> SafeString:
    """Link one part of the page by the id of its heading."""
    number = "" if count is None else format_html(' <span class="count">{}</span>', count)
    return format_html(
        '<li class="usa-in-page-nav__item"><a class="usa-in-page-nav__link" href="#{}">{}{}</a></li>', id, words, number
    )


@register.simple_tag
def pager(previous: str = "", next: str = "", words: str = "", label: str = "") -> SafeString:
    """Lead to the page before and the page after; `words` says where one is ("Page 2 of 9"). Where a page has several
    lists, `label` says which of them it turns."""
    return (
        _made("pager", previous=previous, next=next, words=words, label=label)
        if previous or next or words
        else SafeString("")
    )


@register.simple_block_tag
def filters(content: SafeString, url: str, on: int = 0, clear: str = "") -> SafeString:
    """Narrow a list: the content is fields, sent in the address, so they hold codes and never words about people. `on`
    says how many are set; `clear` is where none is."""
    return _made("filters", content=content, url=url, on=on, clear=clear or url)


# Tables and lists.


@register.simple_block_tag
def data_table(content: SafeString, caption: str, *columns: str, quiet: object = False) -> SafeString:
    """Show a table, whose rows become blocks on a phone. The content is `row`s; a column named "#..." holds numbers;
    with `quiet` the caption is for screen readers alone."""
    heads = [(each.removeprefix("#"), each.startswith("#")) for each in columns]
    return _made("data_table", content=content, caption=caption, heads=heads, quiet=quiet)


@register.simple_block_tag
def row(content: SafeString) -> SafeString:
    """Hold the cells of one row: a `row_heading` first, then `cell`s."""
    return format_html('<tr role="row">{}</tr>', content)


@register.simple_block_tag
def row_heading(content: SafeString, column: str) -> SafeString:
    """Name a row; `column` is the words of the column's head."""
    return format_html('<th scope="row" role="rowheader" data-label="{}">{}</th>', column, content)


@register.simple_block_tag
def cell(content: SafeString, column: str) -> SafeString:
    """Hold a value; `column` is the words of the column's head, with its "#" where the column holds numbers."""
    kind = SafeString(' class="number"') if column.startswith("#") else ""
    return format_html('<td role="cell" data-label="{}"{}>{}</td>', column.removeprefix("#"), kind, content)


@register.simple_block_tag
def tick(content: SafeString, name: str, value: object) -> SafeString:
    """Put a box into a row to choose it among others; the content says what is chosen, for screen readers."""
    box = '<label class="tick"><input type="checkbox" name="{}" value="{}"><span class="usa-sr-only">{}</span></label>'
    return format_html(box, name, value, content)


@register.simple_block_tag
def timeline(content: SafeString, label: str) -> SafeString:
    """Show what happened, in order; the content is `event`s."""
    return format_html('<ol class="timeline" aria-label="{}">{}</ol>', label, content)


@register.simple_block_tag
def event(content: SafeString, at: datetime.datetime, when: str, kind: str = "") -> SafeString:
    """Show one thing that happened; `when` is its time in words, `kind` names it in a tag."""
    return _made("event", content=content, at=at, when=when, kind=kind)


# What somebody can do.


@register.simple_block_tag(takes_context=True)
def action_form(
    context: Mapping[str, object], content: SafeString, url: str, label: str, kind: str = "", back: str = ""
) -> SafeString:
    """Offer one act: a form with its fields, if any, and the button that says what happens. `kind` is plain, `outline`,
    `danger` or `big`; `back` is where the act returns to."""
    if kind not in BUTTONS:
        raise NoSuchState("action_form", kind, list(BUTTONS))
    token = context.get("csrf_token")
    return _made("action_form", content=content, url=url, label=label, button=BUTTONS[kind], back=back, token=token)


@register.simple_block_tag
def confirm(content: SafeString, label: str, kind: str = "", key: str = "") -> SafeString:
    """Ask once more before an act: a button that opens the question, with its answer, an `action_form`, inside."""
    if kind not in BUTTONS:
        raise NoSuchState("confirm", kind, list(BUTTONS))
    return _made("confirm", content=content, label=label, button=BUTTONS[kind], key=key)


@register.simple_tag
def error_summary(*shown: forms.BaseForm | None, heading: str = "") -> SafeString:
    """List what is wrong with the forms of a page, at its top: each sentence once, leading to the first field that it
    is about."""
    sentences: dict[str, str] = {}
    for form in shown:
        if form is None or not form.errors:
            continue
        sentences |= {str(error): "" for error in form.non_field_errors()}
        for field in (each for each in form if each.errors):
            assert isinstance(field, rendering.Field)
            for sentence in field.problems:
                sentences.setdefault(sentence, "" if field.is_hidden else field.first_id)
    return _made("error_summary", heading=heading, sentences=sentences.items()) if sentences else SafeString("")


@register.simple_tag
def fields(form: forms.BaseForm) -> SafeString:
    """Write the fields of a form without its error summary, which stands at the top of the page then."""
    return form.render("ui/forms/fields.html", form.get_context())


# Around the page.


@register.simple_tag
def due(at: datetime.datetime | None, basis: str = "") -> SafeString:
    """Show until when something is owed: how long still, the moment itself, and whether law or policy says so."""
    return _made("due", at=at, basis=basis, now=timezone.now())


@register.simple_tag(takes_context=True)
def print_header(context: Mapping[str, object], marking: str = "") -> SafeString:
    """Head a printed page, and only that, with its marking, who printed it and when. A demonstration is marked so."""
    request = context.get("request")
    viewer = getattr(request, "viewer", None) if isinstance(request, http.HttpRequest) else None
    return _made(
        "print_header",
        marking=marking,
        viewer=viewer,
        demonstration=context.get("demonstration"),
        now=timezone.now(),
    )


@register.simple_tag(takes_context=True)
def government_banner(context: Mapping[str, object]) -> SafeString:
    """Say that the page is the government's and how to tell, where the country's folder and the page's own name say
    that it is."""
    shown = official.installed().banner(_language()) if _is_official(context) else None
    return _made("government_banner", banner=shown) if shown else SafeString("")


@register.simple_tag(takes_context=True)
def identifier(context: Mapping[str, object]) -> SafeString:
    """Say who answers for the page, with the links that law asks for, under the same condition."""
    shown = official.installed().identifier(_language()) if _is_official(context) else None
    return _made("identifier", identifier=shown) if shown else SafeString("")


def _is_official(context: Mapping[str, object]) -> bool:
    request = context.get("request")
    if not isinstance(request, http.HttpRequest) or context.get("demonstration"):
        return False
    return official.installed().is_shown_at(request.get_host())


def _language() -> str:
    return translation.get_language() or ""


@register.simple_tag(takes_context=True)
def help_link(context: Mapping[str, object]) -> SafeString:
    """Link to the passage of help that belongs to the page, or to all of it where none does."""
    request = context.get("request")
    match = request.resolver_match if isinstance(request, http.HttpRequest) else None
    here = (match.url_name or "") if match else ""
    return _made("help_link", passage=helping.BY_PAGE.get(here), is_here=here == "help")
