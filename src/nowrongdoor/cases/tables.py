"""What the tables of cases let whom see and write, and how their words are kept; and the conditions on a case by which
the rooms above declare theirs.

Note [Opened and acted on]: `THIS_CASE` is the case that an action opened (`row_security.act_on`), and all its rows are
shown, because a hand-off is about two agencies. Naming a case is not enough to write in it: `ACTS` asks besides whether
the viewer's agency has or had a part in it.
"""

from __future__ import annotations

from typing import TypedDict

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import HANDS_IN, ME, MINE, NOBODY, PERSON, SEES_CASES, SIGNED, THIS_CASE, system_or
from nowrongdoor.audit import noted, words
from nowrongdoor.cases import models, person_models
from nowrongdoor.core import parts
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.vault import inventory

OF_CASE = "@.case_id"
ACTS = f"nwd_acts_on({OF_CASE})"
_PART = "EXISTS (SELECT FROM nowrongdoor_participant p WHERE p.case_id = {case} AND p.agency_id = {me}{more})"


def not_excluded(case: str) -> str:
    """Ask whether the viewer is not kept away from a case."""
    return f"{case} <> ALL ((SELECT nwd_excluded_from())::uuid[])"


def _emergency(case: str) -> str:
    return f"{case} = ANY ((SELECT nwd_opened_in_emergency())::uuid[])"


def takes_part(case: str) -> str:
    """Ask whether the viewer's agency takes part in a case now, and the viewer may work on it."""
    part = _PART.format(case=case, me=ME, more=" AND p.to_at IS NULL")
    return f"({SEES_CASES} AND ({part} OR {_emergency(case)}) AND {not_excluded(case)})"


def took_part(case: str) -> str:
    """Ask whether the viewer's agency takes part now, or did, and the viewer may work on it."""
    return _took_part(case, SEES_CASES)


def learns_of(case: str) -> str:
    """Ask the same, or whether the agency's system handed a signal of it in."""
    return _took_part(case, f"({SEES_CASES} OR {HANDS_IN})")


def _took_part(case: str, who: str) -> str:
    part = _PART.format(case=case, me=ME, more="")
    return f"({who} AND ({part} OR {_emergency(case)}) AND {not_excluded(case)})"


