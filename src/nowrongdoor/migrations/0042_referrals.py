"""Who signs in for an organization of the directory and how much room it has; referrals, the asks of services, and what the
agency that refers keeps for itself.

Expand only: the release before knows none of these tables. The way back is closed while there are referrals: the older
schema has no place for them.
"""

from __future__ import annotations

import datetime

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

GUARDS = """
CREATE FUNCTION nowrongdoor_is_provider(agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_agency WHERE id = agency AND kind = 'provider');
END $$;
CREATE TRIGGER a_provider_is_an_agency_of_that_kind AFTER INSERT ON nowrongdoor_provider FOR EACH ROW
  WHEN (NOT nowrongdoor_is_provider(NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('only an agency of the kind "provider" signs in for a service');

CREATE FUNCTION nowrongdoor_provider_of(of_service uuid) RETURNS uuid LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (SELECT p.agency_id FROM nowrongdoor_provider p JOIN nowrongdoor_listing l ON l.organization = p.organization
            JOIN nowrongdoor_agency a ON a.id = p.agency_id AND a.active
           WHERE l.id = of_service AND p.ended_at IS NULL);
END $$;
CREATE TRIGGER room_is_counted_by_who_works_there AFTER INSERT ON nowrongdoor_free_room FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id)
        OR NEW.agency_id IS DISTINCT FROM nowrongdoor_provider_of(NEW.service))
  EXECUTE FUNCTION nowrongdoor_refuse('whoever works there says how much room there is');

-- In another role, people of a provider would see when other hidden services are open, and could vouch for themselves.
CREATE TRIGGER people_of_a_provider_have_roles_of_one AFTER INSERT OR UPDATE OF role, agency_id ON nowrongdoor_user
  FOR EACH ROW
  WHEN (NEW.role NOT IN ('provider', 'administrator', 'inspector') AND nowrongdoor_is_provider(NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('somebody at a provider is a provider, an administrator or an inspector');

CREATE FUNCTION nowrongdoor_waits_for_an_answer(of_referral uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_referral_ask
                  WHERE referral_id = of_referral AND state IN ('asked', 'waitlisted'));
END $$;
CREATE TRIGGER a_referral_is_begun_in_ones_own_name AFTER INSERT ON nowrongdoor_referral FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id) OR NEW.closed_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('somebody begins a referral in their own name');
CREATE TRIGGER a_referral_is_closed_once_in_ones_own_name AFTER UPDATE ON nowrongdoor_referral FOR EACH ROW
  WHEN (OLD.closed_at IS NOT NULL OR NEW.closed_at IS NOT NULL AND (
        NOT nowrongdoor_signs(NEW.closed_by_id, NEW.agency_id) OR nowrongdoor_waits_for_an_answer(NEW.id)))
  EXECUTE FUNCTION nowrongdoor_refuse('a referral is closed once, in one''s own name, when no service is asked');

CREATE FUNCTION nowrongdoor_is_referred(of_referral uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- locked, so that it is not closed meanwhile
  PERFORM FROM nowrongdoor_referral WHERE id = of_referral AND agency_id = agency AND closed_at IS NULL FOR SHARE;
  RETURN FOUND;
END $$;
CREATE FUNCTION nowrongdoor_is_person_of(person uuid, of_case uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql
  STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_person WHERE id = person AND case_id = of_case AND owner_id = agency);
END $$;
CREATE TRIGGER a_plan_is_written_in_ones_own_name AFTER INSERT OR UPDATE ON nowrongdoor_referral_plan FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('somebody writes in their own name what their agency keeps of a referral');
CREATE TRIGGER a_plan_is_of_an_open_referral_of_ones_own AFTER INSERT ON nowrongdoor_referral_plan FOR EACH ROW
  WHEN (NOT nowrongdoor_is_referred(NEW.referral_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('an agency keeps something of its own referral');
CREATE TRIGGER whom_a_referral_is_for_is_said_while_it_is_open AFTER UPDATE ON nowrongdoor_referral_plan FOR EACH ROW
  WHEN ((OLD.case_id, OLD.person_id) IS DISTINCT FROM (NEW.case_id, NEW.person_id)
        AND NOT nowrongdoor_is_referred(NEW.referral_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('for whom a referral is, is said while it is open');
CREATE TRIGGER what_goes_along_goes_with_an_open_referral_of_ones_own AFTER INSERT ON nowrongdoor_referral_plan
  FOR EACH ROW WHEN (NEW.along_id IS NOT NULL AND NOT nowrongdoor_is_referred(NEW.along_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a referral goes along with one of the same agency that is open');
CREATE TRIGGER a_referral_is_for_somebody_of_its_case AFTER INSERT OR UPDATE ON nowrongdoor_referral_plan FOR EACH ROW
  WHEN (NEW.person_id IS NOT NULL AND NOT nowrongdoor_is_person_of(NEW.person_id, NEW.case_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a referral is for somebody of its case whom the same agency wrote down');
CREATE TRIGGER a_follow_up_is_within_a_year AFTER INSERT OR UPDATE OF follow_up_at ON nowrongdoor_referral_plan
  FOR EACH ROW WHEN (NEW.follow_up_at > statement_timestamp() + interval '367 days')
  EXECUTE FUNCTION nowrongdoor_refuse('somebody is asked within a year how it went');

-- A service learns that a referral is over, and nothing else of its end.
CREATE FUNCTION nowrongdoor_asks_end() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE nowrongdoor_referral_ask SET closed_at = NEW.closed_at WHERE referral_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER asks_end_with_their_referral AFTER UPDATE ON nowrongdoor_referral FOR EACH ROW
  WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_asks_end();
CREATE FUNCTION nowrongdoor_needs(of_referral uuid) RETURNS text LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (SELECT kind FROM nowrongdoor_referral WHERE id = of_referral);
END $$;
CREATE FUNCTION nowrongdoor_is_vetted(of_service uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_listing l JOIN nowrongdoor_vetting v ON v.organization = l.organization
                   JOIN nowrongdoor_agency a ON a.id = v.agency_id AND a.active
                  WHERE l.id = of_service AND v.ended_at IS NULL AND v.until > statement_timestamp());
END $$;
CREATE FUNCTION nowrongdoor_has_bed(of_room uuid, which smallint, of_service uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  counted nowrongdoor_free_room;
BEGIN  -- the latest count of who signs in now says how many there are, for half a day; of them whoever was asked before it
       -- and has not answered may take one, and a yes after it takes one
  SELECT * INTO counted FROM nowrongdoor_free_room WHERE service = of_service ORDER BY at DESC, id DESC LIMIT 1;
  RETURN of_room = counted.id AND counted.agency_id = nowrongdoor_provider_of(of_service)
    AND counted.at > statement_timestamp() - interval '12 hours'
    AND which + (SELECT count(*) FROM nowrongdoor_referral_ask
                  WHERE service = of_service AND room_id IS DISTINCT FROM of_room
                    AND (state = 'asked' AND room_id IS NOT NULL OR state = 'accepted' AND answered_at > counted.at))
        <= counted.free;
END $$;
CREATE FUNCTION nowrongdoor_is_called(of_service uuid, so text) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_listing WHERE id = of_service AND name = so);
END $$;
CREATE TRIGGER an_ask_has_the_name_of_its_service AFTER INSERT ON nowrongdoor_referral_ask FOR EACH ROW
  WHEN (NOT nowrongdoor_is_called(NEW.service, NEW.name))
  EXECUTE FUNCTION nowrongdoor_refuse('an ask has the name that the directory gives the service, and no other');
CREATE TRIGGER an_ask_is_of_ones_own_referral AFTER INSERT ON nowrongdoor_referral_ask FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id) OR NEW.state <> 'asked' OR NEW.closed_at IS NOT NULL
        OR NOT nowrongdoor_is_referred(NEW.referral_id, NEW.agency_id)
        OR NEW.kind IS DISTINCT FROM nowrongdoor_needs(NEW.referral_id))
  EXECUTE FUNCTION nowrongdoor_refuse('somebody asks in their own name, for a referral of their agency that is open');
CREATE TRIGGER an_ask_is_of_a_vetted_service AFTER INSERT ON nowrongdoor_referral_ask FOR EACH ROW
  WHEN (NOT nowrongdoor_is_vetted(NEW.service))
  EXECUTE FUNCTION nowrongdoor_refuse('only a service for which an agency vouches is asked');
CREATE TRIGGER an_ask_names_who_signs_in_for_the_service AFTER INSERT ON nowrongdoor_referral_ask FOR EACH ROW
  WHEN (NEW.provider_id IS DISTINCT FROM nowrongdoor_provider_of(NEW.service))
  EXECUTE FUNCTION nowrongdoor_refuse('who signs in for a service is asked, and nobody else');
CREATE TRIGGER a_bed_is_one_of_those_there_are AFTER INSERT ON nowrongdoor_referral_ask FOR EACH ROW
  WHEN (NEW.room_id IS NOT NULL AND NOT nowrongdoor_has_bed(NEW.room_id, NEW.slot, NEW.service))
  EXECUTE FUNCTION nowrongdoor_refuse('a bed is asked for that there is, by the latest count');

-- Who signs in for a service answers for it; where nobody does, whoever called it writes down what it said.
CREATE FUNCTION nowrongdoor_ask_moves() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  answers uuid := coalesce(NEW.provider_id, NEW.agency_id);
  is_theirs boolean := NEW.provider_id IS NOT DISTINCT FROM nowrongdoor_provider_of(NEW.service);
BEGIN
  IF (NEW.room_id IS NOT NULL AND (NEW.room_id, NEW.slot) IS DISTINCT FROM (OLD.room_id, OLD.slot)) OR (CASE
    WHEN NEW.state = OLD.state THEN
      (NEW.answered_at, NEW.answered_by_id, NEW.reason) IS NOT DISTINCT FROM
        (OLD.answered_at, OLD.answered_by_id, OLD.reason) AND (nowrongdoor_for_me(answers)
        OR (NEW.came, NEW.room_id, NEW.slot) IS NOT DISTINCT FROM (OLD.came, OLD.room_id, OLD.slot))
    WHEN NEW.state IN ('accepted', 'declined', 'waitlisted') AND OLD.state = 'asked' THEN
      statement_timestamp() <= OLD.until AND is_theirs
        AND (NEW.state <> 'accepted' OR nowrongdoor_is_vetted(NEW.service))
    WHEN NEW.state IN ('accepted', 'declined') AND OLD.state = 'waitlisted' THEN
      is_theirs AND (NEW.state <> 'accepted' OR nowrongdoor_is_vetted(NEW.service))
    -- Whoever said yes may have to take it back, until somebody came or the referral is closed.
    WHEN NEW.state = 'declined' AND OLD.state = 'accepted' THEN OLD.came = '' AND NEW.closed_at IS NULL AND is_theirs
    WHEN NEW.state = 'withdrawn' AND OLD.state IN ('asked', 'waitlisted', 'accepted') THEN OLD.came = ''
    WHEN NEW.state = 'lapsed' AND OLD.state IN ('asked', 'waitlisted') THEN
      OLD.state = 'asked' AND statement_timestamp() > OLD.until OR NOT is_theirs
    ELSE false
  END) IS NOT TRUE THEN
    RAISE EXCEPTION 'an ask moves from % to % only as whoever answers says, in time', OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER an_ask_is_answered_in_ones_own_name AFTER UPDATE ON nowrongdoor_referral_ask FOR EACH ROW
  WHEN (NEW.state <> OLD.state AND NEW.answered_by_id IS NOT NULL
        AND NOT nowrongdoor_signs(NEW.answered_by_id, CASE WHEN NEW.state = 'withdrawn' THEN NEW.agency_id
                                                           ELSE coalesce(NEW.provider_id, NEW.agency_id) END))
  EXECUTE FUNCTION nowrongdoor_refuse('whoever signs in for a service answers for it, and whoever asked withdraws');
-- Whoever works there was told that somebody asks; nobody waits for them any more.
CREATE FUNCTION nowrongdoor_ask_waits_no_more() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE nowrongdoor_notification SET over_at = NEW.answered_at
   WHERE thing_id = NEW.id AND kind = 'referral_waits' AND over_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER an_ask_that_was_answered_is_told_no_more AFTER UPDATE ON nowrongdoor_referral_ask FOR EACH ROW
  WHEN (OLD.state = 'asked' AND NEW.state <> 'asked')
  EXECUTE FUNCTION nowrongdoor_ask_waits_no_more();
CREATE FUNCTION nowrongdoor_followed_up() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE nowrongdoor_notification SET over_at = statement_timestamp()
   WHERE thing_id = NEW.referral_id AND kind = 'referral_follow_up' AND over_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER a_follow_up_that_is_done_is_told_no_more AFTER UPDATE ON nowrongdoor_referral_plan FOR EACH ROW
  WHEN (OLD.follow_up_at IS DISTINCT FROM NEW.follow_up_at)
  EXECUTE FUNCTION nowrongdoor_followed_up();
CREATE TRIGGER an_ask_moves_as_whoever_answers_says AFTER UPDATE ON nowrongdoor_referral_ask FOR EACH ROW
  EXECUTE FUNCTION nowrongdoor_ask_moves();
"""
UNGUARD = """
DROP TRIGGER a_follow_up_that_is_done_is_told_no_more ON nowrongdoor_referral_plan;
DROP FUNCTION nowrongdoor_followed_up;
DROP TRIGGER an_ask_that_was_answered_is_told_no_more ON nowrongdoor_referral_ask;
DROP FUNCTION nowrongdoor_ask_waits_no_more;
DROP TRIGGER an_ask_is_answered_in_ones_own_name ON nowrongdoor_referral_ask;
DROP TRIGGER an_ask_moves_as_whoever_answers_says ON nowrongdoor_referral_ask;
DROP FUNCTION nowrongdoor_ask_moves;
DROP TRIGGER a_bed_is_one_of_those_there_are ON nowrongdoor_referral_ask;
DROP TRIGGER an_ask_names_who_signs_in_for_the_service ON nowrongdoor_referral_ask;
DROP TRIGGER an_ask_is_of_a_vetted_service ON nowrongdoor_referral_ask;
DROP TRIGGER an_ask_is_of_ones_own_referral ON nowrongdoor_referral_ask;
DROP TRIGGER an_ask_has_the_name_of_its_service ON nowrongdoor_referral_ask;
DROP FUNCTION nowrongdoor_needs;
DROP FUNCTION nowrongdoor_is_called;
DROP FUNCTION nowrongdoor_has_bed;
DROP FUNCTION nowrongdoor_is_vetted;
DROP TRIGGER asks_end_with_their_referral ON nowrongdoor_referral;
DROP FUNCTION nowrongdoor_asks_end;
DROP TRIGGER a_follow_up_is_within_a_year ON nowrongdoor_referral_plan;
DROP TRIGGER a_referral_is_for_somebody_of_its_case ON nowrongdoor_referral_plan;
DROP TRIGGER what_goes_along_goes_with_an_open_referral_of_ones_own ON nowrongdoor_referral_plan;
DROP TRIGGER whom_a_referral_is_for_is_said_while_it_is_open ON nowrongdoor_referral_plan;
DROP TRIGGER a_plan_is_of_an_open_referral_of_ones_own ON nowrongdoor_referral_plan;
DROP TRIGGER a_plan_is_written_in_ones_own_name ON nowrongdoor_referral_plan;
DROP FUNCTION nowrongdoor_is_person_of;
DROP FUNCTION nowrongdoor_is_referred;
DROP TRIGGER a_referral_is_closed_once_in_ones_own_name ON nowrongdoor_referral;
DROP TRIGGER a_referral_is_begun_in_ones_own_name ON nowrongdoor_referral;
DROP FUNCTION nowrongdoor_waits_for_an_answer;
DROP TRIGGER people_of_a_provider_have_roles_of_one ON nowrongdoor_user;
DROP TRIGGER room_is_counted_by_who_works_there ON nowrongdoor_free_room;
DROP FUNCTION nowrongdoor_provider_of;
DROP TRIGGER a_provider_is_an_agency_of_that_kind ON nowrongdoor_provider;
DROP FUNCTION nowrongdoor_is_provider;
"""
STAYS = """
DO $$
DECLARE
  referrals bigint := (SELECT count(*) FROM nowrongdoor_referral);
BEGIN
  IF referrals > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % referrals. Stay, or restore a backup of that release.',
      referrals;
  END IF;
END $$;
"""

