"""What referrals let whom see and write: the agency that refers, and whoever signs in for a service that it asked."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import ME, MINE, SIGNED, system_or
from nowrongdoor.audit import words
from nowrongdoor.cases import tables as cases
from nowrongdoor.referrals import models
from nowrongdoor.services.tables import FINDS, NOW, PROVIDES
from nowrongdoor.vault import inventory

_OURS = f"({MINE} AND {FINDS} AND NOT nwd_is_kept_from({{referral}}))"
_ASKED_OF_US = f"({PROVIDES} AND provider_id = {ME})"
_NAME = "what an organization calls its service in the directory"
PHRASES: policies.Phrases = (
    ("NOT nwd_is_kept_from(@.id)", "it isn't for somebody of a case from which the viewer is kept away"),
    ("NOT nwd_is_kept_from(@.referral_id)", "it isn't for somebody of a case from which the viewer is kept away"),
    (f"provider_id = {ME}", "asked of its own agency"),
)
_REFERRAL, _OF_IT = _OURS.format(referral="@.id"), _OURS.format(referral="@.referral_id")
_OF_ITS_CASE = f"(case_id IS NULL OR {cases.ACTS})"
# What rooms below ask of referrals: to whom a release may go, and what a service is shown by one.
FUNCTIONS = policies.Functions(f"""
CREATE OR REPLACE FUNCTION nwd_is_provider(agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- not in SQL: so no policy holds on to what the migration made, and the way back stays open
    RETURN nowrongdoor_is_provider(agency);
END $$;
CREATE OR REPLACE FUNCTION nwd_asked_about(of_case uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- the agencies of services that the viewer's agency asked for somebody of this case, in an open referral; to
       -- those who refer, and to nobody else: it says where somebody may sleep
    RETURN ARRAY(SELECT a.provider_id FROM public.nowrongdoor_referral_plan p
                   JOIN public.nowrongdoor_referral_ask a ON a.referral_id = p.referral_id
                  WHERE p.case_id = of_case AND p.agency_id = public.nwd_agency() AND public.nwd_acts_on(of_case)
                    AND {FINDS}
                    AND a.provider_id IS NOT NULL AND a.closed_at IS NULL
                    AND a.state IN ('asked', 'lapsed', 'waitlisted', 'accepted'));
END $$;
CREATE OR REPLACE FUNCTION nwd_released_to_us(only_of uuid)
    RETURNS TABLE (referral uuid, of_case uuid, person uuid, parts varchar[], until timestamptz) LANGUAGE plpgsql
    STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- what people let the viewer's service read of them, while it is asked for them or takes them, somebody vouches
       -- for it, and it is it that answers; of one referral, or (without one) of all; never immigration matters
    IF public.nwd_role() <> 'provider' OR NOT nowrongdoor_is_provider(public.nwd_agency()) THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT a.referral_id, p.case_id, p.person_id, array_remove(r.parts, 'immigration'), r.expires_at
          FROM public.nowrongdoor_referral_ask a
          JOIN public.nowrongdoor_referral_plan p ON p.referral_id = a.referral_id
          JOIN public.nowrongdoor_release r ON r.person_id = p.person_id AND r.case_id = p.case_id
               AND r.agency_id = p.agency_id AND r.recipient_id = a.provider_id
         WHERE a.provider_id = public.nwd_agency() AND a.closed_at IS NULL AND a.came <> 'did_not_come'
           AND (only_of IS NULL OR a.referral_id = only_of)
           AND (a.state = 'accepted' OR a.state = 'asked' AND a.until > statement_timestamp())
           AND a.provider_id = nowrongdoor_provider_of(a.service) AND nowrongdoor_is_vetted(a.service)
           AND r.revoked_at IS NULL AND r.expires_at > statement_timestamp()
           AND NOT nowrongdoor_is_suspect(r.co_signer_id);
END $$;
CREATE OR REPLACE FUNCTION nwd_is_shown(of_case uuid, of_person uuid, of_part varchar) RETURNS boolean LANGUAGE plpgsql
    STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- whether somebody lets the viewer's service read this part of them; without a person, anything of this case
    IF public.nwd_role() <> 'provider' THEN
        RETURN false;
    END IF;
    RETURN EXISTS (SELECT FROM public.nwd_released_to_us(NULL) r WHERE r.of_case = nwd_is_shown.of_case
                    AND (of_person IS NULL OR r.person = of_person AND of_part = ANY (r.parts)));
END $$;
CREATE OR REPLACE FUNCTION nwd_is_kept_from(of_referral uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- whether a referral is for somebody of a case from which the viewer is kept away
    RETURN EXISTS (SELECT FROM public.nowrongdoor_referral_plan p
                    WHERE p.referral_id = of_referral AND p.case_id = ANY (public.nwd_excluded_from()));
END $$;
""")  # noqa: S608  the condition is our own
DECLARED = (
    FUNCTIONS,
    policies.Rows(
        model=models.Referral,
        see=system_or(_REFERRAL),
        add=f"({SIGNED} AND {FINDS})",
        change=_REFERRAL,
        columns=("closed_at", "closed_by_id", "outcome"),
    ),
    inventory.Columns(
        models.Referral,
        plain=dict.fromkeys(("kind", "outcome"), inventory.CODES),
    ),
    # What the agency keeps for itself
    policies.Rows(
        model=models.Plan,
        see=system_or(_OF_IT),
        add=f"({SIGNED} AND {FINDS} AND case_id IS NULL)",
        change=system_or(_OF_IT),  # whoever tells of a follow-up locks it
        becomes=f"({SIGNED} AND {FINDS} AND {_OF_ITS_CASE})",
        columns=("by_id", "case_id", "person_id", "asked_next", "follow_up_at"),
        later={"follow_up_at": "366 days"},
    ),
    inventory.Columns(models.Plan, plain={"asked_next": "ids of services in the directory"}),
    policies.Rows(
        model=models.Ask,
        see=system_or(_OF_IT, _ASKED_OF_US),
        add=f"({SIGNED} AND {FINDS} AND {NOW})",
        change=system_or(_OF_IT, _ASKED_OF_US),
        columns=("state", "answered_at", "answered_by_id", "reason", "came", "room_id", "slot"),
        later={"until": "2 hours"},
    ),
    inventory.Columns(
        models.Ask, plain={"name": _NAME, **dict.fromkeys(("kind", "state", "reason", "came"), inventory.CODES)}
    ),
    words.Verb("referral.begun", "referred somebody to a service"),
    words.Verb("referral.planned", "said which service to ask next"),
    words.Verb("referral.of_case", "said for which case a referral is"),
    words.Verb("referral.follow_up", "noted a follow-up that the person asked for, or that it is done"),
    words.Verb("referral.asked", "asked a service whether it takes somebody"),
    words.Verb("referral.answered", "answered whether a service takes somebody"),
    words.Verb("referral.withdrawn", "withdrew what it asked of a service"),
    words.Verb("referral.came", "said whether somebody came"),
    words.Verb("referral.closed", "closed a referral with what became of it"),
    words.Verb("referral.totals_read", "viewed totals of referrals"),
)
