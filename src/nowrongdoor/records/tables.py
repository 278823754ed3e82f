"""What this room's tables let whom see and write, how their words are kept, and what it tells the trail.

Who handles records reads them: coordinators, who hold and dispose, and the agency's administrators, who answer for it.
Nobody else does: that a demand came may itself be sealed.

Note [Who has seen]: `nwd_who_saw` looks past row security and gives agency, day and reason, nothing else. It names the
verbs that it tells of, so that whatever is new in the trail, a silent entry too, is told by nobody's oversight;
collecting for discovery is not among them. While a hold covers the case, it gives of whoever placed a hold, and of
agencies that do more than help (`rules.HELPS`), only what an opening already showed while no hold was on: what the
person knows stays, so that no line vanishes on the day of a charge, and nothing new comes. A hold on another case
counts from when the two were merged. A release that was signed is shown under a hold, too: whoever signed one and
missed its line would learn of the hold. Rule 6(e) needs no line of its own, because no matter before a grand jury is
kept here.
"""

from __future__ import annotations

import zoneinfo

from django.conf import settings

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import MINE, SIGNED, system_or
from nowrongdoor.audit import words
from nowrongdoor.core.mandates import rules
from nowrongdoor.records import models
from nowrongdoor.vault import inventory

HANDLERS = (viewers.Role.COORDINATOR, viewers.Role.ADMINISTRATOR)
_HANDLES = policies.role_is(*HANDLERS)
_OURS = f"({MINE} AND {_HANDLES})"
_OF_DEMAND = "EXISTS (SELECT FROM nowrongdoor_demand d WHERE d.id = @.demand_id AND d.agency_id = @.agency_id)"
_OF_BREACH = "EXISTS (SELECT FROM nowrongdoor_breach b WHERE b.id = @.breach_id AND b.agency_id = @.agency_id)"
PHRASES: policies.Phrases = (
    (_HANDLES, "as coordinator or administrator"),
    (_OF_DEMAND, "for a demand on that agency"),
    (_OF_BREACH, "of a breach at that agency"),
)
_HELPS = ", ".join(sorted(f"'{kind.value}'" for kind in rules.HELPS))
# A day is one of the installation's zone, which is a setting: it is written into the function when it is put up.
_ZONE = zoneinfo.ZoneInfo(settings.TIME_ZONE).key
FUNCTIONS = policies.Functions(f"""
CREATE OR REPLACE FUNCTION nwd_who_saw(of_person uuid) RETURNS TABLE (agency text, day date, reason text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    mine uuid := public.nwd_agency();
    of_case uuid;
    together uuid[];
    known_until timestamptz := 'infinity';
BEGIN  -- which agencies saw what is known of a person whom the viewer's agency wrote down; it looks past row security
    SELECT p.case_id INTO of_case FROM public.nowrongdoor_person p
     WHERE p.id = of_person AND p.owner_id = mine AND p.case_id = public.nwd_case();
    IF of_case IS NULL OR public.nwd_role() IS DISTINCT FROM '{viewers.Role.ADVOCATE.value}'
       OR NOT public.nwd_acts_on(of_case) THEN
        RETURN;
    END IF;
    together := ARRAY(SELECT * FROM public.nowrongdoor_merged_with(of_case));
    IF public.nowrongdoor_is_held(of_case) THEN
        WITH RECURSIVE line AS (  -- of each of these cases, the mergers by which it came into the last one
            SELECT c.id AS of, c.id, c.merged_into_id, c.closed_at FROM public.nowrongdoor_case c
             WHERE c.id = ANY (together)
            UNION ALL
            SELECT line.of, c.id, c.merged_into_id, c.closed_at
              FROM line JOIN public.nowrongdoor_case c ON c.id = line.merged_into_id
        ), covers AS (  -- since when each hold covers this case: since the two are one, if they were two
            SELECT greatest(h.at, (
                       SELECT max(m.closed_at) FROM line m
                        WHERE m.merged_into_id IS NOT NULL AND m.of IN (of_case, h.case_id) AND h.case_id <> of_case
                          AND NOT EXISTS (SELECT FROM line n WHERE n.id = m.id AND n.of <> m.of
                                                               AND n.of IN (of_case, h.case_id)))) AS since,
                   coalesce(h.lifted_at, 'infinity') AS until
              FROM public.nowrongdoor_hold h WHERE h.case_id = ANY (together)
        )
        SELECT coalesce(max(e.at), '-infinity') INTO known_until FROM public.nowrongdoor_auditevent e
         WHERE e.case_id = of_case AND e.agency_id = mine AND e.verb = 'person.seen_read' AND e.subject_id = of_person
           AND NOT EXISTS (SELECT FROM covers WHERE covers.since <= e.at AND covers.until > e.at);
    END IF;
    RETURN QUERY
    SELECT DISTINCT a.name::text, (s.at AT TIME ZONE '{_ZONE}')::date, s.reason
      FROM (
        SELECT e.agency_id, e.at, CASE
                 WHEN e.agency_id = mine AND e.authority = 'emergency' THEN 'emergency'
                 WHEN e.agency_id = mine THEN 'wrote'
                 WHEN EXISTS (SELECT FROM public.nowrongdoor_release r
                               WHERE r.person_id = of_person AND r.recipient_id = e.agency_id AND r.given_at <= e.at
                                 AND e.at < least(r.expires_at, coalesce(r.revoked_at, 'infinity'))) THEN 'by_release'
                 WHEN EXISTS (SELECT FROM public.nowrongdoor_disclosure d
                               WHERE d.person_id = of_person AND d.recipient_id = e.agency_id
                                 AND d.at <= e.at AND e.at < d.until) THEN 'by_duty'
               END AS reason
          FROM public.nowrongdoor_auditevent e
         WHERE e.case_id = of_case AND (e.verb IN ('case.read', 'case.printed')
                                        OR (e.verb = 'person.read' AND e.subject_id = of_person))
        UNION ALL
        SELECT r.recipient_id, r.given_at, 'released' FROM public.nowrongdoor_release r WHERE r.person_id = of_person
        UNION ALL
        SELECT d.recipient_id, d.at, 'disclosed' FROM public.nowrongdoor_disclosure d WHERE d.person_id = of_person
      ) AS s (agency_id, at, reason)
      JOIN public.nowrongdoor_agency a ON a.id = s.agency_id
     WHERE s.reason IS NOT NULL
       AND (s.at <= known_until OR s.reason = 'released' OR (a.kind IN ({_HELPS}) AND (a.id = mine OR NOT EXISTS (
             SELECT FROM public.nowrongdoor_hold h
              WHERE h.agency_id = a.id AND h.lifted_at IS NULL AND h.case_id = ANY (together)))));
END $$;
""")  # noqa: S608  constants above
DECLARED = (
    words.Verb("discovery.collected", "collected the records of the case for discovery"),
    # Who has seen what is known of a person
    FUNCTIONS,
    words.Verb("person.seen_read", "viewed who has seen a person’s information, for that person"),
    # Subpoenas, warrants and other demands
    policies.Rows(
        model=models.Demand,
        see=system_or(_OURS),
        add=f"({SIGNED} AND {_HANDLES})",
        change=_OURS,
        columns=(
            *("return_at", "motion_at", "counsel_at", "notice", "notice_at", "forbidden_by"),
            *("closed_at", "closed_by_id", "outcome", "how"),
        ),
        later={"return_at": "3660 days", "motion_at": "3660 days"},
    ),
    inventory.Columns(
        models.Demand,
        sealed=("receiver", "party", "docket", "asks", "forbidden_by", "how"),
        plain=dict.fromkeys(("kind", "notice", "outcome"), inventory.CODES),
    ),
    words.Verb("demands.listed", "viewed the log of subpoenas and warrants"),
    words.Verb("demand.read", "viewed a subpoena or another demand"),
    words.Verb("demand.logged", "logged a subpoena or another demand"),
    words.Verb("demand.changed", "changed the dates or the notice of a demand"),
    words.Verb("demand.closed", "closed a demand"),
    policies.Rows(
        model=models.DemandRecord,
        see=system_or(_OURS),
        add=f"({SIGNED} AND {_HANDLES} AND {_OF_DEMAND})",
    ),
    inventory.Columns(
        models.DemandRecord, sealed=("name",), plain={"digest": "SHA-256 of a whole record that left, in hex"}
    ),
    words.Verb("demand.record_left", "noted that a record left for a demand"),
    # Breaches: nothing in them is words
    policies.Rows(
        model=models.Breach,
        see=system_or(_OURS),
        add=f"({SIGNED} AND {_HANDLES})",
        change=_OURS,
        columns=("kind", "happened_at", "people", "closed_at", "closed_by_id"),
    ),
    inventory.Columns(models.Breach, plain=dict.fromkeys(("kind", "what"), inventory.CODES)),
    words.Verb("breaches.listed", "viewed the log of breaches"),
    words.Verb("breach.read", "viewed a breach"),
    words.Verb("breach.logged", "logged a breach"),
    words.Verb("breach.changed", "changed what is known of a breach"),
    words.Verb("breach.closed", "closed a breach"),
    policies.Rows(
        model=models.BreachNotice,
        see=system_or(_OURS),
        add=f"({SIGNED} AND {_HANDLES} AND {_OF_BREACH})",
    ),
    inventory.Columns(
        models.BreachNotice,
        plain={"recipient": inventory.CODES, "confirmation": "a number that the recipient gave; a check takes no name"},
    ),
    words.Verb("breach.told", "noted who was told of a breach"),
)
