"""A database of its own in which every promise can be attacked, and every guard taken out."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import pathlib
import secrets
import tempfile
import uuid
from collections.abc import Iterator, Mapping

import psycopg
import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import override_settings
from django.utils import timezone
from psycopg import sql

from nowrongdoor.access import grants, row_security, viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import app_passwords, inviting, rotas
from nowrongdoor.agencies.models import Agency, Closing, SetupCode, Token
from nowrongdoor.benefits import actions as letters
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import files, need_to_know, noting, people, together
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.cases.models import Case, CaseSignal, Note
from nowrongdoor.cases.person_models import Person
from nowrongdoor.channels import protocol
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core import disclosure_grounds, places, receipts, schedules
from nowrongdoor.core.line import Medium
from nowrongdoor.core.prevalence import estimating
from nowrongdoor.core.protocols import Immigration
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import assigning, searches
from nowrongdoor.duties.models import Duty, SavedSearch
from nowrongdoor.intake import closing, routing
from nowrongdoor.leads import answering, changing, passing, reopening, undoing
from nowrongdoor.leads.models import Handoff
from nowrongdoor.line import joining, moving, shifts, taking, writing
from nowrongdoor.line.models import CallBack, ContactMessage, Leg, LineEvent, Seat, Stop
from nowrongdoor.mailbox import desk, openers, unfinished, visiting
from nowrongdoor.mailbox.models import Mailbox, Post, Unfinished
from nowrongdoor.mandates import queries as tables
from nowrongdoor.mandates.models import MandateTable
from nowrongdoor.notifications import actions as notifications
from nowrongdoor.notifications import clock as telling
from nowrongdoor.notifications import kinds as noticing
from nowrongdoor.notifications.models import Notification, Preference
from nowrongdoor.operating import cluster
from nowrongdoor.outbox import delivering, kinds
from nowrongdoor.outbox.models import Message
from nowrongdoor.prevalence.models import Run
from nowrongdoor.protocols import library, reporting, weighing
from nowrongdoor.protocols.models import REVIEW_WITHIN, Outcome, Sending
from nowrongdoor.records import breaches, demands
from nowrongdoor.records.models import Breach, BreachNotice, Demand
from nowrongdoor.referrals import actions as referrals
from nowrongdoor.referrals.models import Ask
from nowrongdoor.releases import actions as releases
from nowrongdoor.releases import asking, messaging, signing
from nowrongdoor.retention import actions as retention
from nowrongdoor.services import vetting
from nowrongdoor.services.models import DirectoryRow, FreeRoom, Provider, Vetting
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals import correcting, drafts, reaching
from nowrongdoor.signals import files as signal_files
from nowrongdoor.signals.models import Draft, ReturnedCall, SignalCorrection, SignalFile
from nowrongdoor.site import demonstration_referrals, demonstration_services
from nowrongdoor.vault import keys
from nowrongdoor.vault.models import RootKey
from nowrongdoor.wrapup import flags, money, reviewing, sorting
from nowrongdoor.wrapup.models import CallerFlag, ContactType, Review
from tests import at_home, clocks, signing_in
from tests.leads import stories
from tests.line import floors
from tests.mailbox import senders

NAME = "promises"
WHY = "Somebody may come to harm."
LATER = stories.NOON + (schedules.installed()["case"].keep or datetime.timedelta()) + datetime.timedelta(days=1)
Ids = Mapping[str, object]


@contextlib.contextmanager
def copied() -> Iterator[tuple[psycopg.Connection, Ids]]:
    """Copy the suite's database, fill the copy, and give a superuser's connection to it with the ids in it."""
    data = cluster.var() / "postgres"
    connection.close()
    with cluster.as_superuser(data, "postgres") as superuser:
        name = sql.Identifier(NAME)
        superuser.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                name, sql.Identifier(cluster.NAME), sql.Identifier(cluster.OWNER)
            )
        )
        # A copy of a database has no privileges of its own yet; the suite's have been taken from it (access/grants.py).
        superuser.execute(grants.no_tables_of_its_own(NAME))
        suite = connection.settings_dict["NAME"]
        try:
            connection.settings_dict["NAME"] = NAME
            at_home.stay()
            copy = psycopg.conninfo.make_conninfo(**{**cluster.address(cluster.OWNER), "dbname": NAME})
            try:
                clocks.set_ahead(
                    copy
                )  # each guard is tried by itself; that of instants, in tests/access/test_instants.py
                ids = _filled()
            finally:
                at_home.leave()
                connection.close()
                connection.settings_dict["NAME"] = suite
                keys.forget()
            with cluster.as_superuser(data, NAME) as attacker:
                attacker.autocommit = False
                yield attacker, ids
        finally:
            superuser.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _id(viewer: viewers.Viewer) -> uuid.UUID:
    assert viewer.user_id is not None
    return viewer.user_id


def _filled() -> Ids:
    """Fill the copy through the actions that people use."""
    now = timezone.now()
    hotline, hotline_2, hotline_3 = (stories.person("HOTLINE") for _ in range(3))
    hsi, hsi_2, fbi, whd, eeoc = (stories.person(code) for code in ("HSI", "HSI", "FBI", "WHD", "EEOC"))
    admin, doj_2 = (stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR) for _ in "ab")
    held, gone, closed, stopped = (_closed(hotline) for _ in range(4))
    reopening.reopen(_closed(hotline).id, because="She called again.", by=hotline, at=stories.NOON)
    with row_security.system():  # every key so far has a version more; those made from here on have one
        keys.renew()
        while keys.rewrap(limit=100):
            pass
    receipt = stories.signal(
        {**stories.FORCED_LABOR, "age": "under_18"},
        narrative="She is called Zuzana.",
        people=({"name": "Zuzana", "prs_FirstName": "Zuzana"},),
        raw={"entries": []},  # type: ignore[arg-type]
        telling={"proxy_knows": "no"},  # type: ignore[arg-type]
        way_back=signals.WayBack({"reach_number": "+1 555 0100 200"}, now + datetime.timedelta(days=7)),  # type: ignore[arg-type]
        at=now,
    )
    other_signal = stories.signal(at=now).signal_id
    own = signals.Contact(key="own", channel="call", facts=stories.FORCED_LABOR, narrative="She is called")
    taken = signals.take(own, asked=tables.asked(), receiver_id=hotline.agency_id, by=hotline.user_id, at=now).signal_id
    routing.route([other_signal, taken], at=now)
    correcting.correct(taken, narrative="She says", because=WHY, seen=0, by=hotline, at=now)
    reaching.note_call(taken, "nobody", by=hotline, at=now)
    draft, over = (
        drafts.keep(uuid.uuid4(), {"narrative": ["She is called"]}, seen=0, by=hotline, at=now) for _ in "ab"
    )
    with row_security.looking(hotline):
        Draft.objects.filter(id=over.id).update(ends_at=Now() + datetime.timedelta(seconds=1))
    (routed,) = routing.route([receipt.signal_id], at=now)
    case = Case.objects.get(id=routed.case_id)
    person = people.add(case.id, {"name": "Zuzana", "immigration": "T visa"}, by=hotline, at=now)
    partless = Person.objects.create(case=case, owner_id=hotline.agency_id, number=99)
    note = cases.add_note(case.id, text="safe", audience=Note.Audience.TEAM, by=hotline, at=now)
    correction = noting.correct(note.id, text="safe now", because=WHY, seen=0, by=hotline, at=now)
    file = stories.attach(case.id, by=hotline)
    withdrawn = stories.attach(case.id, by=hotline)
    files.withdraw(case.id, withdrawn.id, because=WHY, by=hotline, at=now)
    advocate, investigator = (
        stories.person("HOTLINE", role) for role in (viewers.Role.ADVOCATE, viewers.Role.INVESTIGATOR)
    )
    kept, whispered = (
        cases.add_note(case.id, text="She told me.", audience=audience, by=advocate, at=now)
        for audience in (Note.Audience.ROLE, Note.Audience.AGENCY)
    )
    noting.correct(kept.id, text="She told me twice.", because=WHY, seen=0, by=advocate, at=now)
    kept_file = stories.attach(case.id, by=advocate, audience=Note.Audience.ROLE)
    brother = people.add(case.id, {"name": "Jan"}, by=hotline, at=now)
    role = people.add_role(person, "victim", from_at=None, to_at=None, by=hotline, at=now)
    told_role = people.add_role(person, "offender", from_at=None, to_at=None, by=advocate, at=now)
    ended_role = people.add_role(person, "witness", from_at=now, to_at=now, by=hotline, at=now)
    relation, ended_relation = (
        people.relate(person, brother, kind, from_at=None, by=hotline, at=now) for kind in ("sibling", "employer")
    )
    people.end_relation(ended_relation.id, to_at=now, by=hotline, at=now)
    with_words = changing.change_facts(
        stories.case(at=now).id,
        facts={**stories.FORCED_LABOR, "urgency": "within_24h"},
        place=places.Place(),
        seen_version=1,
        because=WHY,
        by=hotline,
        at=now,
    )
    assert with_words
    accepted, declined = stories.case(at=now), stories.case(at=now)
    answering.accept(stories.offer_of(accepted).id, by=hsi, at=now)
    said_no = stories.offer_of(declined)
    answering.decline(said_no.id, reason="No agents.", by=hsi, at=now)
    passed, kept_on = stories.case(at=now), stories.case(at=now)
    for each in (passed, kept_on):
        answering.accept(stories.offer_of(each).id, by=hsi, at=now)
    to_eeoc = {"to_agency_id": eeoc.agency_id, "reason": WHY, "by": hsi, "at": now}
    passing.offer(passed.id, **to_eeoc)  # type: ignore[arg-type]
    no = passing.offer(kept_on.id, **to_eeoc)  # type: ignore[arg-type]
    answering.decline(no.id, reason="Not ours.", by=eeoc, at=now)
    notices = Duty.notices().filter(case=case, done_at=None, by_hand=False).exclude(agency__code="HOTLINE")
    notice, acknowledged = notices.order_by("id")[:2]
    by_hand, reported = Duty.notices().filter(case=case, done_at=None, by_hand=True).order_by("id")[:2]
    by = stories.person(stories.owner_of(reported))
    duties.acknowledge(reported.id, how="by phone", confirmation="CAD-20417", by=by, at=now)
    duties.acknowledge(acknowledged.id, how="by phone", by=stories.person(stories.owner_of(acknowledged)), at=now)
    told = stories.person(stories.owner_of(notice))
    theirs = people.add(case.id, {"name": "Zuzana"}, by=told, at=now)
    keeping = {"recipient_code": "HSI", "which": ["identity"]}
    words = {"purpose": WHY, "witness": "Pat", "expires_at": now + datetime.timedelta(days=9)}
    release, revoked = (releases.keep(person, **keeping, **words, by=hotline, at=now) for _ in range(2))  # type: ignore[arg-type]
    releases.revoke(revoked.id, by=hotline, at=now)
    disclosure, _ = (
        releases.disclose(person, **keeping, ground=ground, because=WHY, by=hotline, at=now)  # type: ignore[arg-type]
        for ground in [next(iter(disclosure_grounds.Ground)).value] * 2
    )
    clock, met = Duty.deadlines().filter(case=case, agency_id=hotline.agency_id, done_at=None).order_by("id")[:2]
    duties.meet(met.id, how="done", by=hotline, at=now)
    let_in = need_to_know.exclude(case.id, person_id=_id(hotline_2), because=WHY, by=hotline, at=now)
    need_to_know.lift(let_in.id, by=hotline, at=now)
    exclusion = need_to_know.exclude(case.id, person_id=_id(hotline_2), because=WHY, by=hotline, at=now)
    emergency, reviewed = (need_to_know.open_in_emergency(case.reference, because=WHY, by=eeoc, at=now) for _ in "ab")
    need_to_know.review(reviewed.id, justified="no", words=WHY, by=stories.person("EEOC"), at=now)
    lifted = retention.hold(held.id, because=WHY, by=hotline, at=now)
    retention.lift(lifted.id, by=hotline, at=now)
    hold = retention.hold(held.id, because=WHY, by=hotline, at=now)
    asked = retention.ask(closed.id, by=hotline, at=LATER)
    stopping = retention.ask(stopped.id, by=hotline, at=LATER)
    retention.lift(retention.hold(stopped.id, because=WHY, by=hotline, at=LATER).id, by=hotline, at=LATER)
    done = retention.approve(retention.ask(gone.id, by=hotline, at=LATER).id, by=hotline_3, at=LATER)
    searches.save("due=late", by=hotline, at=now)
    undone = answering.accept(stories.offer_of(stories.case(at=timezone.now())).id, by=hsi, at=timezone.now())
    undoing.undo(undone.id, by=hsi, at=timezone.now())
    untold = Notification.objects.get(thing_id=undone.id, kind="offer_accepted", person=hotline.user_id)
    notified = _notified(hsi, hsi_2, stories.offer_of(case), now)
    clock_is_near = notifications.Occurrence(
        noticing.Kind.DEADLINE_NEAR, hotline.agency_id, frozenset([_id(hotline)]), clock.id, clock.due_at
    )
    with row_security.system():
        notifications.tell([clock_is_near], at=now)
    whd_2, listed = stories.person("WHD"), stories.case(at=now, receiver="WHD")
    answering.revoke(stories.offer_of(listed).id, reason="A mistake.", by=whd, at=now)
    given = assigning.give(listed.id, to=_id(whd_2), seen=None, by=whd, at=now)
    agencies.add_missing(
        agencies.New(code, code, code, "Justice", "prosecutor") for code in ("IDLE", "LEAVING", "SHUT")
    )
    agencies.add_missing(
        [
            agencies.New("AIRLINE", "AIRLINE", "An airline", "", "carrier"),
            agencies.New("BOX", "BOX", "A box", "", "other"),
            demonstration_referrals.SHELTER,
        ]
    )
    closing.close_agency("SHUT", into="DOJ_COORDINATOR", by=admin, at=now)
    stranger, crew = stories.person("IDLE"), stories.person("AIRLINE")
    worker, worker_2, guest = (
        stories.person("LANTERN_HOUSE", role)
        for role in (viewers.Role.PROVIDER, viewers.Role.PROVIDER, viewers.Role.ADMINISTRATOR)
    )
    given_up = Closing.objects.create(
        agency=stories.agency("IDLE"), into=stories.agency("FBI"), given_up_at=now, by_id=_id(admin), at=now
    )
    begun = Closing.objects.create(
        agency=stories.agency("LEAVING"), into=stories.agency("HSI"), by_id=_id(admin), at=now
    )
    other_admin = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    invited, revoked_invitation = (
        inviting.invite(name, name, "analyst", by=admin, at=now) for name in ("nina", "rene")
    )
    inviting.revoke(revoked_invitation.row.id, by=admin, at=now)
    expired = inviting.invite("olga", "olga", "analyst", by=admin, at=now - inviting.LASTS)
    theirs_invited = inviting.invite("hugo", "hugo", "analyst", by=other_admin, at=now)
    coded, once_coded = stories.person("DOJ_COORDINATOR"), stories.person("DOJ_COORDINATOR")
    theirs_coded = inviting.make_setup_code(_id(stories.person("HOTLINE")), by=other_admin, at=now)
    for viewer_coded in (coded, once_coded, once_coded):  # the last one takes the place of the one before
        inviting.make_setup_code(_id(viewer_coded), by=admin, at=now)
    setup_code = SetupCode.objects.get(person_id=_id(coded))
    revoked_code = SetupCode.objects.get(person_id=_id(once_coded), revoked_at__isnull=False)
    signing_in.enrol(signing_in.person(doj_2))
    with row_security.system():
        for label in ("kept", "revoked", "over"):
            lasts = datetime.timedelta(hours=1)
            made_at = now - 2 * lasts if label == "over" else now
            agencies.make_token(
                stories.agency("DOJ_COORDINATOR"),
                label=label,
                by=None,
                at=made_at,
                lasts=None if label == "kept" else lasts,
            )
        tokens = {row.label: row.id for row in Token.objects.all()}
    agencies.revoke_own_token(tokens["revoked"], by=admin, at=now)
    run, failed = _run(hotline, now), _run(hotline, now)
    failed.failed, failed.ended_at = "no", now
    failed.save(update_fields=["failed", "ended_at"])
    agencies.add_missing(agencies.New(code, code, code, "Justice", "prosecutor") for code in ("USAO_A", "USAO_B"))
    prosecutor = stories.person("USAO_A")
    specialist = stories.person("USAO_B", viewers.Role.VICTIM_SPECIALIST)
    between = _between(hotline, hsi, prosecutor, now)
    mailboxes = _mailboxes(hotline, now)
    desks = _desks(hotline, now)
    on_shift, contacts = _on_the_line(hotline, CaseSignal.objects.get(case=closed).signal_id, now)
    wrapped = _wrapped_up(hotline, on_shift["desk"], contacts, now)
    reports = {**_reports(case, hotline, advocate, whd, now), **_services(hotline, now)}
    reports |= _referrals(demonstration_referrals.Somebody(case.id, person), advocate, worker, now)
    reports = {**reports, **_letters(person, advocate, now)}
    late = {
        noticing.Kind.REVIEW_OVERDUE: (reports["danger_report"], now + REVIEW_WITHIN),
        noticing.Kind.REPORT_UNCONFIRMED: (reports["danger_report"], now),
        noticing.Kind.PROOF_OVERDUE: (hotline.agency_id, now),
        noticing.Kind.MONEY_WAITS: (wrapped["money"], now),
        noticing.Kind.REFERRAL_WAITS: (reports["ask"], now),
    }
    with row_security.system():
        notifications.tell(
            [
                notifications.Occurrence(kind, hotline.agency_id, frozenset([_id(hotline)]), thing_id, about_at)  # type: ignore[arg-type]
                for kind, (thing_id, about_at) in late.items()
            ],
            at=now,
        )
    sent = _sent(receipt.signal_id, hotline, now)
    link = together.link(case.id, other_id=accepted.id, by=hotline, at=now)
    viewer = {
        **{"hotline": hotline, "hotline_2": hotline_2, "hotline_3": hotline_3, "hsi": hsi, "hsi_2": hsi_2, "fbi": fbi},
        **{
            "whd": whd,
            "eeoc": eeoc,
            "admin": admin,
            "other_admin": other_admin,
            "told": told,
            "doj_2": doj_2,
            "stranger": stranger,
            "whd_2": whd_2,
            "airline": crew,
            "advocate": advocate,
            "investigator": investigator,
            "specialist": specialist,
            "worker": worker,
            "worker_2": worker_2,
            "guest": guest,
        },
        **on_shift,
    }
    return {
        **{
            code.lower(): stories.agency(code).id
            for code in ("HOTLINE", "HSI", "FBI", "WHD", "EEOC", "IDLE", "LEAVING", "AIRLINE", "BOX", "LANTERN_HOUSE")
        },
        **{f"{name}_p": _id(each) for name, each in viewer.items()},
        **{"hotline_2": _id(hotline_2), "hotline_3": _id(hotline_3), "viewers": viewer},
        **{"doj": stories.agency("DOJ_COORDINATOR").id, "shut": Agency.objects.get(code="SHUT").id},
        **{"told_body": notice.agency_id, "closing": begun.id, "given_up": given_up.id},
        **{"case": case.id, "signal": receipt.signal_id, "person": person, "partless": partless.id},
        **{
            "note": note.id,
            "file": file.id,
            "accepted": accepted.id,
            "declined": said_no.id,
            "said_no_to": declined.id,
        },
        **{"passed": passed.id, "asked_for": stories.offer_of(passed).id},
        **{"offer": stories.offer_of(case).id, "yes": Handoff.objects.get(case=accepted).id},
        **{
            "by_hand": by_hand.id,
            "notice": notice.id,
            "acknowledged": acknowledged.id,
            "clock": clock.id,
            "met": met.id,
        },
        **{"changed": with_words.id, "disclosed": Duty.deadlines().filter(source="disclosure").order_by("id")[0].id},
        **{"release": release.id, "revoked": revoked.id, "disclosure": disclosure.id},
        **{"exclusion": exclusion.id, "let_in": let_in.id, "emergency": emergency.id, "reviewed": reviewed.id},
        **{"held": held.id, "hold": hold.id, "lifted": lifted.id, "closed": closed.id, "asked": asked.id},
        **{"gone": gone.id, "done": done.id, "stopped_case": stopped.id, "stopped": stopping.id},
        "root": RootKey.objects.get(use="wrap", retired_at=None).id,
        "old_root": RootKey.objects.filter(use="wrap").exclude(retired_at=None).order_by("-retired_at")[0].id,
        "table": MandateTable.objects.get(in_force=True).id,
        **{"run": run.id, "failed": failed.id},
        **notified,
        "undone": untold.id,
        **{"search": SavedSearch.objects.get().id, "given": given.id, "given_case": listed.id},
        **{"correction": correction.id, "kept": kept.id, "whispered": whispered.id, "withdrawn": withdrawn.id},
        "kept_file": kept_file.id,
        **{"invitation": invited.row.id, "revoked_invitation": revoked_invitation.row.id},
        **{"setup_code": setup_code.id, "revoked_code": revoked_code.id, "coded": _id(coded), "doj_2": _id(doj_2)},
        **{"hotline_code": SetupCode.objects.get(person=theirs_coded.person).id},
        **{"expired_invitation": expired.row.id, "hotline_invitation": theirs_invited.row.id},
        **{"token": tokens["kept"], "revoked_token": tokens["revoked"], "ended_token": tokens["over"]},
        **between,
        **desks,
        **reports,
        **mailboxes,
        **contacts,
        **wrapped,
        **sent,
        "link": link.id,
        **{"draft": draft.id, "over": over.id, "other_signal": other_signal, "taken": taken},
        **{"mended": SignalCorrection.objects.get().id, "call": ReturnedCall.objects.get().id},
        **{"role": role.id, "ended_role": ended_role.id, "told_role": told_role.id, "theirs": theirs},
        **{"relation": relation.id, "ended_relation": ended_relation.id},
    }


def _notified(one: viewers.Viewer, two: viewers.Viewer, offer: Handoff, now: datetime.datetime) -> Ids:
    """What somebody was told, how they want it, what left, their passwords, and who of their agency is on call."""
    with row_security.looking(one):
        choice = Preference.objects.create(agency_id=one.agency_id, person_id=_id(one), email="pat@example.gov", at=now)
        Preference.objects.filter(id=choice.id).update(email_checked_at=now)
    with row_security.system():
        waits, sent = (
            delivering.queue(kinds.Kind.NEWS, agency_id=one.agency_id, person_id=_id(one), due_at=now, at=now)
            for _ in "ab"
        )
        over = {"over_at": now, "outcome": "delivered", "digest": b"7" * 32}
        Message.objects.filter(id=sent.id).update(tries=1, **over)
        told = Notification.objects.get(person=one.user_id, thing_id=offer.id)
    used, revoked = (app_passwords.make(app_passwords.Scope.CALENDAR, by=one, at=now) for _ in "ab")
    app_passwords.revoke(revoked.id, by=one, at=now)
    rota = rotas.begin(by=one, at=now)
    shift = rotas.add(_id(two), rotas.FIRST, from_at=now, to_at=now + datetime.timedelta(days=9), by=one, at=now)
    return {
        **{"waits": waits.id, "sent": sent.id, "told": told.id, "preference": choice.id},
        **{"app_password": used.id, "revoked_password": revoked.id, "rota": rota.id, "shift": shift.id},
    }


def _between(hotline: viewers.Viewer, hsi: viewers.Viewer, attorney: viewers.Viewer, now: datetime.datetime) -> Ids:
    """A case that the hotline received and HSI leads, with what the two ask of each other and write."""
    case = stories.case(at=now)
    answering.accept(stories.offer_of(case).id, by=hsi, at=now)
    for code in ("WHD", "USAO_A", "USAO_B"):
        stories.told(case, code)
    child, _mother, suspect = (people.add(case.id, {"name": name}, by=hotline, at=now) for name in ("Ana", "Eva", "Jo"))
    people.add_role(suspect, "offender", from_at=None, to_at=None, by=hotline, at=now)
    how = signing.Signing(
        signer=disclosure_grounds.Signer.MINOR_AND_PARENT,
        co_signer_name="Her mother",
        co_signer_number=2,
        is_no_abuser=True,
        excluded="Her uncle.",
        longer_because="The trial is in spring.",
        signed_at=now,
        language="en-us",
        text="I agree.",
    )
    kept, revoked = (
        releases.keep(
            child,
            recipient_code="HSI",
            which=["location"],
            purpose=WHY,
            witness="Pat",
            expires_at=now + datetime.timedelta(days=180),
            by=hotline,
            at=now,
            how=how,
        )
        for _ in "ab"
    )
    releases.revoke(revoked.id, way=releases.Way.PHONE, by=hotline, at=now)
    to = {"to_agency_id": hotline.agency_id, "because": WHY, "by": hsi, "at": now}
    asked = asking.ask(case.id, what="contact", person_id=child, **to)  # type: ignore[arg-type]
    refused = asking.ask(case.id, what="release", person_id=child, **to)  # type: ignore[arg-type]
    asking.refuse(refused.id, reason=WHY, by=hotline, at=now)
    answered = asking.ask(case.id, what="words", person_id=None, **to)  # type: ignore[arg-type]
    asking.answer(answered.id, words="She is afraid.", by=hotline, at=now)
    written = {"text": "She is safe.", "for_prosecutors": False, "by": hotline, "at": now}
    message = messaging.send(case.id, to_agency_id=hsi.agency_id, **written)  # type: ignore[arg-type]
    work = {"text": "Count 3 is weak.", "for_prosecutors": True, "by": attorney, "at": now}
    product = messaging.send(case.id, to_agency_id=stories.agency("USAO_B").id, **work)  # type: ignore[arg-type]
    return {
        **{"ours": case.id, "suspect": suspect, "child_release": kept.id, "child_revoked": revoked.id},
        **{"asked_of": asked.id, "refused_of": refused.id, "message": message.id, "work_product": product.id},
    }


def _mailboxes(hotline: viewers.Viewer, now: datetime.datetime) -> Ids:
    """Senders and their mailboxes: a person, who wrote twice and was asked; a bystander; somebody who took their
    consent back; and somebody who has not finished."""
    person = senders.send(safety=senders.SAFETY, at=now)
    third, gone = (senders.send(stance, at=now) for stance in ("bystander", "person"))
    visiting.write(person.opener, "I moved.", at=now)
    desk.read(person.signal.id, by=hotline, at=now)
    desk.write(person.signal.id, Post.Kind.QUESTION, "Where to?", by=hotline, at=now)
    visiting.write(person.opener, "I have moved again.", at=now + datetime.timedelta(milliseconds=1))
    visiting.withdraw(gone.opener, at=now)
    routing.route([each.signal.id for each in (person, third, gone)], at=now)
    back = signals.WayBack({"reach_number": "+1 555 0100"}, now + datetime.timedelta(days=7))
    reached = senders.send("proxy", at=now, way_back=back)
    routing.route([reached.signal.id], at=now)
    half = openers.of(receipts.draw(secrets.randbits))
    unfinished.keep(half, "half", at=now)
    with row_security.visiting(half.hash):
        unfinished_id = Unfinished.objects.get().id
    with row_security.system():
        boxes = {box.signal_id: box.id for box in Mailbox.objects.all()}
        posts = Post.objects.filter(mailbox=boxes[person.signal.id]).order_by("at", "id")
        by_kind = {(post.kind, post.read_at is not None): post.id for post in posts}
    return {
        **{"mailbox": boxes[person.signal.id], "third_box": boxes[third.signal.id]},
        **{"withdrawn_box": boxes[gone.signal.id], "reached_box": boxes[reached.signal.id]},
        **{"wrote": by_kind["message", False], "read": by_kind["message", True]},
        "question": by_kind["question", False],
        "unfinished": unfinished_id,
        "unheld": stories.signal(receiver="WHD", at=now).signal_id,
        **{"visitor": person.opener.hash.hex(), "visitor_third": third.opener.hash.hex()},
        "visitor_reached": reached.opener.hash.hex(),
        **{"visitor_who_withdrew": gone.opener.hash.hex(), "visitor_unfinished": half.hash.hex()},
        **{"nobody_yet": secrets.token_hex(32), "half_a_receipt": secrets.token_hex(16)},
    }


def _desks(by: viewers.Viewer, now: datetime.datetime) -> Ids:
    """Demands and breaches: open, settled or confirmed, and closed."""
    received = demands.Received(
        kind=Demand.Kind.SUBPOENA,
        received_at=now,
        receiver="Pat",
        party="The county court",
        docket="26-cv-118",
        asks="All records about Zuzana.",
    )
    demand, fresh, closed = (demands.log(received, by=by, at=now) for _ in "abc")
    standing = demands.Standing(
        return_at=None,
        motion_at=None,
        counsel_at=now,
        notice=Demand.Notice.WITHHELD,
        notice_at=now,
        forbidden_by="Order of the county court.",
    )
    demands.change(demand.id, standing, by=by, at=now)
    left = demands.note_record(demand.id, name="A note", digest="a" * 64, case=None, by=by, at=now)
    demands.close(closed.id, outcome=Demand.Outcome.NOTHING, how="It was for others.", by=by, at=now)
    known = breaches.Known(kind=Breach.Kind.ACTUAL, happened_at=now, people=3)
    what = [Breach.What.IDENTITY]
    breach, told, over = (breaches.log(known, noticed_at=now, what=what, by=by, at=now) for _ in "abc")
    notice, _ = (
        breaches.tell(each.id, BreachNotice.Recipient.AWARD, told_at=now, confirmation="OJP-2026-117", by=by, at=now)
        for each in (told, over)
    )
    breaches.close(over.id, by=by, at=now)
    return {
        **{"demand": demand.id, "fresh_demand": fresh.id, "closed_demand": closed.id, "left": left.id},
        **{"breach": breach.id, "told_breach": told.id, "closed_breach": over.id, "breach_notice": notice.id},
    }


def _on_the_line(
    chief: viewers.Viewer, signal_id: uuid.UUID, now: datetime.datetime
) -> tuple[Mapping[str, viewers.Viewer], Ids]:
    """People on shift, and contacts: one in progress, one that waits, one on the list with its sound, one that asked to
    be called back, one that is over and became a signal, and practice; and who wanted no more messages."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        floors.install(pathlib.Path(folder), patch)
        first = floors.on_shift(at=now)
        talking = floors.take(_text("talking", "+15550191"), at=now)
        shifts.pause(by=first, at=now)
        desk_2, desk_off = (floors.on_shift(at=now, ready=False) for _ in "ab")
        shifts.end("The one on the list waits for a ride.", by=desk_off, at=now)
        ringing = floors.take(_text("ringing", "+15550192"), at=now)
        for kind, words in ((Kind.RANG, ""), (Kind.PRESSED, "1")):
            floors.take(floors.event(kind, f"listed {kind.value}", call="listed", words=words), at=now)
        listed = floors.take(
            floors.event(Kind.RECORDED, "listed", call="listed", media="https://provider.example/r/1", seconds=9),
            at=now,
        )
        floors.take(floors.event(Kind.RANG, "asked", call="asked"), at=now)
        for number, key in enumerate(floors.CALL_ME):
            floors.take(floors.event(Kind.PRESSED, f"asked {number}", call="asked", words=key), at=now)
        ended = floors.take(_text("ended", "+15550193"), at=now)
        moving.answer(ended.id, by=first, at=now)
        moving.became(ended.id, signal_id, by=first, at=now)
        moving.end(ended.id, by=first, at=now)
        over_2, over_3 = (floors.take(_text(f"ended {each}", f"+155501{each}"), at=now) for each in (80, 81))
        for each in (over_2, over_3):
            moving.answer(each.id, by=first, at=now)
            moving.end(each.id, by=first, at=now)
        practice = floors.take(_text("practice", "+15550194", address="+15550102"), at=now)
        for kind, sender in ((Kind.STOPPED, "+15550195"), (Kind.STOPPED, "+15550196"), (Kind.STARTED, "+15550196")):
            what = floors.event(kind, f"{kind.value} {sender}", medium=Medium.TEXT, call=sender, sender=sender)
            taking.take("telephone", what, how=LineEvent.How.TOLD, at=now)
        written, whispered_id = uuid.uuid4(), uuid.uuid4()
        writing.write(talking.id, "We are here.", message_id=written, by=first, at=now)
        writing.whisper(talking.id, "Ask whether they are alone.", message_id=whispered_id, by=chief, at=now)
    joined = joining.hand_on(talking.id, joining.ELSEWHERE, "Jo, of the shelter", by=first, at=now)
    with row_security.system():
        ContactMessage.objects.filter(id=written).update(outcome="sent")
        voicemail = ContactMessage.objects.get(way="voicemail")
        sound = keys.of(listed.id).seal_bytes(b"sound", writing.place(voicemail.id, "recording", first.agency_id))
        ContactMessage.objects.filter(id=voicemail.id).update(recording=sound, fetched_at=now)
        return {"desk": first, "desk_2": desk_2, "desk_off": desk_off}, {
            **{"talking": talking.id, "ringing": ringing.id, "listed": listed.id, "over_contact": ended.id},
            **{"practice": practice.id, "call_back": CallBack.objects.get().id, "joined": joined.id},
            **{"over_2": over_2.id, "over_3": over_3.id},
            "called": CallBack.objects.get().contact_id,
            **{"seat": _seat(first), "seat_2": _seat(desk_2), "seat_off": _seat(desk_off)},
            **{"line_out": written, "line_whisper": whispered_id, "voicemail": voicemail.id},
            "line_in": ContactMessage.objects.get(contact=talking, way="in").id,
            "line_event": LineEvent.objects.get(contact=ringing).id,
            "held_leg": Leg.objects.get(contact=talking, kind="held").id,
            "line_stop": Stop.objects.get(ended_at=None).id,
            "stop_over": Stop.objects.exclude(ended_at=None).get().id,
        }