CASE = system_or(f"case_id = {THIS_CASE}", takes_part(OF_CASE))
BETWEEN = f"{SEES_CASES} AND {not_excluded(OF_CASE)}"
OURS = system_or(f"({MINE} AND {took_part(OF_CASE)})")  # what an agency writes of a case it has or had a part in
FUNCTIONS = policies.Functions("""
CREATE OR REPLACE FUNCTION nwd_excluded_from() RETURNS uuid[] LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    RETURN CASE WHEN nwd_agency() IS NOT NULL OR nwd_house() THEN ARRAY(
        SELECT case_id FROM public.nowrongdoor_exclusion WHERE person_id = nwd_person() AND lifted_at IS NULL) END;
CREATE OR REPLACE FUNCTION nwd_opened_in_emergency() RETURNS uuid[] LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    RETURN ARRAY(SELECT case_id FROM public.nowrongdoor_emergency
                  WHERE by_id = nwd_person() AND until > statement_timestamp());
CREATE OR REPLACE FUNCTION nwd_acts_on(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- whether the viewer opened this case, and their agency received it, leads it, takes part in it or did; it looks
       -- past row security, because a case is written before anybody takes part in it
    RETURN of_case = public.nwd_case() AND public.nwd_sees_cases() AND of_case <> ALL (public.nwd_excluded_from()) AND (
        EXISTS (SELECT FROM public.nowrongdoor_participant p
                 WHERE p.case_id = of_case AND p.agency_id = public.nwd_agency())
        OR EXISTS (SELECT FROM public.nowrongdoor_case c WHERE c.id = of_case
                    AND public.nwd_agency() IN (c.received_by_id, c.lead_id))
        OR of_case = ANY (public.nwd_opened_in_emergency()));
END $$;
CREATE OR REPLACE FUNCTION nwd_lets_in(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- whether the viewer may bring agencies into this case: theirs takes part in it now
    RETURN public.nwd_acts_on(of_case) AND (
        EXISTS (SELECT FROM public.nowrongdoor_participant p
                 WHERE p.case_id = of_case AND p.agency_id = public.nwd_agency() AND p.to_at IS NULL)
        OR EXISTS (SELECT FROM public.nowrongdoor_case c WHERE c.id = of_case
                    AND public.nwd_agency() IN (c.received_by_id, c.lead_id)));
END $$;
CREATE OR REPLACE FUNCTION nwd_changes_facts(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- whether the viewer may say what the facts of this case are: theirs leads it, or took a signal of it
    RETURN public.nwd_acts_on(of_case) AND (
        EXISTS (SELECT FROM public.nowrongdoor_case c WHERE c.id = of_case AND c.lead_id = public.nwd_agency())
        OR EXISTS (SELECT FROM public.nowrongdoor_case_signal s
                    WHERE s.case_id = of_case AND s.receiver_id = public.nwd_agency()));
END $$;
CREATE OR REPLACE FUNCTION nwd_is_suspect(person uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- whether somebody is on record as a suspect, which only the agency that wrote it down may read
    RETURN nowrongdoor_is_suspect(person);
END $$;
CREATE OR REPLACE FUNCTION nwd_reaches(kind varchar, subject uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- not in SQL: so it is planned once a connection, and the policies it asks are not planned with every key;
       -- and the tables are named with their schema, so that no temporary one of a caller's stands in for them
    IF kind = 'case' THEN
        RETURN EXISTS (SELECT FROM public.nowrongdoor_case WHERE id = subject)
            OR public.nwd_is_shown(subject, NULL, NULL);
    ELSIF kind = 'draft' THEN
        RETURN EXISTS (SELECT FROM public.nowrongdoor_draft WHERE id = subject);
    ELSIF kind = 'demand' THEN
        RETURN EXISTS (SELECT FROM public.nowrongdoor_demand WHERE id = subject);
    ELSIF kind = 'contact' THEN
        RETURN EXISTS (SELECT FROM public.nowrongdoor_contact WHERE id = subject)
            OR EXISTS (SELECT FROM public.nowrongdoor_seat WHERE id = subject)
            OR EXISTS (SELECT FROM public.nowrongdoor_caller_flag WHERE id = subject);
    ELSIF kind = 'protocol' THEN
        RETURN EXISTS (SELECT FROM public.nowrongdoor_protocol WHERE id = subject);
    END IF;
    RETURN EXISTS (SELECT FROM public.nowrongdoor_signal WHERE id = subject)
        OR EXISTS (SELECT FROM public.nowrongdoor_mailbox WHERE signal_id = subject)
        OR EXISTS (SELECT FROM public.nowrongdoor_case_signal cs
                    WHERE cs.signal_id = subject AND cs.case_id = public.nwd_case());
END $$;
CREATE OR REPLACE FUNCTION nwd_disposes(subject uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- whether a key is that of the case that the viewer opened, of a signal of it, or of the contact it came by
    RETURN public.nwd_acts_on(public.nwd_case()) AND (subject = public.nwd_case() OR EXISTS (
        SELECT FROM public.nowrongdoor_case_signal cs
         WHERE cs.case_id = public.nwd_case() AND (cs.signal_id = subject OR cs.signal_id = (
           SELECT c.signal_id FROM public.nowrongdoor_contact c WHERE c.id = subject))));
END $$;
""")
_PERSON_OF_CASE = f"EXISTS (SELECT FROM nowrongdoor_person p WHERE p.id = @.person_id AND p.case_id = {THIS_CASE})"


def _role_for_part() -> str:
    each = (f"(part = '{part.value}' AND {policies.role_is(*viewers.who_sees(part))})" for part in parts.Part)
    return f"({' OR '.join(each)})"


def _told(table: str, end: str, more: str) -> str:
    """Whether a release or a disclosure shows this part of this person to the viewer's agency now."""
    return (
        f"EXISTS (SELECT FROM nowrongdoor_{table} r WHERE r.person_id = @.person_id AND r.recipient_id = {ME} "
        f"AND @.part = ANY (r.parts) AND r.{end} > statement_timestamp() {more})"
    )


