"""What this room tells the trail, and the one function by which it reads other agencies' part of it; it keeps no table.

Note [Who has seen]: `nwd_who_saw` looks past row security and gives agency, day and reason, nothing else. It names the
verbs that it tells of, so that whatever is new in the trail, a silent entry too, is told by nobody's oversight;
collecting for discovery is not among them. While a hold covers the case, it gives of whoever placed a hold, and of
agencies that do more than help (`rules.HELPS`), only what an opening already showed while no hold was on: what the
person knows stays, so that no line vanishes on the day of a charge, and nothing new comes. Rule 6(e) needs no line of
its own, because no matter before a grand jury is kept here.
"""

from __future__ import annotations

import zoneinfo

from django.conf import settings

from nowrongdoor.access import policies, viewers
from nowrongdoor.audit import words
from nowrongdoor.core.mandates import rules

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
        SELECT coalesce(max(e.at), '-infinity') INTO known_until FROM public.nowrongdoor_auditevent e
         WHERE e.case_id = of_case AND e.agency_id = mine AND e.verb = 'person.seen_read' AND e.subject_id = of_person
           AND NOT EXISTS (SELECT FROM public.nowrongdoor_hold h
                            WHERE h.case_id = ANY (together) AND h.at <= e.at
                              AND coalesce(h.lifted_at, 'infinity') > e.at);
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
       AND (s.at <= known_until OR (a.kind IN ({_HELPS}) AND (a.id = mine OR NOT EXISTS (
             SELECT FROM public.nowrongdoor_hold h
              WHERE h.agency_id = a.id AND h.lifted_at IS NULL AND h.case_id = ANY (together)))));
END $$;
""")  # noqa: S608  constants above
DECLARED = (
    FUNCTIONS,
    words.Verb("discovery.collected", "collected the records of the case for discovery"),
    words.Verb("person.seen_read", "viewed who has seen a person’s information, for that person"),
)
