"""What somebody answered, as the contact that an agency receives, and as they are shown it before they send it.

The promise: only what was asked on somebody's way is sent; no agency may be told that they did not say yes to, and how
to reach them is kept only where they said that it is safe.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Mapping, Sequence

from django import forms as django_forms
from django.conf import settings
from django.utils import translation

from nowrongdoor.core import country_words, doors, language, places, public_help
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.mandates import facts
from nowrongdoor.door import flow, forms, kept
from nowrongdoor.intake import telling_forms, wishes
from nowrongdoor.mailbox import sending
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Channel

SOURCES: Mapping[flow.Stance, str] = {
    flow.Stance.PERSON: "survivor",
    flow.Stance.PROXY: "proxy",
    flow.Stance.BYSTANDER: "bystander",
}
WISHES: Mapping[str, str] = {"help": wishes.SERVICES_ONLY, flow.REPORT: "report_agreed"}  # silence is an advocate first
TOLD = ("reach_safe", *telling_forms.PROXY, "reach_language")

HEADINGS: Mapping[flow.Screen, str] = {
    flow.Screen.WHO: gettext_lazy("Contact us"),
    flow.Screen.JOB: gettext_lazy("Where do you work?"),
    flow.Screen.DETAILS: gettext_lazy("What can you tell us about it?"),
    flow.Screen.KNOWS: gettext_lazy("Does the person know that you’re contacting us?"),
    flow.Screen.VISIT: gettext_lazy("Would the person be safe if police came?"),
    flow.Screen.CHILDREN: gettext_lazy("Are there children?"),
    flow.Screen.WHAT: gettext_lazy("What’s happening?"),
    flow.Screen.WHERE: gettext_lazy("Where is it?"),
    flow.Screen.URGENCY: gettext_lazy("How urgent is it?"),
    flow.Screen.WISH: gettext_lazy("What do you want to happen?"),
    flow.Screen.REACH: gettext_lazy("Is it safe to contact you?"),
    flow.Screen.HOW: gettext_lazy("How can we reach you?"),
    flow.Screen.SAFETY: gettext_lazy("A question that only you can answer"),
    flow.Screen.CHECK: gettext_lazy("Check your answers"),
}
WISH_OF_OTHER = gettext_lazy("What does the person want to happen?")


@dataclasses.dataclass(frozen=True, slots=True)
class Answered:
    """One screen's answers, as they are shown before they are sent: each line is a label and what was answered."""

    step: flow.Step
    heading: str
    lines: Sequence[tuple[str, str]]
    note: str = ""


def steps_of(state: kept.State) -> Sequence[flow.Step]:
    """List the screens on somebody's way."""
    door = door_of(state)
    asking = door.code if door and door.asks else ""
    return flow.way(state.answers, [wish.fact for wish in public_help.installed().wishes], asking)


def without_wish(state: kept.State) -> kept.State:
    """Take away what was said of whom may be told: a yes that somebody said for themselves is none of somebody else."""
    names = {"wish", *(wish.fact for wish in public_help.installed().wishes)}
    of_wish = (flow.Screen.WISH.value, flow.Screen.AGENCY.value)
    return dataclasses.replace(
        state,
        answers={name: answer for name, answer in state.answers.items() if name not in names},
        seen=tuple(name for name in state.seen if name.partition("-")[0] not in of_wish),
    )


def door_of(state: kept.State) -> doors.Door | None:
    """Return the door by occupation through which somebody came, None where they came by another way."""
    return doors.installed().by_code(state.heard)


def form_of(step: flow.Step, answers: Mapping[str, str], sent: Mapping[str, str] | None = None) -> forms.ScreenForm:
    """Make the form of a screen, with what was answered so far, or with what was sent."""
    return forms.FORMS[step.screen](sent, answers, step.about)


def heading_of(step: flow.Step, answers: Mapping[str, str]) -> str:
    """Return what a screen asks."""
    is_for_other = flow.stance_of(answers) is flow.Stance.PROXY
    if step.screen is flow.Screen.AGENCY:
        wish = wish_of(step.about)
        return country_words.worded(wish.ask_for if is_for_other else wish.ask)
    if step.screen is flow.Screen.WISH and is_for_other:
        return str(WISH_OF_OTHER)
    return str(HEADINGS[step.screen])


def wish_of(fact: str) -> public_help.Wish:
    """Return what a country asks about one kind of agency."""
    return next(wish for wish in public_help.installed().wishes if wish.fact == fact)


def shown(state: kept.State) -> Sequence[Answered]:
    """Return every answer on somebody's way as they are shown it, the wish among them."""
    return [_answered(step, state.answers) for step in steps_of(state) if step != flow.LAST]


