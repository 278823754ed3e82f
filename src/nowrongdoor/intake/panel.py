"""The panels of a contact: safety, people, questions, routing. Each is a value that any page of a higher room can show,
and the page of a new signal is these four beside each other."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence

from django import http, shortcuts
from django.utils import timezone

from nowrongdoor.access import guards
from nowrongdoor.core import calls, country_words
from nowrongdoor.core.mandates import table
from nowrongdoor.core.triage import instruments
from nowrongdoor.intake import forms, queries, receipt_forms, telling_forms, wishes
from nowrongdoor.intake import routing as arriving
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import correcting, drafts, reaching
from nowrongdoor.ui import tags
from nowrongdoor.ui.panels import Panel


def page(
    request: guards.Request,
    form: forms.SignalForm,
    *,
    status: int = 200,
    kept: drafts.Kept | None = None,
    others: Sequence[drafts.Kept] = (),
) -> http.HttpResponse:
    """Answer with the page of a contact. `kept`: the draft that it shows; `others`: drafts that the viewer may go on
    with."""
    context = {**shown(request, form, kept=kept), "kept": kept, "others": others}
    return shortcuts.render(request, "intake/new_signal.html", context, status=status)


def shown(request: guards.Request, form: forms.SignalForm, *, kept: drafts.Kept | None = None) -> dict[str, object]:
    """Return what the form of a contact (`intake/_form.html`) needs, on whichever page it stands."""
    shared = {"table": tables.shown()}
    draft_id = _draft(form)
    return {
        "form": form,
        "panels": [each.rendered(request, shared) for each in (safety(form), people(form), questions(form))],
        "routing": routing(form).rendered(request, shared),
        "draft_id": draft_id,
        "page_id": (draft_of(form.data.get("page", "")) or uuid.uuid4()).hex,
        "draft": draft_state(draft_id, kept).rendered(request, {"shown": ""}) if draft_id else "",
    }


def safety(form: forms.SignalForm) -> Panel:
    """Show what comes before everything else: what to say to somebody who may be a minor, whether somebody is in
    danger, and whom to call then, in order."""
    return Panel("intake/_safety.html", {"form": form, "calls": danger_calls(tables.shown()), "draft_id": _draft(form)})


def danger_calls(content: table.Table) -> Sequence[calls.Call]:
    """List whom to call when somebody is in danger, in the order of a table."""
    rules = {rule.id: rule for rule in content.rules}
    known = calls.installed()
    desks = [known.to(rules[rule_id].agency) for rule_id in tables.danger_notices(content)]
    return [call for call in desks if call.first]


def people(form: forms.SignalForm) -> Panel:
    """Show who is in touch, for whom, who else is there, and how to reach them safely."""
    return Panel("intake/_people.html", {"form": form, "draft_id": _draft(form)})


def questions(form: forms.SignalForm) -> Panel:
    """Show what happened, what the person wants, and the facts that decide who is asked."""
    return Panel("intake/_questions.html", {"form": form})


def routing(form: forms.SignalForm) -> Panel:
    """Show who would lead on what is known so far, which question to ask next, what the person wants, and what the
    instruments say. Nothing is kept."""
    given, at = form.given, timezone.now()
    book = tables.deciding()
    ruling: dict[str, object] | None = None
    question = None
    is_teller_unknown = False
    if book is not None:
        ruled = book.rule(given, at=at)
        ruling = json.loads(ruled.text)
        question = book.next_question(given, at=at)
        is_teller_unknown = tables.is_teller_unknown(ruled.known, book.content.vocabulary)
    ticked = dict.fromkeys(form["indicator"].value() or (), "yes")
    answered = arriving.answers_of({code: yes for code, yes in ticked.items() if code in form.indicators})
    context = {
        "form": form,
        "ruling": ruling,
        "is_teller_unknown": is_teller_unknown,
        "question": question,
        "leads": tags.by_lead(question) if question else (),
        "wish": form.wish,
        "follows": form.follows,
        "assessments": instruments.assess(answered, given),
        "trouble": "" if book else tables.trouble(),
    }
    return Panel("intake/_routing.html", context)


def telling(
    request: guards.Request,
    status: queries.SignalStatus,
    content: table.Table,
    known: reaching.Telling,
    returned: Sequence[reaching.Returned],
) -> Panel:
    """Show what the person wants, how to reach them while that holds, who called back, and what the signal says now."""
    viewer = request.viewer
    corrections = correcting.of_all([status.id], by=viewer).get(status.id, ())
    asked = content.vocabulary
    facts = status.facts or status.told
    seen = {"seen": len(corrections)}
    is_own = status.taken_by == viewer.user_id
    context = {
        "status": status,
        "telling": known,
        "wish": [
            (country_words.worded(asked.attribute(name).question), asked.attribute(name).words(facts[name]))
            for name in wishes.ALL
            if name in asked.positions and facts.get(name) in asked.attribute(name).codes
        ],
        "way_back": telling_forms.in_words(known.way_back),
        "answers": telling_forms.in_words(known.answers),
        "calls_returned": returned,
        "call_form": receipt_forms.CallForm(auto_id="call-%s"),
        "corrections": corrections,
        "correction_form": receipt_forms.SignalCorrectionForm(initial=seen, auto_id="correct-%s") if is_own else None,
        "error_form": receipt_forms.ErrorForm(initial=seen, auto_id="error-%s") if is_own else None,
    }
    return Panel("intake/_telling.html", context)


def draft_state(draft_id: uuid.UUID | None, kept: drafts.Kept | None, *, problem: str = "") -> Panel:
    """Show whether what was typed is kept, until when, or why it isn't."""
    return Panel("intake/_draft.html", {"draft_id": draft_id, "kept": kept, "problem": problem})


def draft_of(key: str) -> uuid.UUID | None:
    """Return the draft that a form's key names, or None where a form was made by something else than this page."""
    try:
        return uuid.UUID(key)
    except ValueError:
        return None


def _draft(form: forms.SignalForm) -> uuid.UUID | None:
    return draft_of(str(form["key"].value() or ""))
