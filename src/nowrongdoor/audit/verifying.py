"""Whether the trail is what was written: every event against its link, every link against the one before, every anchor.

The promise (6 of the design): the first row that anybody touched is named, the superuser of the database included. The
statements below use nothing that lives in the database but its built-in functions, so that nobody can teach it to lie
about itself; what was anchored outside cannot be rewritten even with all links made anew.

The cost is a SHA-256 (FIPS 180-4) for each event and for each link, in the database, and the memory is constant: what
is sorted goes to its disk.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
import itertools
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence

from django.db import connection
from django.db.backends import utils

from nowrongdoor.access import row_security
from nowrongdoor.audit import models, noted, record
from nowrongdoor.core.language import gettext as _

# The same text as nowrongdoor_event_line (promises.sql); a test compares them.
LINE = """concat_ws('|', e.id, round(date_part('epoch', e.at) * 1000000)::bigint, e.kind, e.verb, e.authority,
    e.agency_id, coalesce(e.by_id::text, ''), coalesce(e.case_id::text, ''), e.subject_id, e.details)"""
# Three questions say whether all is well, each in one pass; what is wrong is looked for only when they do not agree.
# Of every chain: how many links and events; and whether its numbers begin at one and end at their count, and every link
# has a digest for each event.
CHAINS = """
SELECT agency_id, count(*), coalesce(sum(cardinality(events)), 0),
       coalesce(min(number) = 1 AND max(number) = count(*) AND bool_and(coalesce(
         cardinality(events) > 0 AND array_lower(events, 1) = 1 AND length(digests) = 32 * cardinality(events), false
       )), false)
  FROM nowrongdoor_auditseal GROUP BY agency_id ORDER BY agency_id
"""
# How many events are there exactly as they were sealed. Most links hold one event; of the others each is read once,
# whole (|| makes it so), then taken apart. Both sides come in the order of ids; `=` on more would sort by that, too.
AS_SEALED = f"""
SELECT count(*), count(DISTINCT e.id) FROM (
  SELECT agency_id, tx, events[1] AS id, digests AS sum FROM nowrongdoor_auditseal WHERE cardinality(events) = 1
  UNION ALL
  SELECT agency_id, tx, events[n], substring(digests FROM 32 * n - 31 FOR 32) FROM (
    SELECT *, generate_subscripts(events, 1) AS n FROM (
      SELECT agency_id, tx, events || '{{}}'::bigint[] AS events, digests || ''::bytea AS digests
        FROM nowrongdoor_auditseal WHERE cardinality(events) > 1 OFFSET 0) AS whole) AS apart
   WHERE n = 1 OR events[n - 1] < events[n]) AS sealed
  JOIN nowrongdoor_auditevent e USING (id)
 WHERE e.agency_id IS NOT DISTINCT FROM sealed.agency_id AND e.tx IS NOT DISTINCT FROM sealed.tx
   AND sealed.sum IS NOT DISTINCT FROM sha256(convert_to({LINE}, 'UTF8'))
"""  # noqa: S608  a constant above
# How many links follow from the one before. All chains stand in one row, each beginning where the one before ends, so
# that they are sorted by one number; it must come out as counted.
FOLLOWING = """
SELECT count(*) FROM (
  SELECT *, row_number() OVER chains AS counted, lag(hash) OVER chains AS before FROM (
    SELECT agency_id, number, digests, hash, start + number AS place
      FROM nowrongdoor_auditseal JOIN unnest(%s::uuid[], %s::bigint[]) AS begun (agency_id, start) USING (agency_id)
    ) AS placed WINDOW chains AS (ORDER BY place)) AS links
 WHERE place = counted AND hash = sha256(
       CASE WHEN number = 1 THEN ''::bytea ELSE before END || uuid_send(agency_id) || int8send(number) || digests)
"""
# What is wrong, the first of it.
BAD_LINKS = f"""
WITH written AS (
  SELECT agency_id, tx, array_agg(id ORDER BY id) AS ids,
         string_agg(sha256(convert_to({LINE}, 'UTF8')), ''::bytea ORDER BY id) AS sums
    FROM nowrongdoor_auditevent e GROUP BY agency_id, tx)
SELECT agency_id, tx, s.number, ARRAY(SELECT unnest(s.events)), s.digests, w.ids, w.sums
  FROM written w FULL JOIN nowrongdoor_auditseal s USING (agency_id, tx)
 WHERE w.ids IS DISTINCT FROM s.events OR w.sums IS DISTINCT FROM s.digests OR s.number IS NULL
 ORDER BY coalesce(s.events[1], w.ids[1]), s.number LIMIT 1
"""  # noqa: S608  a constant above
TWICE = """
SELECT id FROM (SELECT unnest(events) AS id FROM nowrongdoor_auditseal) AS sealed
 GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 1
