"""The mandate table with its proof, and the page on which anybody signed in asks who would answer."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django import http, shortcuts
from django.utils import timezone
from django.views.decorators.http import require_GET

from nowrongdoor.access import guards
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import asking, decide, explain, facts, rules, tables_in_words
from nowrongdoor.mandates import forms, queries
from nowrongdoor.ui import questions, tags


@guards.signed_in
@require_GET
def show_table(request: guards.Request) -> http.HttpResponse:
    """See every rule in force, with the law behind it."""
    try:
        book = queries.in_force()
    except queries.CannotDecide as error:
        return shortcuts.render(request, "mandates/table.html", {"trouble": str(error)})
    kept = queries.tables()[0]
    wanted = request.GET.get("agency", "")
    parts = [
        (
            title,
            [tables_in_words.rule(each) for each in _in_order(book.content.rules, role, wanted)],
        )
        for role, title in tables_in_words.ROLES.items()
    ]
    context = {
        "table": book.content,
        "kept": kept,
        "content": book.content,
        "points": f"{(kept.proof or {}).get('points', book.content.vocabulary.size):,}",
        "parts": [(title, chosen) for title, chosen in parts if chosen],
        "form": forms.AgencyForm(book.content.agencies.values(), wanted),
        "is_filtered": int(bool(wanted)),
        "clocks": [explain.clock(each) for each in book.content.clocks] if not wanted else (),
        "gates": [explain.gate(each) for each in book.content.gates] if not wanted else (),
        "impossible": book.content.vocabulary.impossible if not wanted else (),
        "left_out": book.content.left_out if not wanted else (),
    }
    return shortcuts.render(request, "mandates/table.html", context)


@guards.signed_in
@require_GET
def what_if(request: guards.Request) -> http.HttpResponse:
    """See who would answer for a case like this. Nothing is kept; the address holds facts of no real case."""
    shown = queries.shown()
    chosen = questions.read(request.GET.dict(), shown.vocabulary)
    problems: tuple[str, ...] = ()
    ruling, question = None, None
    conflicts: Sequence[facts.Impossible] = ()
    on = timezone.localdate()
    try:
        book = queries.in_force()
        if request.GET.get("on"):
            on = datetime.date.fromisoformat(request.GET["on"])
        parsed = facts.possible(facts.parse(chosen, book.content.vocabulary))
        decider = decide.Decider(book.content)
        ruling, question = explain.as_json(decider.decide(parsed, on)), asking.next_question(decider, parsed, on)
    except facts.ImpossibleFacts as error:
        problems, conflicts = error.problems, error.conflicts
    except facts.FactsError as error:
        problems = error.problems
        chosen = {}
    except (decide.NotCovered, queries.CannotDecide) as error:
        problems = (str(error),)
    except ValueError:
        problems = (_("Write the day like 2026-01-31."),)
    context = {
        "form": questions.form(chosen, shown.vocabulary, conflicts=conflicts),
        "question": question,
        "leads": tags.by_lead(question) if question else (),
        "table": shown,
        "ruling": ruling,
        "chosen": chosen,
        "day": forms.DayForm(auto_id="%s", initial={"on": on}),
        "problems": problems,
    }
    template = "mandates/_ruling.html" if guards.is_part(request) else "mandates/what_if.html"
    return shortcuts.render(request, template, context)


def _in_order(all_rules: tuple[rules.Rule, ...], role: rules.Role, wanted: str) -> list[rules.Rule]:
    chosen = [each for each in all_rules if each.role is role and wanted in ("", each.agency)]
    return sorted(chosen, key=lambda each: (each.precedence or 0, each.id))
