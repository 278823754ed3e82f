"""What the trail's own tables let whom see and write. How their columns are kept is told above, in the vault."""

from __future__ import annotations

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import ENTRY, MINE, NOBODY, system_or
from nowrongdoor.audit import models, noted, words

_INSPECTED = system_or(f"({MINE} AND {policies.role_is(viewers.Role.INSPECTOR)})")
# Whoever visits their mailbox leaves an event with the agency that answers it, and names nobody.
_VISITED = "(by_id IS NULL AND agency_id = (SELECT nwd_visited_agency()))"
_NOT_NOTED = "verb <> 'rows.noted'"  # the triggers that note rows write as their owner, whom no policy holds
PHRASES: policies.Phrases = ((_VISITED, "about the mailbox that the visitor's receipt opens"),)
DECLARED = (
    policies.Functions("""
CREATE OR REPLACE FUNCTION nwd_visited_agency() RETURNS uuid LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    RETURN (SELECT agency_id FROM public.nowrongdoor_mailbox
             WHERE opener = nwd_visitor() AND ends_at > statement_timestamp());
"""),
    policies.Rows(model=models.Event, see=_INSPECTED, add=f"({ENTRY} OR {MINE} OR {_VISITED}) AND {_NOT_NOTED}"),
    policies.Rows(model=models.Seal, see=_INSPECTED, add=NOBODY),  # a trigger writes it
    policies.public(models.Anchor, "digests that are made to be published"),
    words.Verb(noted.NOTED, "noted what was written, as digests"),
    words.Verb("trail.anchored", "anchored the trail"),
    words.Verb("trail.exported", "downloaded the trail"),
    words.Verb("trail.read", "viewed the trail"),
)
