"""What the tables of keys let whom see and write; and how the columns of the trail are kept, which lies below."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import SEES_CASES, SYSTEM, THIS_CASE, system_or
from nowrongdoor.audit import models as trail
from nowrongdoor.audit import words
from nowrongdoor.vault import inventory, models

# Which subjects a viewer reaches, and which keys a disposal destroys, the room of cases says (cases/tables.py).
_COMMITMENT = "SHA-256 over 256 random bits"
_OF_SEEN_KEY = "EXISTS (SELECT FROM nowrongdoor_datakey d WHERE d.subject_id = @.subject_id)"
PHRASES: policies.Phrases = (
    (_OF_SEEN_KEY, "a version of a key that it sees"),
    (f"subject_id = {THIS_CASE}", "the key of the case it opened"),
)
DECLARED = (
    # Keys of cases, signals, drafts, demands, contacts and protocols
    policies.Rows(
        model=models.DataKey,
        see=system_or(f"subject_id = {THIS_CASE}", 'nwd_reaches("of", subject_id)'),
        add=system_or(
            f"({SEES_CASES} AND \"of\" = 'case' AND subject_id = {THIS_CASE})",
            "(\"of\" IN ('signal', 'draft', 'demand', 'contact', 'protocol') AND nwd_reaches(\"of\", subject_id))",
        ),
        remove=system_or("nwd_disposes(subject_id)"),
    ),
    inventory.Columns(
        models.DataKey,
        plain={"of": inventory.CODES, "wrapped": "wrapped by a root key", "commitment": _COMMITMENT},
    ),
    policies.Rows(
        model=models.KeyVersion,
        see=system_or(_OF_SEEN_KEY),
        add=SYSTEM,
    ),
    inventory.Columns(models.KeyVersion, plain={"wrapped": "wrapped by a root key", "commitment": _COMMITMENT}),
    words.Verb("keys.rewrapped", "wrapped keys under the new root key"),
    # Root keys: one is never overwritten; to wrap one anew adds a row
    policies.public(
        models.RootKey, "a key that only the key provider can unwrap", change=SYSTEM, columns=("retired_at",)
    ),
    inventory.Columns(
        models.RootKey,
        plain={
            **dict.fromkeys(("use", "provider", "provider_key"), inventory.CODES),
            "wrapped": "wrapped by the key provider",
            "commitment": _COMMITMENT,
        },
    ),
    words.Verb("keys.renewed", "made a new root key"),
    # The trail
    inventory.Columns(
        trail.Event,
        plain={
            **dict.fromkeys(("kind", "verb", "authority"), inventory.CODES),
            "details": "codes and ids, never a word that somebody wrote",
        },
    ),
    inventory.Columns(trail.Seal, plain=dict.fromkeys(("events", "digests", "hash"), "ids and hashes of events")),
    inventory.Columns(trail.Anchor, plain=dict.fromkeys(("heads", "digest"), "hashes of chains")),
)
