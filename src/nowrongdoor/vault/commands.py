"""`nwd vault`: how the keys are, and renewing them while everybody goes on working."""

from __future__ import annotations

import collections
import json

import click
from django.db.models import OuterRef

from nowrongdoor.access import row_security
from nowrongdoor.core.language import gettext as _
from nowrongdoor.vault import keys, models

BATCH = 1_000


@click.group()
def vault() -> None:
    """The keys that seal text: show their status, and renew them."""


@vault.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@row_security.system()
def status(as_json: bool) -> None:  # noqa: FBT001
    """Say which provider keeps the root keys, and how many keys each wraps."""
    wrapped = collections.Counter(
        models.DataKey.objects.values_list(models.now(OuterRef("subject_id")).root, flat=True)
    )
    roots = [
        {
            "use": root.use,
            "provider": root.provider,
            "provider_key": root.provider_key,
            "made_at": root.made_at.isoformat(),
            "retired": root.retired_at is not None,
            "keys": wrapped[root.id],
        }
        for root in models.RootKey.objects.order_by("made_at", "id")
    ]
    if as_json:
        click.echo(json.dumps(roots, indent=2))
        return
    for root in roots:
        retired = "retired" if root["retired"] else _("in use")
        click.echo(f"{root['use']:<6} {root['provider']}:{root['provider_key']}  {retired}, {root['keys']} keys")


@vault.command("renew")
def renew() -> None:
    """Make a new key at the provider and a new root key, and wrap every key anew. Nobody has to stop working."""
    with row_security.system():
        keys.renew()
    done = 0
    while True:
        with row_security.system():
            count = keys.rewrap(limit=BATCH)
        if not count:
            break
        done += count
        click.echo(_("%(done)s keys wrapped anew") % {"done": f"{done:,}"})
    with row_security.system():
        gone = keys.forget_old()
    click.echo(
        _("Renewed. What was sealed opens as before; %(count)s old keys of the provider are destroyed.")
        % {"count": len(gone)}
    )
