"""What the table of signals lets whom see and write, and how its words are kept."""

from __future__ import annotations

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import (
    HANDS_IN,
    ME,
    MINE,
    PERSON,
    SEES_CASES,
    SIGNED,
    SYSTEM,
    THIS_CASE,
    VISITOR,
    system_or,
)
from nowrongdoor.audit import noted, words
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.mandates import rules
from nowrongdoor.signals import models
from nowrongdoor.vault import inventory

_TAKEN = f"(receiver_id = {ME} AND ({SEES_CASES} OR {HANDS_IN}))"
_OURS = f"({MINE} AND {SEES_CASES})"
_RECEIVED = f"(receiver_id = {ME} AND {SEES_CASES})"
# Which signals a case holds, the room of cases keeps: whoever opened it is shown them.
_OF_CASE = f"EXISTS (SELECT FROM nowrongdoor_case_signal cs WHERE cs.signal_id = @.id AND cs.case_id = {THIS_CASE})"
# What somebody sends through the public form belongs to the mailbox that their receipt opens, which is made first.
_OPEN = f"m.opener = {VISITOR} AND m.ends_at > statement_timestamp()"
# It stays theirs when another agency answers the mailbox, because its receiver closed.
_SENT = f"EXISTS (SELECT FROM nowrongdoor_mailbox m WHERE m.signal_id = @.{{id}} AND {_OPEN})"
_SENDING = _SENT.replace("AND", "AND m.agency_id = @.receiver_id AND", 1)
_SENDS = f"(door = 'web' AND taken_by_id IS NULL AND routed_at IS NULL AND {_SENDING.format(id='id')})"
_SENDS_TELLING = _SENDING.format(id="signal_id")
_SENT_TELLING = _SENT.format(id="signal_id")
# A draft is nobody's but its writer's: not their agency's, nor the system's, which only takes it away once it ended.
_IS_OVER = "ends_at <= statement_timestamp()"
_ENDED = f"({SYSTEM} AND {_IS_OVER})"
_OWN_DRAFT = f"({SEES_CASES} AND {SIGNED} AND ends_at > statement_timestamp())"
# Files of a contact. Whoever took it lists them, and investigators of whoever takes part in its case; what is inside,
# `nwd_hands_out` says. Nobody lists, isolates or opens a file of a case that they are kept away from.
_KEPT_AWAY = "nwd_kept_from_signal(signal_id)"
_INVESTIGATOR = policies.role_is(viewers.Role.INVESTIGATOR)
_INVESTIGATED = (
    "EXISTS (SELECT FROM nowrongdoor_case_signal cs WHERE cs.signal_id = @.signal_id "
    f"AND cs.case_id = {THIS_CASE} AND nwd_lets_in(cs.case_id))"
)
_TOOK = f"({SEES_CASES} AND nwd_took(signal_id))"
_LISTED = f"(({_TOOK} OR ({_INVESTIGATOR} AND {_INVESTIGATED})) AND NOT {_KEPT_AWAY})"
_ATTACHED = f"({_RECEIVED} AND by_id = {PERSON} AND NOT {_KEPT_AWAY})"
# Its sender adds files by their receipt, and finds those again.
_ADDED = f"(by_id IS NULL AND EXISTS (SELECT FROM nowrongdoor_mailbox m WHERE m.signal_id = @.signal_id AND {_OPEN}))"
_LISTED_FILE = "EXISTS (SELECT FROM nowrongdoor_signal_file f WHERE f.id = @.file_id)"
_HANDED_OUT = "nwd_hands_out(file_id, form)"
_POLICES = ", ".join(sorted(f"'{kind.value}'" for kind in rules.POLICES))
_HANDING_OUT = """
CREATE OR REPLACE FUNCTION nwd_files_of(signal uuid) RETURNS integer LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- how many files a signal has, for whoever may add one and is not shown them all; none to anybody else
    RETURN (SELECT count(*) FROM public.nowrongdoor_signal_file f WHERE f.signal_id = signal AND (
        f.receiver_id = public.nwd_agency() OR public.nwd_house() OR EXISTS (
            SELECT FROM public.nowrongdoor_mailbox m WHERE m.signal_id = signal AND m.opener = public.nwd_visitor()
               AND m.ends_at > statement_timestamp())));
END $$;
CREATE OR REPLACE FUNCTION nwd_took(signal uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- whether the viewer's agency received a signal, or answers its sender since the one that received it closed
    RETURN EXISTS (SELECT FROM public.nowrongdoor_signal s WHERE s.id = signal AND s.receiver_id = public.nwd_agency())
        OR EXISTS (
            SELECT FROM public.nowrongdoor_mailbox m WHERE m.signal_id = signal AND m.agency_id = public.nwd_agency());
END $$;
CREATE OR REPLACE FUNCTION nwd_kept_from_signal(signal uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- whether the viewer is kept away from the case of a signal, which hides from them which signals it holds
    RETURN EXISTS (SELECT FROM public.nowrongdoor_case_signal cs
                    WHERE cs.signal_id = signal AND cs.case_id = ANY (public.nwd_excluded_from()));
END $$;
CREATE OR REPLACE FUNCTION nwd_hands_out(of_file uuid, which varchar) RETURNS boolean LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    f public.nowrongdoor_signal_file%ROWTYPE;
    held uuid := (SELECT cs.case_id FROM public.nowrongdoor_case_signal cs
                    JOIN public.nowrongdoor_signal_file s ON s.signal_id = cs.signal_id WHERE s.id = of_file);
    investigates boolean := public.nwd_role() = '<investigator>';
    took boolean;
    here boolean;
    leads boolean;
BEGIN  -- whether the content of a file may be read: by whom, and whether anybody may at all
    SELECT * INTO f FROM public.nowrongdoor_signal_file WHERE id = of_file;
    IF NOT FOUND THEN
        RETURN false;
    ELSIF public.nwd_house() THEN  -- the worker shows it to a scanner, and to nobody
        RETURN f.scanned_at IS NULL;
    ELSIF f.scanned_at IS NULL OR f.verdict <> 'clean' OR NOT public.nwd_sees_cases()
          OR held = ANY (public.nwd_excluded_from()) THEN
        RETURN false;
    END IF;
    took := public.nwd_took(f.signal_id);
    here := held IS NOT NULL AND held = public.nwd_case() AND coalesce(public.nwd_lets_in(held), false);
    leads := here AND EXISTS (
        SELECT FROM public.nowrongdoor_case c WHERE c.id = held AND c.lead_id = public.nwd_agency());
    IF f.isolated_at IS NOT NULL THEN
        RETURN coalesce(investigates AND (took OR here) AND EXISTS (
            SELECT FROM public.nowrongdoor_agency a
             WHERE a.id = public.nwd_agency() AND a.kind IN (<polices>)), false);
    ELSIF which = 'original' THEN
        RETURN coalesce(investigates AND (took OR leads), false);
    END IF;
    RETURN coalesce(took OR (investigates AND leads), false);
END $$;
"""
FUNCTIONS = policies.Functions(
    _HANDING_OUT.replace("<polices>", _POLICES).replace("<investigator>", viewers.Role.INVESTIGATOR.value)
)
PHRASES: policies.Phrases = (
    (_TOOK, "of a signal that its agency received, or whose sender it answers now, in a role that sees cases"),
    (_ADDED, "the visitor, to the contact that their receipt opens"),
    (_LISTED_FILE, "of a file that it lists"),
    (_INVESTIGATED, "takes part now in the case that it opened and that holds the signal"),
    (f"NOT {_KEPT_AWAY}", "not kept away from the case"),
    (
        _HANDED_OUT,
        "the system until a scanner looked; then whoever may open it, if it found nothing (files.md)",
    ),
    (_OF_CASE, "a signal of the case it opened"),
    (_SENDS, "through the public form, by whoever's receipt opens its mailbox"),
    (_SENT.format(id="id"), "the contact that the visitor sent"),
    (_SENT_TELLING, "of the contact that the visitor sent"),
    (_SENDS_TELLING, "of the contact that the visitor sends"),
    (_IS_OVER, "once it ended"),
    ("ends_at > statement_timestamp()", "until it ends"),
)
DECLARED = (
    FUNCTIONS,
    policies.Rows(
        model=models.Signal,
        see=system_or(_TAKEN, _OF_CASE, _SENT.format(id="id")),
        add=system_or(_TAKEN, _SENDS),
        change=system_or(_TAKEN),
        columns=("routed_at",),
    ),
    noted.Kept(
        "signal",
        models.Signal,
        (
            *("id", "reference", "receiver_id", "key", "digest", "door", "received_at", "arrived_at", "contacted_at"),
            *("taken_by_id", "facts", "answers", "state", "district", "narrative", "people", "raw"),
        ),
        gettext_lazy("Signal"),
    ),
    inventory.Columns(
        models.Signal,
        sealed=("narrative", "people", "raw"),
        tokens=("key", "digest", "likeness"),
        plain={
            **dict.fromkeys(("facts", "answers"), inventory.FACTS),
            **dict.fromkeys(("state", "district"), inventory.PLACE),
            "door": inventory.CODES,
            "reference": inventory.REFERENCE,
        },
    ),
    words.Verb("signal.read", "viewed a signal"),
    words.Verb("signal.taken", "recorded a signal"),
    # Who told us, and how to reach them
    policies.Rows(
        model=models.Telling,
        see=system_or(_RECEIVED, _SENT_TELLING),
        add=system_or(_RECEIVED, _SENDS_TELLING),
        change=system_or(_RECEIVED, _SENT_TELLING),
        columns=("way_back", "way_back_until"),
        later={"way_back_until": "90 days"},
    ),
    inventory.Columns(models.Telling, sealed=("answers", "way_back")),
    words.Verb("way_back.dropped", "erased how to reach somebody"),
    words.Verb("way_back.ended", "let run out how to reach somebody"),
    # What a signal says from now on, by whoever took it; and who called back
    policies.Rows(
        model=models.SignalCorrection,
        see=system_or(_OURS),
        add=f"({SEES_CASES} AND {SIGNED})",
    ),
    inventory.Columns(models.SignalCorrection, sealed=("narrative", "because")),
    words.Verb("signal.corrected", "corrected what a signal says"),
    words.Verb("signal.in_error", "marked a signal as entered in error"),
    policies.Rows(model=models.ReturnedCall, see=system_or(_OURS), add=f"({SEES_CASES} AND {SIGNED})"),
    inventory.Columns(models.ReturnedCall, plain={"result": inventory.CODES}),
    words.Verb("call.returned", "called somebody back"),
    # Files of a contact: their content opens for nobody before a scanner looked, and for almost nobody once isolated
    policies.Rows(
        model=models.SignalFile,
        see=system_or(_LISTED, _ADDED),
        add=f"{_ADDED} OR {_ATTACHED}",
        change=system_or(_LISTED),
        columns=("scanned_at", "verdict", "isolated_at", "isolated_by_id", "isolated_for_id"),
    ),
    inventory.Columns(models.SignalFile, plain=dict.fromkeys(("kind", "no_copy", "verdict"), inventory.CODES)),
    policies.Rows(model=models.SignalFileContent, see=_HANDED_OUT, add=_LISTED_FILE),
    inventory.Columns(models.SignalFileContent, sealed=("digest", "content"), plain={"form": inventory.CODES}),
    words.Verb("signal_file.added", "got a file for a signal"),
    words.Verb("signal_file.scanned", "had a file of a signal scanned"),
    words.Verb("signal_file.read", "opened the copy of a file of a signal"),
    words.Verb("signal_file.original_read", "opened the original of a file of a signal"),
    words.Verb("signal_file.isolated", "isolated a file of a signal"),
    words.Verb("signal_file.isolated_read", "opened an isolated file of a signal"),
    # Signals that are still being written
    policies.Rows(
        model=models.Draft,
        see=f"{_OWN_DRAFT} OR {_ENDED}",
        add=_OWN_DRAFT,
        change=_OWN_DRAFT,
        columns=("words", "version", "saved_at", "ends_at"),
        remove=f"{_OWN_DRAFT} OR {_ENDED}",
        later={"ends_at": "7 days"},
    ),
    inventory.Columns(models.Draft, sealed=("words",)),
    words.Verb("draft.begun", "began a draft of a signal"),
    words.Verb("draft.read", "opened their draft of a signal again"),
    words.Verb("draft.erased", "erased a draft of a signal"),
    words.Verb("draft.taken", "saved a draft as a signal"),
    words.Verb("draft.ended", "let a draft of a signal run out"),
)
