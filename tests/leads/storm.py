"""One process of the storm: `python -m tests.leads.storm SEED STEPS` does random things to shared cases.

Refusals are expected and counted; anything else ends the process with its traceback.
"""

from __future__ import annotations

import collections
import datetime
import json
import os
import random
import sys
import uuid

import django

from nowrongdoor.access import viewers

FACTS: tuple[dict[str, str], ...] = (
    {"labor": "yes", "nationality": "foreign"},
    {"labor": "yes"},
    {"commercial_sex": "yes", "age": "adult", "means": "yes"},
    {"labor": "yes", "means": "no", "age": "adult"},
    {"commercial_sex": "yes", "age": "under_18"},
    {},
)
DESKS = ("HSI", "FBI", "WHD", "FBI_VCAC")


def main(seed: int, steps: int) -> collections.Counter[str]:
    from django.db import transaction
    from django.utils import timezone

    from nowrongdoor.agencies import actions as agencies
    from nowrongdoor.agencies.models import Agency, User
    from nowrongdoor.agencies.queries import NoSuchAgency
    from nowrongdoor.cases.models import Case
    from nowrongdoor.core import handoff, places
    from nowrongdoor.intake import closing
    from nowrongdoor.leads import answering, changing
    from nowrongdoor.leads.models import Handoff
    from tests import at_home
    from tests.leads import stories

    at_home.stay()

    dice = random.Random(seed)
    came: collections.Counter[str] = collections.Counter()
    admin = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)

    def somebody(agency_id: uuid.UUID) -> viewers.Viewer:
        agency = Agency.objects.get(id=agency_id)
        if not agency.active:
            raise answering.NoSuchOffer  # nobody of a closed agency can sign in
        people = list(User.objects.filter(agency=agency, is_active=True)[:3])
        chosen = dice.choice(people).viewer() if people else None
        return chosen or stories.person(agency.code)

    def any_offer() -> Handoff | None:
        rows = Handoff.objects.filter(state="offered").order_by("?" if dice.random() < 0.1 else "-id")
        return dice.choice(list(rows[:12]) or [None])

    def any_case() -> Case | None:
        return dice.choice(list(Case.objects.filter(closed_at=None).order_by("-id")[:20]) or [None])

    def step(verb: str) -> None:
        now = timezone.now()
        if verb == "open":
            stories.case(dice.choice(FACTS), at=now)
        elif verb in ("accept", "decline", "revoke"):
            offer = any_offer()
            if offer is None:
                return
            wrong = dice.random() < 0.1
            asked = offer.from_agency_id if wrong or verb == "revoke" else offer.to_agency_id
            act = getattr(answering, verb)
            more = {} if verb == "accept" else {"reason": "" if dice.random() < 0.1 else "busy"}
            act(offer.id, by=somebody(asked), at=now, **more)
        elif verb == "expire":
            late = now + datetime.timedelta(days=dice.choice((0, 0, 4)))
            for each in answering.due_offers(at=late)[:3]:
                answering.expire(each, at=late)
        elif verb == "step_forward":
            case = any_case()
            if case:
                agency = Agency.objects.filter(desk__in=DESKS, active=True).order_by("?").first()
                if agency:
                    stories.told(case, agency.code)
                    answering.step_forward(case.id, by=somebody(agency.id), at=now)
        elif verb in ("ask_next", "change_facts", "close"):
            case = any_case()
            if case is None:
                return
            by = somebody(case.lead_id)
            if verb == "ask_next":
                changing.ask_next(case.id, by=by, at=now)
            elif verb == "close":
                changing.close(case.id, because="done", by=by, at=now)
            else:
                changing.change_facts(
                    case.id,
                    facts=dice.choice(FACTS),
                    place=places.Place(),
                    seen_version=case.facts_version,
                    because="storm",
                    by=by,
                    at=now,
                )
        elif verb == "disable":
            person = User.objects.filter(is_active=True).exclude(full_name=admin.name).order_by("?").first()
            if person:
                agencies.disable(person, by=admin)
        elif verb == "close_agency":
            agency = Agency.objects.filter(desk__in=DESKS, active=True).order_by("?").first()
            if agency is None:
                return
            others = Agency.objects.filter(active=True).exclude(id=agency.id)
            into = dice.choice([None, *others.filter(desk__in=(*DESKS, "HHS_OTIP")).values_list("code", flat=True)])
            closing.close_agency(agency.code, into=into, by=admin, at=now)
        else:
            for desk in DESKS:
                if not Agency.objects.filter(desk=desk, active=True).exists():
                    code = f"{desk}-{uuid.uuid4().hex[:8]}"
                    agencies.add_missing([agencies.New(code, desk, f"New {desk}", "", "law_enforcement")])

    weights = {
        "open": 10,
        "accept": 22,
        "decline": 22,
        "revoke": 8,
        "expire": 6,
        "step_forward": 8,
        "ask_next": 9,
        "change_facts": 6,
        "close": 6,
        "disable": 0.7,
        "close_agency": max(0.06, 300 / steps),  # rare, and yet a few times in a short storm
        "open_agency": 1,
    }
    expected = (handoff.Refused, answering.NoSuchOffer, closing.StillNeeded, NoSuchAgency, stories.ClosedError)
    for _ in range(steps):
        verb = dice.choices(list(weights), list(weights.values()))[0]
        try:
            step(verb)
            came[f"{verb}: done"] += 1
        except expected as refusal:
            came[f"{verb}: {type(refusal).__name__}"] += 1
        assert not transaction.get_connection().in_atomic_block
    return came


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "nowrongdoor.site.settings"
    django.setup()
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
