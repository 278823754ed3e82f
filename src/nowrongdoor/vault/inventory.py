"""Every column that can hold a word, and how it is kept: sealed, as a search token, or plain for a written reason.

The promise (5 of the design) is only as good as this list is complete: a test compares it with the catalogue, so that a
new column without an entry fails the build, and the database refuses anything in a sealed column that was not sealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# Sealed with the key of its case or signal; empty when nothing was written.
SEALED: Mapping[str, Sequence[str]] = {
    "signal": ("narrative", "people", "raw"),
    "case": ("closed_because",),
    "case_facts": ("why",),
    "person_part": ("details",),
    "note": ("text",),
    "case_file": ("label", "content"),
    "handoff": ("reason",),
    "notice": ("how",),
    "clock": ("how",),
    "duty": ("how",),
    "release": ("purpose", "witness"),
    "disclosure": ("because",),
    "hold": ("because",),
    "exclusion": ("because",),
    "emergency": ("because", "review"),
}
# Tokens of a keyed index (HMAC): equal for equal values of one agency, and nothing without its key.
TOKENS: Mapping[str, Sequence[str]] = {"signal": ("key", "digest"), "person_token": ("token",)}

_CODES = "a code from a fixed list"
_RULE = "words of the mandate table, which is public"
_FACTS = "codes of the vocabulary that rules ask about; no free text and no name"
_PLACE = "a state or a judicial district, on which responsibility turns; no finer place"
_REFERENCE = "made by the system; says nothing of anybody"
_STAFF = "staff of an agency, who sign what they do"
_COUNTS = "counts of people by the lists they are on, and the names of these lists; no row about anybody is kept"
_COMMITMENT = "SHA-256 over 256 random bits"
_TABLE = "the mandate table, which is public"
PLAIN: Mapping[str, Mapping[str, str]] = {
    "agency": dict.fromkeys(("code", "desk", "place", "name", "department", "kind"), "agencies are public"),
    "user": {"name": _STAFF, "full_name": _STAFF, "role": _CODES, "password": "an Argon2id hash"},
    "invitation": {
        **dict.fromkeys(("name", "full_name"), _STAFF),
        "role": _CODES,
        "digest": "SHA-256 of 256 random bits",
    },
    "mfa_authenticator": {"type": _CODES, "data": "sealed by agencies.entrance; public keys of passkeys"},
    "account_emailaddress": {"email": "not used: nobody is asked for one"},
    "account_emailconfirmation": {"key": "not used"},
    "socialaccount_socialaccount": dict.fromkeys(("provider", "uid", "extra_data"), _STAFF),
    "socialaccount_socialapp": dict.fromkeys(
        ("provider", "provider_id", "name", "client_id", "secret", "key", "settings"),
        "not used: an agency's provider is in a file",
    ),
    "socialaccount_socialtoken": dict.fromkeys(("token", "token_secret"), "not kept"),
    "token": {"label": "named by the agency for its own system", "digest": "SHA-256 of 256 random bits"},
    "signal": {
        **dict.fromkeys(("facts", "answers"), _FACTS),
        **dict.fromkeys(("state", "district"), _PLACE),
        "door": _CODES,
        "reference": _REFERENCE,
    },
    "case": {
        "facts": _FACTS,
        "reference": _REFERENCE,
        "lead_accepted": _CODES,
        **dict.fromkeys(("state", "district"), _PLACE),
    },
    "case_signal": {"reference": _REFERENCE, "door": _CODES},
    "case_facts": {"facts": _FACTS, **dict.fromkeys(("state", "district"), _PLACE)},
    "participant": {"relation": _CODES},
    "person_part": {"part": _CODES},
    "note": {"audience": _CODES},
    "case_file": dict.fromkeys(("audience", "kind"), _CODES),
    "disposal": {"schedule": _CODES},
    "release": {"parts": _CODES},
    "disclosure": {**dict.fromkeys(("parts", "ground", "evidence"), _CODES), "citation": _RULE},
    "finding": {"digest": "of codes", "body": _FACTS},
    "assessment": {"finding_id": "of codes"},
    "decision": {"ruling_id": "of codes"},
    "ruling": {"digest": "of codes", "body": _RULE},
    "mandate_table": dict.fromkeys(
        ("name", "version", "digest", "files", "proved_digest", "proof", "facts_digest"), _TABLE
    ),
    "handoff": {
        **dict.fromkeys(("kind", "state"), _CODES),
        **dict.fromkeys(("rule", "why", "citation", "evidence"), _RULE),
    },
    "notice": {
        **dict.fromkeys(("desk", "role", "basis", "clock"), _CODES),
        **dict.fromkeys(("rule", "why", "citation", "evidence"), _RULE),
    },
    "clock": {
        **dict.fromkeys(("clock", "basis"), _CODES),
        **dict.fromkeys(("desk", "duty", "limit", "citation", "evidence"), _RULE),
    },
    "duty": {
        **dict.fromkeys(("kind", "thing", "source", "role", "basis", "clock"), _CODES),
        **dict.fromkeys(("desk", "rule", "why", "limit", "citation", "evidence"), _RULE),
    },
    "prevalence_run": {
        **dict.fromkeys(("lists", "table", "figures", "report", "pictures", "headline"), _COUNTS),
        **dict.fromkeys(("digest", "version"), _REFERENCE),
        "method": _CODES,
        "failed": "why there is no estimate, in the program's own words",
    },
    "auditevent": {
        **dict.fromkeys(("kind", "verb", "authority"), _CODES),
        "details": "codes and ids, never a word that somebody wrote",
    },
    "auditseal": dict.fromkeys(("events", "digests", "hash"), "ids and hashes of events"),
    "auditanchor": dict.fromkeys(("heads", "digest"), "hashes of chains"),
    "rootkey": {
        **dict.fromkeys(("use", "provider", "provider_key"), _CODES),
        "wrapped": "wrapped by the key provider",
        "commitment": _COMMITMENT,
    },
    "datakey": {"of": _CODES, "wrapped": "wrapped by a root key", "commitment": _COMMITMENT},
    "datakey_version": {"wrapped": "wrapped by a root key", "commitment": _COMMITMENT},
}


def checks() -> list[str]:
    """Write, in SQL, that a sealed column holds nothing but what was sealed (or nothing)."""
    return [
        f'ALTER TABLE "nowrongdoor_{table}" ADD CONSTRAINT {table}_{column}_is_sealed CHECK '
        f"(length({column}) = 0 OR (get_byte({column}, 0) = 1 AND length({column}) > 29))"
        for table, columns in SEALED.items()
        for column in columns
    ]