"""
BAD_CHAIN = """
SELECT agency_id, number, events[1] FROM (
  SELECT agency_id, number, events, digests, hash,
         row_number() OVER chain AS place, coalesce(lag(hash) OVER chain, ''::bytea) AS before
    FROM nowrongdoor_auditseal WHERE number IS NOT NULL
  WINDOW chain AS (PARTITION BY agency_id ORDER BY number)) AS links
 WHERE number <> place OR hash IS DISTINCT FROM
       sha256(before || uuid_send(agency_id) || int8send(number) || digests)
 ORDER BY events[1], number LIMIT 1
"""
HEADS = """
SELECT DISTINCT ON (agency_id) agency_id, number, encode(hash, 'hex') FROM nowrongdoor_auditseal
 WHERE number IS NOT NULL ORDER BY agency_id, number DESC
"""


class UnreadableAnchor(ValueError):
    """The text is not what `nwd audit anchor` printed."""

    def __init__(self) -> None:
        super().__init__(
            _("This is no anchor. Give the line that `nwd audit anchor` printed, or a file that holds it.")
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: how much it looked at, and the first thing that is wrong ('' when nothing is), with
    what else is. `event_id` names the event; None when it is a link or an anchor, or a row that no event says of."""

    events: int
    links: int
    anchors: int
    wrong: str
    event_id: int | None = None
    rows: int = 0  # that were compared with what the trail noted of them
    also: tuple[str, ...] = ()
    sealed: int = 0  # people whose seal was looked at
    unseen: tuple[str, ...] = ()  # what could not be looked at
    anew: int = 0  # how often every row was noted anew, and what was changed before is compared with nothing

    @property
    def holds(self) -> bool:
        """Return whether nobody touched the trail, or a row that it notes."""
        return not self.wrong


@dataclasses.dataclass(frozen=True, slots=True)
class Chain:
    """What one agency's chain holds (CHAINS)."""

    agency_id: uuid.UUID
    links: int
    events: int
    is_whole: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Anchored:
    """An anchor as it is printed: the digest covers the ends of all chains and the digest before."""

    at: datetime.datetime
    heads: Mapping[str, tuple[int, str]]
    before: str

    @property
    def digest(self) -> str:
        """Compute the digest, SHA-256 in hex."""
        ends = "\n".join(f"{agency} {number} {end}" for agency, (number, end) in sorted(self.heads.items()))
        return hashlib.sha256(f"{self.before}\n{self.at.isoformat()}\n{ends}".encode()).hexdigest()

    def as_text(self) -> str:
        """Write the anchor as one line, to be published or sent to the other agencies."""
        plain = {"anchor": self.digest, "at": self.at.isoformat(), "before": self.before, "heads": self.heads}
        return json.dumps(plain, sort_keys=True)