def _answered(step: flow.Step, answers: Mapping[str, str]) -> Answered:
    form = form_of(step, answers)
    lines = []
    for name, field in form.fields.items():
        value = answers.get(name, "")
        if isinstance(field, django_forms.ChoiceField):
            options = {str(code): str(words) for code, words in field.choices}  # type: ignore[union-attr,misc]
            value = options.get(value, "") if value or step.screen is flow.Screen.WISH else ""
        if value:
            lines.append((str(field.label) if len(form.fields) > 1 else "", value))
    note = ""
    if step.screen is flow.Screen.AGENCY and answers.get(step.about) not in ("yes", "no"):
        note = _("No, until you say yes")
    heading = str(form.fields["stance"].label) if step == flow.FIRST else heading_of(step, answers)
    return Answered(step, heading, lines, note)


def saved(state: kept.State) -> kept.State:
    """Return what is kept to finish later: everything but the answer to the person's own question. Whoever finds the
    receipt reads what was saved; the answer still opens the mailbox to nobody but the person, who enters it again."""
    if not state.answers.get("answer"):
        return state
    others = {name: value for name, value in state.answers.items() if name != "answer"}
    seen = tuple(name for name in state.seen if name != flow.Screen.SAFETY.value)
    return dataclasses.replace(state, answers=others, seen=seen)


def problem_of(state: kept.State) -> flow.Step | None:
    """Return the first screen that was not seen, or whose answers cannot be taken; None where all can be sent."""
    for step in steps_of(state):
        if step != flow.LAST and (step.name not in state.seen or not _is_taken(step, state.answers)):
            return step
    return None


def _is_taken(step: flow.Step, answers: Mapping[str, str]) -> bool:
    return form_of(step, answers, answers).is_valid()


def contact(state: kept.State, asked: facts.Vocabulary, *, at: datetime.datetime) -> signals.Contact:
    """Put together what the agency receives. What was answered on a way that somebody left is not part of it."""
    answers = _on_the_way(state)
    place = _place(answers)
    return signals.Contact(
        key=f"door:{state.key}",
        channel=Channel.WEB.value,
        facts={name: code for name, code in _facts(answers).items() if asked.asks(name, code)},
        state=place.state,
        district=place.district,
        narrative=_narrative(answers, door_of(state)),
        said=json.dumps(answers, ensure_ascii=False, sort_keys=True),
        telling={name: answers[name] for name in TOLD if answers.get(name)},
        way_back=way_back(answers, at),
    )


def _on_the_way(state: kept.State) -> Mapping[str, str]:
    names = [name for step in steps_of(state) for name in forms.FORMS[step.screen].names(state.answers, step.about)]
    return {name: state.answers[name] for name in names if state.answers.get(name)}


def _facts(answers: Mapping[str, str]) -> Mapping[str, str]:
    stance = flow.stance_of(answers)
    known = {
        "source": SOURCES.get(stance, answers.get("job", "")) if stance else "",
        "urgency": answers.get("urgency", ""),
        "wishes": WISHES.get(answers.get("wish", ""), ""),
    }
    if answers.get("wish") == flow.REPORT:
        # Whoever wants a report and says nothing of one kind of agency has not said yes to it.
        known |= {wish.fact: answers.get(wish.fact, "no") for wish in public_help.installed().wishes}
    return {name: code for name, code in known.items() if code}


def _place(answers: Mapping[str, str]) -> places.Place:
    known = forms.places_of(answers.get("place", ""))
    code = answers.get("place_code") or (next(iter(known)) if len(known) == 1 else "")
    return places.read(code if code in known else "")


def _narrative(answers: Mapping[str, str], door: doors.Door | None) -> str:
    """Keep the details as they were written, and the place besides what was read from it, under labels in the language
    of the agencies."""
    with language.speaking(language.SOURCE):
        details = [
            f"{country_words.worded(ask.words)}: {answers[forms.detail(ask)]}"
            for ask in (door.asks if door else ())
            if answers.get(forms.detail(ask))
        ]
        place = _("Place, as they wrote it: %(place)s") % {"place": answers["place"]} if answers.get("place") else ""
    return "\n\n".join(filter(None, (answers.get("words", ""), "\n".join(details), place)))


def way_back(answers: Mapping[str, str], at: datetime.datetime) -> signals.WayBack | None:
    """Return how to reach whoever writes, whole and only where they said that it is safe, else None."""
    if answers.get("reach_safe") != "yes" or not answers.get("reach_number") or not answers.get("reach_until"):
        return None
    words = {name: answers[name] for name in telling_forms.REACH if name != "reach_until" and answers.get(name)}
    return signals.WayBack(words, at + datetime.timedelta(days=int(answers["reach_until"])))


def sender(state: kept.State) -> sending.Sender:
    """Say how whoever writes stands to the person, in which language, and what only the person can answer."""
    answers = _on_the_way(state)
    safety = None
    if answers.get("question") and answers.get("answer"):
        safety = sending.Safety(answers["question"], answers["answer"])
    written_in = translation.get_language() or settings.LANGUAGE_CODE
    return sending.Sender(answers["stance"], written_in, state.heard, safety)
