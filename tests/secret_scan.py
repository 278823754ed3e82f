"""Looks for keys and passwords in every committed file, as `make test` does: `python tests/secret_scan.py [FILE…]`.

It asks no network. What it may find and is no secret is in KNOWN, each with its reason; a KNOWN one that is gone is
said too, so that the list does not outlive what it excuses.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
from collections.abc import Iterable

from detect_secrets.core import potential_secret
from detect_secrets.core.plugins import util
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Hashes of what is locked are long random text, and nothing else is in these files.
LOCKS = (
    *("requirements/", "front/package-lock.json"),
    *(f"tests/site/released/{version}/release.json" for version in ("0.1.0", "0.2.0", "0.3.0", "0.4.0")),
)
# File, and a number that begins the SHA-1 of what is found there.
KNOWN: dict[tuple[str, int], str] = {
    ("src/nowrongdoor/operating/addresses.py", 4609243411): "the name of a setting",
    ("tests/site/test_addresses.py", 7885371164): "a placeholder in an address that a test fills in",
    ("tests/site/test_addresses.py", 8357032127): "an address made up for a test",
    ("tests/site/test_addresses.py", 35681656903): "the roles' password on a server that a test makes",
    ("tests/site/test_addresses.py", 25860640346): "an address made up for a test",
    ("tests/site/test_addresses.py", 43365396358): "an address made up for a test",
    ("src/nowrongdoor/site/settings.py", 27078223905): "the place of the form on which a password is changed",
    ("src/nowrongdoor/migrations/0007_facts_digest.py", 34327468658): "a digest of the names of questions",
    ("tests/core/mandates/test_reading.py", 38200467439): "the digest of a released table",
    ("bench/system.py", 43879819568): "a password of people made up for a benchmark",
    ("src/nowrongdoor/core/reference.py", 16817910143): "the letters that a reference is written in",
    ("src/nowrongdoor/core/short_codes.py", 54505590929): "the letters that a short code is written in",
    ("src/nowrongdoor/site/demonstration.py", 40071154121): "the demonstration's, which `nwd up` prints",
    ("src/nowrongdoor/agencies/tables.py", 21989303828): "words that say how a password is kept",
    ("tests/promises/on_people.py", 34644217632): "what an attack would put in a password's place",
    ("tests/journeys/test_every_page.py", 62406439378): "the name of an address",
    ("tests/journeys/test_signing_in.py", 17169823897): "a password of somebody made up for a journey",
    ("tests/outbox/postbox.py", 20133728387): "the password of a mail server that a test makes",
    ("tests/outbox/test_delivering.py", 44212725788): "the wrong one for it",
    ("tests/agencies/test_coming_in.py", 66967805940): "a password of people made up for a test",
    ("tests/agencies/test_coming_in.py", 54686381420): "the one it is changed to",
    ("tests/agencies/test_coming_in.py", 43206485977): "the same, in a form",
    ("tests/journeys/test_main_job.py", 51599289242): "a password of people made up for a test",
    ("tests/site/release.py", 64088670440): "the name of an environment variable",
    ("tests/site/released/0.1.0/fictional_test_key.json", 18062416933): "opens a dump of made-up people, nothing else",
    ("tests/site/released/0.2.0/fictional_test_key.json", 45547288624): "the same, of this release",
    ("tests/site/released/0.2.0/fictional_test_key.json", 57981615545): "the key that came before it",
    ("tests/site/released/0.3.0/fictional_test_key.json", 52049572406): "the same, of this release",
    ("tests/site/released/0.3.0/fictional_test_key.json", 6749335116): "the key that came before it",
    ("tests/site/released/0.4.0/fictional_test_key.json", 12884872766): "the same, of this release",
    ("tests/site/released/0.4.0/fictional_test_key.json", 14979567187): "the key that came before it",
}
FILTERS = [
    *(
        f"detect_secrets.filters.heuristic.{name}"
        for name in (
            "is_indirect_reference",
            "is_likely_id_string",
            "is_not_alphanumeric_string",
            "is_potential_uuid",
            "is_prefixed_with_dollar_sign",
            "is_sequential_string",
            "is_templated_secret",
        )
    ),
]


def found_in(files: Iterable[str]) -> dict[tuple[str, int], str]:
    """Name what looks like a secret: its file and the beginning of its hash, and in words where it is."""
    known: dict[str, type] = util.get_mapping_from_secret_type_to_class()
    plugins = [{"name": each.__name__} for each in known.values()]
    secrets = SecretsCollection(root=str(ROOT))
    with transient_settings({"plugins_used": plugins, "filters_used": [{"path": path} for path in FILTERS]}):
        for file in files:
            secrets.scan_file(file)
    return {
        (file, _number(secret)): f"{file}:{secret.line_number}: {secret.type} ({_number(secret)})"
        for file, secret in secrets
    }


def _number(secret: potential_secret.PotentialSecret) -> int:
    return int(secret.secret_hash[:9], 16)


def committed() -> list[str]:
    """List the files that the repository holds, and those that are about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [file for file in listed if not file.startswith(LOCKS) and (ROOT / file).is_file()]


def main() -> int:
    """Return 0 only when nothing is found that KNOWN does not explain."""
    found = found_in(sys.argv[1:] or committed())
    problems = [
        f"{where}: take it out, and change it wherever it is used" for key, where in found.items() if key not in KNOWN
    ]
    if not sys.argv[1:]:
        problems += [
            f"{file} ({digest}) is in KNOWN and no longer there" for file, digest in KNOWN.keys() - found.keys()
        ]
    print("\n".join(sorted(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