def _wrapped_up(chief: viewers.Viewer, desk: viewers.Viewer, contacts: Ids, now: datetime.datetime) -> Ids:
    """What is noted beside contacts: a type, a flag that is on and one that is off, a contact that was drawn by lot and
    one that was reviewed, and money in each state."""
    talking, first, second = (uuid.UUID(str(contacts[name])) for name in ("talking", "over_contact", "over_2"))
    days = datetime.timedelta(days=1)
    sorting.sort(talking, "tip", by=desk, at=now)
    for length in (30, 60):
        flags.put_on(talking, "familiar", "Speak slowly.", until=now + length * days, by=desk, at=now)
    with row_security.system():
        flag, off = CallerFlag.objects.order_by("until")
    flags.take_off(off.id, by=desk, at=now)
    with row_security.looking(chief):
        for each in (first, second):  # whichever the lot would draw
            Review.objects.create(contact_id=each, agency_id=chief.agency_id, drawn_by_id=_id(chief), drawn_at=now)
    reviewing.write(second, dict.fromkeys(reviewing.QUESTIONS, "yes"), "Kind.", by=chief, at=now)
    own = money.ask(talking, "ride", decimal.Decimal(20), "A taxi.", by=chief, at=now)
    fresh, approved, spent = (
        money.ask(talking, "hotel", decimal.Decimal(100), "A night.", by=desk, at=now) for _ in "abc"
    )
    for each in (approved, spent):
        money.decide(each, is_approved=True, by=chief, at=now)
    money.spend(spent, decimal.Decimal(90), by=desk, at=now)
    with row_security.system():
        return {
            "contact_type": ContactType.objects.get().id,
            **{"flag": flag.id, "flag_off": off.id},
            "drawn": Review.objects.get(contact=first).id,
            "written_review": Review.objects.get(contact=second).id,
            **{"money": fresh, "own_money": own, "approved_money": approved, "spent_money": spent},
        }