def read(text: str) -> Anchored:
    """Read a printed anchor. UnreadableAnchor."""
    try:
        plain = json.loads(text)
        heads = {agency: (int(number), str(end)) for agency, (number, end) in plain["heads"].items()}
        anchor = Anchored(datetime.datetime.fromisoformat(plain["at"]), heads, plain["before"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnreadableAnchor from None
    if anchor.digest != plain["anchor"]:
        raise UnreadableAnchor
    return anchor


def verify(*, printed: Anchored | None = None) -> Verdict:
    """Look at the whole trail, and name the first thing that is wrong; where it holds, every row that is not as it
    was noted. `printed`: an anchor that was kept outside."""
    with _at_one_moment(), row_security.system(), connection.cursor() as database:
        database.execute(
            "SET LOCAL jit = off; SET LOCAL work_mem = '256MB'; SET LOCAL max_parallel_workers_per_gather = 0"
        )
        database.execute(CHAINS)
        chains = [Chain(*row) for row in database.fetchall()]
        events, links = models.Event.objects.count(), sum(chain.links for chain in chains)
        anchors = models.Anchor.objects.count()

        def bad(words: str, event_id: int | None = None) -> Verdict:
            return Verdict(events, links, anchors, words, event_id)

        if not _fits(database, events, chains):
            return bad(*_first_wrong(database))
        kept = [] if printed is None else [printed]
        before = ""
        for row in models.Anchor.objects.order_by("id"):
            kept.append(_anchored(row, before))
            if kept[-1].digest != row.digest:
                return bad(_("Anchor %(digest)s was changed, or one before it was taken out.") % {"digest": row.digest})
            before = row.digest
        for each in kept:
            if wrong := _missing(each):
                return bad(wrong)
        looks = noted.look_over()
        unlike = [*noted.wrong(database), *(each for look in looks for each in look.wrong)]
        first, event_id = unlike[0] if unlike else ("", None)
        return Verdict(
            events,
            links,
            anchors,
            first,
            event_id,
            rows=noted.count(database),
            also=tuple(words for words, _event in unlike[1:]),
            sealed=sum(look.rows for look in looks),
            unseen=tuple(look.unseen for look in looks if look.unseen),
            anew=noted.times_anew(database),
        )


@contextlib.contextmanager
def _at_one_moment() -> Iterator[None]:
    """Every statement of the next transaction sees the same trail, while others go on writing it."""
    with connection.cursor() as database:
        database.execute("SET default_transaction_isolation = 'repeatable read'")
        try:
            yield
        finally:
            database.execute("RESET default_transaction_isolation")


def _fits(database: utils.CursorWrapper, events: int, chains: Sequence[Chain]) -> bool:
    """Whether every link holds exactly its events, there are no others, and every link follows from the one before."""
    if not all(chain.is_whole for chain in chains) or sum(chain.events for chain in chains) != events:
        return False
    database.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_hashjoin = off")  # both sides come in order
    database.execute(AS_SEALED)
    # As many pairs as events that are sealed or there, and no event in two of them: each has exactly one partner.
    if database.fetchone() != (events, events):
        return False
    database.execute("SET LOCAL enable_hashjoin = on")
    *starts, links = itertools.accumulate((chain.links for chain in chains), initial=0)
    database.execute(FOLLOWING, [[chain.agency_id for chain in chains], starts])
    return bool(database.fetchone() == (links,))


def _first_wrong(database: utils.CursorWrapper) -> tuple[str, int | None]:
    """Names what is wrong in a trail that does not fit."""
    database.execute("SET LOCAL enable_nestloop = on; SET LOCAL enable_hashjoin = on")
    database.execute(BAD_LINKS)
    if row := database.fetchone():
        return _name(*row)
    database.execute(BAD_CHAIN)
    if row := database.fetchone():
        agency, number, first = row
        return (
            _(
                "Link %(number)s of agency %(agency)s does not follow from the one before: a "
                "link was changed, moved or taken out, at or before event %(first)s."
            )
            % {"number": number, "agency": agency, "first": first}
        ), first
    database.execute(TWICE)
    if row := database.fetchone():
        return _("Event %(row)s stands in two links, or twice in one.") % {"row": row[0]}, row[0]
    return _("The trail does not add up: there are other events, or other links, than were sealed."), None


def anchor(*, at: datetime.datetime) -> Anchored:
    """Put the ends of all chains under one digest, and write it into every chain."""
    with row_security.system(), connection.cursor() as database:
        database.execute("SELECT pg_advisory_xact_lock(hashtextextended('nowrongdoor anchor', 0))")  # one at a time
        database.execute(HEADS)
        heads = {str(agency): (number, end) for agency, number, end in database.fetchall()}
        last = models.Anchor.objects.order_by("-id").first()
        made = Anchored(at, heads, last.digest if last else "")
        models.Anchor.objects.create(at=at, heads=heads, digest=made.digest)
        record.record_all(
            (
                record.Deed("trail.anchored", uuid.UUID(agency), uuid.UUID(agency), details={"digest": made.digest})
                for agency in heads
            ),
            at=at,
        )
    return made


def _anchored(row: models.Anchor, before: str) -> Anchored:
    return Anchored(row.at, {agency: (number, end) for agency, (number, end) in row.heads.items()}, before)


def _missing(anchor: Anchored) -> str:
    for agency, (number, end) in anchor.heads.items():
        link = models.Seal.objects.filter(agency_id=agency, number=number).values_list("hash", flat=True).first()
        if link is None:
            return _("Link %(number)s of agency %(agency)s was anchored on %(at)s and is gone.") % {
                "number": number,
                "agency": agency,
                "at": f"{anchor.at:%Y-%m-%d}",
            }
        if bytes(link).hex() != end:
            return _("Link %(number)s of agency %(agency)s is not the one that was anchored on %(at)s.") % {
                "number": number,
                "agency": agency,
                "at": f"{anchor.at:%Y-%m-%d}",
            }
    return ""


def _name(
    agency: uuid.UUID,
    tx: uuid.UUID,
    number: int | None,
    sealed: list[int] | None,
    sums: bytes | None,
    there: list[int] | None,
    digests: bytes | None,
) -> tuple[str, int]:
    """Names the first event of a link that is not as it was sealed."""
    sealed, there, sums, digests = sealed or [], there or [], bytes(sums or b""), bytes(digests or b"")
    if not sealed:
        return _("Event %(there)s of agency %(agency)s was written past the trail: no link holds it.") % {
            "there": there[0],
            "agency": agency,
        }, there[0]
    now = {event: digests[32 * place : 32 * place + 32] for place, event in enumerate(there)}
    for place, event in enumerate(sealed):
        if event not in now:
            return _("Event %(event)s of agency %(agency)s is gone (link %(number)s).") % {
                "event": event,
                "agency": agency,
                "number": number,
            }, event
        if now[event] != sums[32 * place : 32 * place + 32]:
            return _("Event %(event)s of agency %(agency)s was changed (link %(number)s).") % {
                "event": event,
                "agency": agency,
                "number": number,
            }, event
    extra = sorted(set(there) - set(sealed))
    if extra:
        return _("Event %(extra)s of agency %(agency)s was added later (link %(number)s).") % {
            "extra": extra[0],
            "agency": agency,
            "number": number,
        }, extra[0]
    return _("Link %(number)s of agency %(agency)s was changed, at event %(sealed)s.") % {
        "number": number,
        "agency": agency,
        "sealed": sealed[0],
    }, sealed[0]
