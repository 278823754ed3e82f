"""The address of a PostgreSQL: read once, by libpq's own parser, and handed on whole to everybody who connects.

The promise: what an address says holds for the pages, the live worklist, the worker, the owner and PostgreSQL's own
programs alike, so that nobody connects with less protection than was asked for. What cannot be kept is refused in a
sentence, and no word of a password stands in it: libpq's own messages quote what they could not read.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Mapping

import psycopg
from psycopg import conninfo, pq

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy

NAME = "nowrongdoor"  # the database, where an address names none
UNSAFE = (
    "",
    "allow",
    "prefer",
)  # ways of libpq to go on without encryption when the server, or somebody between, says so
# What Django asks for by a name of its own; all other keywords are its OPTIONS.
DJANGO = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
ENCODE = gettext_lazy("In a URL, percent-encode special characters of the name and the password (@ is %40, / is %2F).")
KEYWORDS = "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS"


class Unusable(ValueError):
    """An address cannot be used; the message says why, without a word of what it holds."""


def parse(text: str, *, variable: str) -> dict[str, str]:
    """Return an address, a URL or keywords, as libpq's keywords; `variable` says where it was written."""
    if not text.strip():
        raise Unusable(
            _("%(variable)s is empty. Name the database, or unset %(variable)s to use the one that comes along.")
            % {"variable": variable}
        )
    try:
        read = conninfo.conninfo_to_dict(text)
    except psycopg.ProgrammingError as error:
        raise Unusable(
            _("%(variable)s cannot be read: %(why)s") % {"variable": variable, "why": _why(str(error))}
        ) from None
    address = {key: str(value) for key, value in read.items() if value is not None}
    if any(not port.isdigit() for port in address.get("port", "").split(",") if port):
        raise Unusable(
            _("The port in %(variable)s is not a number. %(encode)s") % {"variable": variable, "encode": ENCODE}
        )
    if any("@" in host[1:] for host in address.get("host", "").split(",")):
        raise Unusable(
            _("The host in %(variable)s has an @ in it. %(encode)s") % {"variable": variable, "encode": ENCODE}
        )
    if "service" not in address:
        address.setdefault("dbname", NAME)
        if _over_a_network(address) and address.get("sslmode", os.environ.get("PGSSLMODE", "")) in UNSAFE:
            raise Unusable(
                _(
                    "%(variable)s names a server on the network, but not that the connection "
                    "must be encrypted. Add sslmode=verify-full and sslrootcert=FILE (the "
                    "server's certificate authority), or sslmode=disable where the network "
                    "itself is trusted."
                )
                % {"variable": variable}
            )
    return address


def for_psycopg(address: Mapping[str, str]) -> str:
    """Return an address as psycopg takes it."""
    return conninfo.make_conninfo(**address)


def for_django(address: Mapping[str, str], **options: object) -> dict[str, object]:
    """Return an address as an entry of Django's DATABASES, with more OPTIONS where given."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{theirs: address.get(ours, "") for ours, theirs in DJANGO.items()},
        "OPTIONS": {**{key: value for key, value in address.items() if key not in DJANGO}, **options},
    }


def for_programs(address: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return the arguments and the environment that give an address to pg_dump, pg_restore or psql.

    Secrets go by environment, because everybody on the machine can read a program's arguments. All else goes as an
    argument: an older program that does not know a keyword then says so, where it would pass over a variable.
    """
    options = {each.keyword.decode(): each for each in pq.Conninfo.get_defaults()}
    secret = {key for key in address if options[key].dispchar or key.startswith("scram_")}
    unsaid = sorted(key for key in secret if options[key].envvar is None)
    if unsaid:
        raise Unusable(
            _("%(names)s cannot be handed to PostgreSQL's own programs without showing it to others.")
            % {"names": ", ".join(unsaid)}
        )
    environment = {(options[key].envvar or b"").decode(): address[key] for key in secret}
    shown = {key: value for key, value in address.items() if key not in secret}
    return [f"--dbname={conninfo.make_conninfo(**shown)}", "--no-password"], {**os.environ, **environment}


def _why(words: str) -> str:
    """Tells what libpq could not read, without quoting it."""
    unknown = re.search(r'invalid (?:connection option|URI query parameter):? "', words)
    if not unknown:
        return _("it is neither a URL (postgresql://…) nor keywords (host=… dbname=…). %(encode)s") % {"encode": ENCODE}
    word = re.search(r'"([^"]*)"', words)
    known = [each.keyword.decode() for each in pq.Conninfo.get_defaults()]
    near = difflib.get_close_matches(word.group(1) if word else "", known, n=1)
    meant = (_(" Did you mean %(near)s?") % {"near": near[0]}) if near else ""
    return _("it has a keyword that PostgreSQL's client library does not know.%(meant)s %(keywords)s lists them.") % {
        "meant": meant,
        "keywords": KEYWORDS,
    }


def _over_a_network(address: Mapping[str, str]) -> bool:
    """Says whether any of the servers is on another machine, as far as their names tell."""
    named = address.get("hostaddr") or address.get("host")
    hosts = named or os.environ.get("PGHOSTADDR") or os.environ.get("PGHOST", "")
    return any(not _is_here(host) for host in hosts.split(","))


def _is_here(host: str) -> bool:
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