_CASELESS = [
    *("deadline_near", "nobody_on_call", "mail_given_up", "sender_wrote", "sender_waits"),
    *("list_overdue", "call_back_near", "nobody_on_shift", "recording_missing"),
    *("review_overdue", "report_unconfirmed", "proof_overdue", "money_waits", "referral_waits", "referral_answered"),
    *("referral_withdrawn", "referral_follow_up"),
]
_KINDS = [
    *("offer_waits", "lead_came", "offer_accepted", "offer_declined", "offer_expired", "offer_to_backstop"),
    *("offer_undone", "case_closed", "case_reopened", "offer_unopened", *_CASELESS),
]
GOES = "DELETE FROM nowrongdoor_notification WHERE kind LIKE 'referral_%';"


class Migration(migrations.Migration):
    dependencies = [
        ("nowrongdoor", "0041_services"),
    ]

    operations = [
        migrations.CreateModel(
            name="FreeRoom",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("service", models.UUIDField()),
                ("free", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_free_room",
                "indexes": [models.Index(fields=["service", "-at", "-id"], name="room_of_service")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("free__lte", 999)), name="room_is_counted_to_999")
                ],
            },
        ),
        migrations.CreateModel(
            name="Provider",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organization", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("organization",),
                        name="one_provider_answers_for_an_organization",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("helped", "They got what they needed"),
                            ("partly", "They got a part of it"),
                            ("not_helped", "They didn’t get it"),
                            ("declined", "They chose something else"),
                            ("unknown", "Nobody knows"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["agency", "closed_at", "-at", "-id"], name="referral_of_agency")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__regex", "^[a-z][a-z_]{0,39}$")),
                        name="a_referral_is_for_a_need_by_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("closed_by", None), ("outcome", "")),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                ("outcome__in", ["helped", "partly", "not_helped", "declined", "unknown"]),
                            ),
                            _connector="OR",
                        ),
                        name="a_referral_is_closed_with_what_became_of_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ask",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("closed_at", models.DateTimeField(null=True)),
                ("service", models.UUIDField()),
                ("name", models.TextField()),
                ("slot", models.PositiveSmallIntegerField(null=True)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("accepted", "Takes them"),
                            ("declined", "Can’t take them"),
                            ("waitlisted", "On the waiting list"),
                            ("withdrawn", "Withdrawn"),
                            ("lapsed", "No answer in time"),
                        ],
                        default="asked",
                        max_length=20,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("full", "No room"),
                            ("not_for_them", "Not the right service for them"),
                            ("area", "Outside the area served"),
                            ("language", "No one available in their language"),
                            ("unsafe", "This place wouldn’t be safe for them"),
                            ("not_reached", "No contact by phone"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "came",
                    models.CharField(
                        blank=True,
                        choices=[("came", "They came"), ("did_not_come", "They didn’t come")],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.freeroom",
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="asks", to="nowrongdoor.referral"
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_referral_ask",
                "indexes": [
                    models.Index(fields=["provider", "state", "until", "id"], name="ask_of_provider"),
                    models.Index(condition=models.Q(("state", "asked")), fields=["until"], name="ask_that_waits"),
                    models.Index(fields=["answered_at"], name="ask_by_answer"),
                    models.Index(fields=["service", "state"], name="ask_of_service"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at", None), ("answered_by", None), ("state", "asked")),
                            models.Q(("answered_at__isnull", False), ("answered_by", None), ("state", "lapsed")),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                ("state__in", ["accepted", "declined", "waitlisted", "withdrawn"]),
                            ),
                            _connector="OR",
                        ),
                        name="an_ask_is_answered_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), models.Q(("state", "declined"), _negated=True)),
                            models.Q(
                                ("reason__in", ["full", "not_for_them", "area", "language", "unsafe", "not_reached"]),
                                ("state", "declined"),
                            ),
                            _connector="OR",
                        ),
                        name="whoever_declines_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__gt", models.F("at")),
                            (
                                "until__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("at"), "+", models.Value(datetime.timedelta(seconds=7200))
                                ),
                            ),
                        ),
                        name="an_ask_ends_within_two_hours",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("room", None), ("slot", None)),
                            models.Q(
                                ("provider__isnull", False),
                                ("room__isnull", False),
                                ("slot__gte", 1),
                                ("slot__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_bed_is_asked_for_of_who_signs_in",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("came", ""),
                            models.Q(("came__in", ["came", "did_not_come"]), ("state", "accepted")),
                            _connector="OR",
                        ),
                        name="whoever_was_taken_came_or_did_not",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state__in", ["asked", "accepted"]), models.Q(("came", "did_not_come"), _negated=True)
                        ),
                        fields=("referral",),
                        name="one_service_is_asked_at_a_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["asked", "accepted"])),
                        fields=("room", "slot"),
                        name="a_bed_is_asked_for_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "referral",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="plan",
                        serialize=False,
                        to="nowrongdoor.referral",
                    ),
                ),
                ("asked_next", django.contrib.postgres.fields.ArrayField(models.UUIDField(), blank=True, default=list)),
                ("follow_up_at", models.DateTimeField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.case"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.person",
                    ),
                ),
                (
                    "along",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="with_it",
                        to="nowrongdoor.referral",
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_referral_plan",
                "indexes": [
                    models.Index(
                        condition=models.Q(("follow_up_at", None), _negated=True),
                        fields=["follow_up_at"],
                        name="plan_to_follow_up",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("asked_next__len__lte", 5)), name="up_to_five_services_are_asked_next"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person", None), ("case__isnull", False), _connector="OR"),
                        name="somebody_who_is_referred_is_of_a_case",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="directoryrow",
            index=models.Index(fields=["listed"], name="directory_row_by_its_id"),
        ),
        migrations.RemoveConstraint("notification", "a_notification_has_a_known_kind"),
        migrations.AddConstraint(
            "notification",
            models.CheckConstraint(name="a_notification_has_a_known_kind", condition=models.Q(kind__in=_KINDS)),
        ),
        migrations.RemoveConstraint("notification", "a_notification_of_a_case_names_it"),
        migrations.AddConstraint(
            "notification",
            models.CheckConstraint(
                name="a_notification_of_a_case_names_it",
                condition=models.Q(case__isnull=False) | models.Q(kind__in=_CASELESS),
            ),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(migrations.RunSQL.noop, GOES),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