def _text(name: str, sender: str, **more: str) -> protocol.Event:
    return floors.event(
        Kind.WROTE,
        name,
        medium=Medium.TEXT,
        call=name,
        sender=sender,
        words=floors.WORDS,
        **more,  # type: ignore[arg-type]
    )


def _seat(by: viewers.Viewer) -> uuid.UUID:
    return Seat.objects.get(person=by.user_id).id


def _services(by: viewers.Viewer, now: datetime.datetime) -> Ids:
    """A directory with a hidden service and one that is not, and a vetting that goes on and one that ended."""
    demonstration_services.fill(by=by, at=now)
    with row_security.system():
        rows = DirectoryRow.objects.filter(table="services")
        hidden = rows.get(is_hidden=True, content__name="Lantern House: shelter")
        hours = DirectoryRow.objects.get(table="schedules", root=hidden.listed)
        shown = rows.get(content__name="Four Winds: shelter")
        first, second = Vetting.objects.order_by("organization")[:2]
    vetting.end(second.organization, by=by, at=now)
    return {
        **{"hidden_service": hidden.listed, "hidden_hours": hours.id, "open_service": shown.id},
        **{"vetting": first.id, "ended_vetting": second.id},
    }


def _referrals(
    somebody: demonstration_referrals.Somebody, by: viewers.Viewer, worker: viewers.Viewer, now: datetime.datetime
) -> Ids:
    """A shelter that signs in: one whom it took, one for whom it is asked, one who waits; and one referral closed."""
    demonstration_referrals.fill(somebody, advocate=by, worker=worker, at=now)
    with row_security.system():
        taken = Ask.objects.get(state="accepted")
        ask = Ask.objects.get(state="asked")
        provider, count = Provider.objects.get(), FreeRoom.objects.get()
    telling.tell_of_referrals(at=now + 8 * demonstration_referrals.DAY)  # of the follow-up, too
    closed, waits = (referrals.begin("shelter", by=by, at=now) for _ in range(2))
    referrals.close(closed, "unknown", by=by, at=now)
    waitlisted = referrals.ask(waits, ask.service, holds=False, by=by, at=now)
    referrals.answer(waitlisted, "waitlisted", by=worker, at=now)
    elsewhere = people.add(stories.case(at=now).id, {"name": "Nobody"}, by=by, at=now)
    return {
        **{
            "planless": referrals.begin("shelter", by=by, at=now),
            "lantern": provider.agency_id,
            "person_elsewhere": elsewhere,
            "ask": ask.id,
            "ask_taken": taken.id,
            "waitlisted": waitlisted,
            "asking": ask.referral_id,
            "shelter": ask.service,
            "taken_referral": taken.referral_id,
        },
        **{"closed_referral": closed, "waiting_referral": waits, "provider": provider.id, "free_room": count.id},
    }