_OWN_PERSON = f"EXISTS (SELECT FROM nowrongdoor_person p WHERE p.id = @.person_id AND p.owner_id = {ME})"
# A release shows nothing once whoever signed it with the person, or for them, is on record as a suspect.
_RELEASED = _told("release", "expires_at", "AND r.revoked_at IS NULL AND NOT nwd_is_suspect(r.co_signer_id)")
_DISCLOSED = _told("disclosure", "until", "")
_SHOWN = "nwd_is_shown(@.case_id, @.person_id, @.part)"
_NOW = _PART.format(case=OF_CASE, me=ME, more=" AND p.to_at IS NULL")
# Note [Helpers apart]: a community advocate, a government victim specialist and an investigator are never one role.
# What is kept to a role is read by that role of the same agency alone. What an advocate wrote for the agency isn't
# shown to its investigators and victim specialists, who may have to disclose what they read. What an advocate wrote
# for everybody on the case, everybody reads.
_OF_ROLE = "(audience <> 'role' OR written_as = (SELECT nwd_role()))"
# Whoever is nobody halfway through a statement is in none of these roles, either: so they are named that may.
_PROSECUTION = {viewers.Role.INVESTIGATOR, viewers.Role.VICTIM_SPECIALIST}
_NO_PROSECUTION_TEAM = policies.role_is(*sorted(viewers.SEES_CASES - _PROSECUTION, key=str))
_NO_ADVOCATE = policies.role_is(*sorted(viewers.SEES_CASES - {viewers.Role.ADVOCATE}, key=str))
APART = f"(written_as <> '{viewers.Role.ADVOCATE.value}' OR {_NO_PROSECUTION_TEAM})"
_NOTE_IS_READ = "EXISTS (SELECT FROM nowrongdoor_note n WHERE n.id = @.note_id)"
# And whoever corrects or withdraws adds words: an advocate adds none to what a colleague wrote for the agency, where
# its investigators would read them, and these add none to an advocate's.
_ADDS_NO_WORDS = f"({{of}}audience <> 'agency' OR {{of}}written_as = '{viewers.Role.ADVOCATE.value}' OR {_NO_ADVOCATE})"
_FILE_KEPT_APART = _ADDS_NO_WORDS.format(of="")
_NOTE_IS_CORRECTED = (
    "EXISTS (SELECT FROM nowrongdoor_note n WHERE n.id = @.note_id "
    f"AND (n.written_as <> '{viewers.Role.ADVOCATE.value}' OR {_NO_PROSECUTION_TEAM}) "
    f"AND {_ADDS_NO_WORDS.format(of='n.')})"
)
# Emergency access lasts some hours from its own time on, so that this time is not in the future (a clock may differ).
_BEGINS_NOW = "at <= statement_timestamp() + interval '1 minute'"
PHRASES: policies.Phrases = (
    *((takes_part(case), "whoever takes part in the case now") for case in (OF_CASE, "@.id")),
    *((took_part(case), "whoever takes part in the case or did") for case in (OF_CASE, "@.id")),
    (takes_part("@.other_id"), "whoever takes part in the other case now"),
    (took_part("@.other_id"), "whoever takes part in the other case or did"),
    *(
        (learns_of(case), "whoever takes part in the case or did, the agency's system too")
        for case in (OF_CASE, "@.id")
    ),
    (BETWEEN, "in a role that opens cases and not kept away from this one"),
    *((f"nwd_acts_on({case})", "whoever opened the case and has or had a part in it") for case in (OF_CASE, "@.id")),
    (f"nwd_acts_on({THIS_CASE})", "whoever opened the case and has or had a part in it"),
    (f"nwd_lets_in({OF_CASE})", "whoever opened the case and takes part in it now"),
    (f"nwd_changes_facts({OF_CASE})", "whoever opened the case and leads it or took a signal of it"),
    ('nwd_reaches("of", subject_id)', "the key of a case, a signal, a draft, a demand or a protocol that it sees"),
    ("nwd_disposes(subject_id)", "whoever opened the case whose key, or whose signal's key, it is"),
    (_PERSON_OF_CASE, "of a person of the case it opened"),
    (_OWN_PERSON, "of a person whom its own agency wrote down"),
    (_RELEASED, "a release shows its own agency this part"),
    (_DISCLOSED, "a legal duty shows its own agency this part"),
    (_SHOWN, "somebody whom its own service is asked for, or takes, released this part to it"),
    (_NOW, "its own agency takes part in the case now"),
    (_BEGINS_NOW, "it begins now"),
    (_OF_ROLE, "it isn't kept to another role"),
    (APART, "it isn't an advocate's, where an investigator or a victim specialist looks"),
    (_NOTE_IS_CORRECTED, "of a note that it reads, where no words of an advocate and of an investigator meet"),
    (_NOTE_IS_READ, "of a note that it reads"),
    (_FILE_KEPT_APART, "it isn't a colleague's for the agency, where an advocate looks"),
)
_PLACE = dict.fromkeys(("state", "district"), inventory.PLACE)