def _letters(person: uuid.UUID, by: viewers.Viewer, now: datetime.datetime) -> Ids:
    """Benefits letters of a person: one that waits, and others that came, were extended, last, or were struck."""
    today, days = timezone.localdate(now), datetime.timedelta(days=60)

    def came(kind: str = "interim") -> uuid.UUID:
        last_on = today + days if kind == "interim" else None
        return letters.receive_unasked(person, kind, on=today, number="17", last_on=last_on, by=by, at=now)

    letter, extended, struck, lasting = came(), came(), came(), came("certification")
    letters.extend(extended, last_on=today + days * 1.5, by=by, at=now)
    letters.strike(struck, by=by, at=now)
    asked = letters.request(person, "child_eligibility", on=today, by=by, at=now)
    letters.receive(asked, on=today, number="18", last_on=None, by=by, at=now)
    waits = letters.request(person, "interim", on=today, by=by, at=now)
    return {
        **{"letter": letter, "letter_extended": extended, "letter_struck": struck, "letter_lasting": lasting},
        **{"letter_asked": asked, "letter_waits": waits},
    }


def _reports(
    case: Case, by: viewers.Viewer, advocate: viewers.Viewer, other: viewers.Viewer, now: datetime.datetime
) -> Ids:
    """The library, and reports: written, reviewed, sent and confirmed, sent at once; and what came of one."""

    def recipient(kind: str, county: str) -> library.Recipient:
        return library.Recipient(
            kind=kind,
            state="NV",
            county=county,
            choice=1,
            immigration=Immigration.UNKNOWN,
            contact=library.Contact(body="A sheriff", telephone="555-0100"),
        )

    police, unproved, retired = (library.add(recipient("police", each), by=by, at=now) for each in ("", "A", "B"))
    theirs = library.add(recipient("police", ""), by=other, at=now)
    helpers = library.add(recipient("child_protection", ""), by=by, at=now)
    library.prove(police.id, by=by, at=now)
    library.retire(retired.id, by=by, at=now)
    subject = weighing.of_case(case_queries.find(by, case.reference), by)
    text = reporting.Written(protocol_id=police.id, parts={"what": "She called."})
    fresh, reviewed, sent = (reporting.write(subject, text, by=advocate, at=now) for _ in "abc")
    own = reporting.write(subject, text, by=by, at=now)
    urgent = reporting.Written(protocol_id=police.id, parts={"what": "She called."}, danger_because=WHY)
    danger = reporting.write(subject, urgent, by=advocate, at=now)
    returned = reporting.write(subject, text, by=advocate, at=now)
    reporting.send_back(returned.id, comment="Say where.", seen=1, by=by, at=now)
    for each in (reviewed, sent):
        reporting.review(each.id, comment="It is clear.", seen=1, by=by, at=now)
    leaving = {"protocol_id": police.id, "how": Sending.How.PHONE, "seen": 1, "by": advocate, "at": now}
    first, at_once = (reporting.send(each.id, **leaving) for each in (sent, danger))  # type: ignore[arg-type]
    early = signals.Contact(key="early", channel="call", facts=stories.FORCED_LABOR, state="NV")
    taken = signals.take(early, asked=tables.asked(), receiver_id=by.agency_id, by=by.user_id, at=now)
    before = reporting.write(weighing.of_signal(taken.reference, by), urgent, by=advocate, at=now)
    reporting.send(before.id, **leaving)  # type: ignore[arg-type]
    early_outcome = reporting.note_outcome(before.id, Outcome.Result.OPENED, by=advocate, at=now)
    reporting.confirm(first.report_id, first.id, number="26-118", name="Deputy Lee", by=advocate, at=now)
    outcome = reporting.note_outcome(sent.id, Outcome.Result.OPENED, by=advocate, at=now)
    return {
        **{"police": police.id, "unproved": unproved.id, "retired": retired.id, "their_police": theirs.id},
        **{"unrouted": taken.signal_id, "early_outcome": early_outcome.id},
        **{"helpers": helpers.id, "returned_report": returned.id},
        "an_hour_ago": now - datetime.timedelta(hours=1),
        **{"report": fresh.id, "reviewed_report": reviewed.id, "sent_report": sent.id, "own_report": own.id},
        **{"danger_report": danger.id, "sending": first.id, "danger_sending": at_once.id, "outcome": outcome.id},
    }


def _sent(signal_id: uuid.UUID, by: viewers.Viewer, now: datetime.datetime) -> Ids:
    """Files of a contact: no scanner looked at them, one did, one said that it is harmful, one is isolated, and two
    without any content."""
    upload = signal_files.Upload("x.txt", b"She wrote this.")
    with override_settings(SCAN="off", CLAMD=""):
        unscanned, clean, harmful, isolated = (
            signal_files.attach(signal_id, upload, keep_original=True, by=by, at=now) for _ in "abcd"
        )
        copied = signal_files.attach(signal_id, upload, by=by, at=now)
    signal_files.isolate(isolated, by=by, at=now)
    empty = {"signal_id": signal_id, "receiver_id": by.agency_id, "by_id": by.user_id, "at": now}
    with row_security.looking(by):
        bare, scanned_bare = (
            SignalFile.objects.create(**empty, number=number, kind="txt", size=1, keeps_original=True).id
            for number in (8, 9)
        )
    with row_security.system():
        for file_id, verdict in ((clean, "clean"), (isolated, "clean"), (harmful, "infected"), (scanned_bare, "clean")):
            SignalFile.objects.filter(id=file_id).update(scanned_at=now, verdict=verdict)
    return {
        **{"unscanned": unscanned, "clean": clean, "harmful": harmful, "isolated": isolated, "copied": copied},
        **{"bare_file": bare, "scanned_bare": scanned_bare},
    }


def _closed(by: viewers.Viewer) -> Case:
    case = stories.case(at=stories.NOON)
    return changing.close(case.id, because="She is home.", by=by, at=stories.NOON)


def _run(by: viewers.Viewer, at: datetime.datetime) -> Run:
    return Run.objects.create(
        agency_id=by.agency_id,
        by_id=_id(by),
        at=at,
        lists=["one", "two"],
        people=9,
        table="one,two,n",
        digest="0" * 64,
        method=next(iter(estimating.Method)).value,
        order=2,
        threshold=0.02,
        replicates=0,
        seed=1,
    )