class _Verbs(TypedDict):
    see: str
    add: str
    change: str


# What an agency wrote about a case: its own always, while it takes or took part; what it wrote for everybody on the
# case, while one takes part. What is for one team of a case (`scope`) nobody else reads, and no room has teams yet.
_WRITTEN: _Verbs = {
    "see": system_or(
        f"({MINE} AND {took_part(OF_CASE)} AND {_OF_ROLE} AND {APART})",
        f"(audience = 'team' AND scope IS NULL AND {takes_part(OF_CASE)})",
    ),
    "add": f"{SIGNED} AND scope IS NULL AND {takes_part(OF_CASE)}",
    "change": f"({MINE} AND {takes_part(OF_CASE)} AND {_OF_ROLE} AND {APART})",
}
# What an agency wrote of its own people.
_OF_PEOPLE: _Verbs = {
    "see": system_or(f"(owner_id = {ME} AND {took_part(OF_CASE)} AND {APART})"),
    "add": f"owner_id = {ME} AND by_id = {PERSON} AND {takes_part(OF_CASE)}",
    "change": f"(owner_id = {ME} AND {takes_part(OF_CASE)} AND {APART})",
}
_PERIOD = ("id", "case_id", "agency_id", "relation", "from_at", "to_at")
DECLARED = (
    FUNCTIONS,
    # Cases: opened by the agency that received them. Whoever locks one to act on it has or had a part in it
    policies.Rows(
        model=models.Case,
        see=system_or(f"id = {THIS_CASE}", learns_of("@.id")),
        add=system_or(f"(id = {THIS_CASE} AND received_by_id = {ME} AND lead_id = {ME} AND {SEES_CASES})"),
        change=system_or(took_part("@.id"), "nwd_acts_on(@.id)"),
        columns=(
            *("lead_id", "lead_since", "lead_handoff_id", "facts", "facts_version", "state", "district"),
            *("closed_at", "closed_by_id", "closed_because", "closed_as", "found", "merged_into_id"),
        ),
    ),
    inventory.Columns(
        models.Case,
        sealed=("closed_because",),
        plain={
            "facts": inventory.FACTS,
            "reference": inventory.REFERENCE,
            **dict.fromkeys(("lead_accepted", "closed_as", "found"), inventory.CODES),
            **_PLACE,
        },
    ),
    noted.Kept(
        "case",
        models.Case,
        (
            *("id", "reference", "received_by_id", "opened_at", "lead_id", "lead_since", "lead_handoff_id", "facts"),
            *(
                "facts_version",
                "state",
                "district",
                "closed_at",
                "closed_by_id",
                "closed_because",
                "closed_as",
                "found",
            ),
            "merged_into_id",
        ),
        gettext_lazy("Case"),
    ),
    words.Verb("case.closed", "closed the case"),
    words.Verb("case.merged", "closed the case and merged it into another"),
    words.Verb("case.linked", "linked the case to another"),
    words.Verb("case.printed", "printed the case"),
    words.Verb("case.read", "viewed the case"),
    words.Verb("case.sight_read", "viewed who has access to the case"),
    words.Verb("cases.listed", "viewed the list of cases"),
    # Which cases an agency sees as belonging together
    policies.Rows(
        model=models.CaseLink,
        see=system_or(f"({MINE} AND {took_part(OF_CASE)} AND {took_part('@.other_id')})"),
        add=f"{SIGNED} AND {takes_part(OF_CASE)} AND {takes_part('@.other_id')}",
    ),
    inventory.Columns(models.CaseLink),
    # How a case was closed before it was reopened
    policies.Rows(model=models.Reopening, see=CASE, add=f"{SIGNED} AND {takes_part(OF_CASE)}"),
    inventory.Columns(
        models.Reopening,
        sealed=("because", "closed_because"),
        plain=dict.fromkeys(("closed_as", "found"), inventory.CODES),
    ),
    words.Verb("case.reopened", "reopened the case"),
    # Which signals a case holds
    policies.Rows(
        model=models.CaseSignal,
        see=system_or(f"case_id = {THIS_CASE}", learns_of(OF_CASE)),
        add=system_or(f"(receiver_id = {ME} AND {ACTS})"),
    ),
    inventory.Columns(models.CaseSignal, plain={"reference": inventory.REFERENCE, "door": inventory.CODES}),
    # Facts: the first are what the signal said, and nobody signs them; further ones are signed by who may change them
    policies.Rows(
        model=models.CaseFacts,
        see=CASE,
        add=system_or(f"(nwd_changes_facts({OF_CASE}) AND (by_id IS NOT NULL OR version = 1))"),
    ),
    inventory.Columns(models.CaseFacts, sealed=("why",), plain={"facts": inventory.FACTS, **_PLACE}),
    noted.Kept(
        "facts",
        models.CaseFacts,
        ("id", "case_id", "version", "facts", "state", "district", "at", "by_id", "why"),
        gettext_lazy("Facts of a case"),
    ),
    words.Verb("facts.changed", "changed the facts"),
    # Who led, which a trigger writes
    policies.Rows(model=models.Tenure, see=system_or(took_part(OF_CASE), f"case_id = {THIS_CASE}"), add=NOBODY),
    inventory.Columns(models.Tenure),
    noted.Kept(
        "tenure",
        models.Tenure,
        ("id", "case_id", "agency_id", "handoff_id", "from_at", "to_at"),
        gettext_lazy("Time as lead agency"),
    ),
    # Who takes part: no agency lets itself into a case. Whoever writes takes part already, or is the system
    policies.Rows(
        model=models.Participant,
        see=system_or(MINE, f"case_id = {THIS_CASE}"),
        add=system_or(f"nwd_lets_in({OF_CASE})"),
        change=system_or(ACTS),
        becomes=system_or(f"({ACTS} AND (to_at IS NOT NULL OR nwd_lets_in({OF_CASE})))"),
        columns=("from_at", "to_at"),
    ),
    inventory.Columns(models.Participant, plain={"relation": inventory.CODES}),
    noted.Kept("part", models.Participant, _PERIOD, gettext_lazy("Part in a case")),
    # Who took part before, which a trigger writes
    policies.Rows(model=models.EarlierPart, see=system_or(MINE, f"case_id = {THIS_CASE}"), add=NOBODY),
    inventory.Columns(models.EarlierPart, plain={"relation": inventory.CODES}),
    noted.Kept("earlier_part", models.EarlierPart, _PERIOD, gettext_lazy("Earlier part in a case")),
    # People
    policies.Rows(
        model=person_models.Person,
        see=CASE,
        add=system_or(f"(owner_id = {ME} AND ({ACTS} OR {takes_part(OF_CASE)}))"),
    ),
    inventory.Columns(person_models.Person),
    words.Verb("person.read", "viewed a person"),
    words.Verb("person.written", "added a person"),
    policies.Rows(
        model=person_models.PersonPart,
        see=system_or(
            f"({_role_for_part()} AND ((@.owner_id = {ME} AND {took_part(OF_CASE)}) "
            f"OR ({takes_part(OF_CASE)} AND ({_RELEASED} OR {_DISCLOSED}))))",
            _SHOWN,
        ),
        add=system_or(f"(@.owner_id = {ME} AND ({ACTS} OR {took_part(OF_CASE)}))"),
    ),
    inventory.Columns(person_models.PersonPart, sealed=("details",), plain={"part": inventory.CODES}),
    policies.Rows(
        model=person_models.PersonToken,
        see=system_or(f"(owner_id = {ME} AND {SEES_CASES})", _PERSON_OF_CASE),
        add=system_or(f"(owner_id = {ME} AND {SEES_CASES} AND {_OWN_PERSON})"),
        remove=system_or(f"({_PERSON_OF_CASE} AND nwd_acts_on({THIS_CASE}))"),  # a disposal alone: a trigger asks
    ),
    inventory.Columns(person_models.PersonToken, tokens=("token",)),
    words.Verb("people.searched", "searched for a person"),
    policies.Rows(model=person_models.PersonRole, **_OF_PEOPLE, columns=("to_at",)),
    inventory.Columns(person_models.PersonRole, plain=dict.fromkeys(("role", "written_as"), inventory.CODES)),
    words.Verb("person.role_added", "added a person’s role in the case"),
    words.Verb("person.role_ended", "ended a person’s role in the case"),
    policies.Rows(model=person_models.PersonRelation, **_OF_PEOPLE, columns=("to_at",)),
    inventory.Columns(person_models.PersonRelation, plain=dict.fromkeys(("kind", "written_as"), inventory.CODES)),
    words.Verb("person.relation_added", "added a relation between two people"),
    words.Verb("person.relation_ended", "ended a relation between two people"),
    # Notes and files
    policies.Rows(model=models.Note, **_WRITTEN, columns=("pinned_at", "pinned_by_id")),
    inventory.Columns(
        models.Note,
        sealed=("text",),
        plain=dict.fromkeys(("audience", "written_as", "for_role"), inventory.CODES),
    ),
    noted.Kept(
        "note",
        models.Note,
        ("id", "case_id", "agency_id", "by_id", "at", "audience", "scope", "text", "written_as", "for_role"),
        gettext_lazy("Note"),
    ),
    words.Verb("note.added", "wrote a note"),
    words.Verb("note.pinned", "pinned a note"),
    words.Verb("note.unpinned", "unpinned a note"),
    # What a note says from then on: seen with its note, added by the agency that wrote it
    policies.Rows(
        model=models.NoteCorrection,
        see=system_or(_NOTE_IS_READ),
        add=f"{SIGNED} AND {takes_part(OF_CASE)} AND {_NOTE_IS_CORRECTED}",
    ),
    inventory.Columns(models.NoteCorrection, sealed=("text", "because")),
    words.Verb("note.corrected", "corrected a note"),
    policies.Rows(
        model=models.CaseFile,
        see=_WRITTEN["see"],
        add=_WRITTEN["add"],
        change=f"({_WRITTEN['change']} AND {_FILE_KEPT_APART})",
        columns=("withdrawn_at", "withdrawn_by_id", "withdrawn_because"),
    ),
    inventory.Columns(
        models.CaseFile,
        sealed=("label", "content", "withdrawn_because"),
        plain=dict.fromkeys(("audience", "kind", "written_as"), inventory.CODES),
    ),
    words.Verb("file.attached", "attached a file"),
    words.Verb("file.withdrawn", "withdrew a file"),
    # The content of a file that was withdrawn: a trigger puts it away, and nobody opens it
    policies.Rows(model=models.WithdrawnContent, see=NOBODY, add=NOBODY),
    inventory.Columns(models.WithdrawnContent, sealed=("content",)),
    words.Verb("file.read", "opened a file"),
    # Who is kept away
    policies.Rows(
        model=models.Exclusion,
        see=system_or(MINE, f"person_id = {PERSON}", f"case_id = {THIS_CASE}"),
        add=f"({OURS} AND lifted_at IS NULL AND lifted_by_id IS NULL)",
        change=OURS,
        columns=("lifted_at", "lifted_by_id"),
    ),
    inventory.Columns(models.Exclusion, sealed=("because",)),
    words.Verb("exclusion.lifted", "restored somebody’s access to the case"),
    words.Verb("person.excluded", "removed somebody’s access to the case"),
    # Who broke in
    policies.Rows(
        model=models.Emergency,
        see=system_or(
            MINE,
            f"by_id = {PERSON}",
            f"case_id = {THIS_CASE}",
            f"({SEES_CASES} AND {_NOW})",
        ),
        add=system_or(f"({MINE} AND case_id = {THIS_CASE} AND {BETWEEN} AND {_BEGINS_NOW})"),
        change=system_or(f"({MINE} AND {policies.role_is(viewers.Role.COORDINATOR, viewers.Role.INSPECTOR)})"),
        columns=("reviewed_at", "reviewed_by_id", "justified", "review"),
        later={"until": "4 hours"},
    ),
    inventory.Columns(models.Emergency, sealed=("because", "review")),
    words.Verb("emergencies.read", "viewed emergency accesses"),
    words.Verb("emergency.opened", "opened the case in an emergency"),
    words.Verb("emergency.reviewed", "reviewed an emergency access"),
)
