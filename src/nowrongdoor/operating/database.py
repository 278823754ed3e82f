"""The database that comes along, for whoever works with it: started, looked at, brought up to date, stopped.

The promise: nobody serves as a role that row security does not hold for. A superuser or an owner is refused here,
before the first page.
"""

from __future__ import annotations

import json
import os
import subprocess
import time

import click
import psycopg

from nowrongdoor.access import signing
from nowrongdoor.core.language import gettext as _
from nowrongdoor.operating import addresses, clock, cluster, country, running, schema, terminal

PATIENCE, PAUSE = 15, 1  # seconds for which a database that refuses is asked again, and between two times
SETTINGS = "nowrongdoor.site.settings"  # named and not imported: Django finds it, in every process


def prepare() -> None:
    """Start the embedded database, where that is used, and make Django ready in this process."""
    start_database()
    refuse_a_powerful_role()
    ready()


def start_database() -> None:
    """Start the embedded database, where that is used."""
    if cluster.is_embedded():
        cluster.start(cluster.var() / "postgres")


def wait_and_look_over() -> None:
    """Do what comes before serving: look whether this database may be served from, and by whom. One that refuses to be
    connected to may just be starting: it is asked again for a while, and the reason is said at once."""
    until, last_reason = time.monotonic() + PATIENCE, ""
    while True:
        try:
            start_database()
            refuse_a_powerful_role()
            refuse_tables_of_its_own()
            refuse_another_country()
            refuse_another_signing_key()
            refuse_another_time()
        except psycopg.OperationalError as error:
            if time.monotonic() > until:
                raise
            reason = " ".join(str(error).split())
            if reason != last_reason:
                click.echo(_("The database refuses, and is asked again: %(reason)s") % {"reason": reason}, err=True)
            last_reason = reason
            time.sleep(PAUSE)
        else:
            return


def ready() -> None:
    """Make Django ready without touching a database."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    django.setup()
    if code := terminal.spoken():
        from django.utils import translation

        translation.activate(code)


def refuse_a_powerful_role() -> None:
    """Refuse a superuser or an owner: row policies and privileges mean nothing to them, so neither may serve."""
    with psycopg.connect(cluster.conninfo(cluster.APP)) as connection:
        is_powerful, name = connection.execute(
            "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid), rolname "
            "FROM pg_roles WHERE rolname = current_user"
        ).fetchone() or (True, "")
    if not is_powerful and name != cluster.APP:
        raise click.ClickException(
            _("DATABASE_URL connects as %(name)s. Connect as %(role)s: to no other role do all guards hold.")
            % {"name": name, "role": cluster.APP}
        )
    if is_powerful:
        raise click.ClickException(
            _("DATABASE_URL connects as a role that may do anything. Name the run-time role (docs/running.md).")
        )


def refuse_tables_of_its_own() -> None:
    """Refuse to serve while the run-time role makes temporary tables. The migration takes that away where the owner of
    the schema owns the database too."""
    with psycopg.connect(cluster.conninfo(cluster.APP)) as connection:
        name, may = connection.execute(
            "SELECT current_database(), has_database_privilege(current_database(), 'TEMPORARY')"
        ).fetchone() or ("", True)
    if may:
        raise click.ClickException(
            "The run-time role may make temporary tables, which could stand in for real ones. As the owner of the "
            f'database, run: REVOKE TEMPORARY ON DATABASE "{name}" FROM PUBLIC, nwd_app;'
        )


def refuse_another_country() -> None:
    """Refuse to serve while the database holds the cases of another country than the one that is named."""
    with psycopg.connect(cluster.conninfo(cluster.APP)) as connection:
        is_there = connection.execute("SELECT to_regclass('nowrongdoor_country') IS NOT NULL").fetchone()
        row = connection.execute("SELECT code FROM nowrongdoor_country").fetchone() if is_there == (True,) else None
    if row is not None:
        country.refuse_another(str(row[0]))


def refuse_another_signing_key() -> None:
    """Refuse to serve where what this process says for whom it looks would count for nothing; and say where it counts
    unsigned."""
    with psycopg.connect(cluster.conninfo(cluster.APP)) as connection:
        try:
            signing.refuse_another_key(connection, cluster.secret_key())
        except signing.AnotherKey as error:
            raise click.ClickException(str(error)) from None
        if signing.is_put_up(connection) and not signing.is_demanded(connection):
            click.echo(
                _(
                    "Unsigned database requests are still accepted, for processes of an earlier version. Once none of "
                    "them runs, run `nwd database seal`."
                ),
                err=True,
            )


def are_signatures_demanded() -> bool:
    """Return whether what is said of whoever looks counts only with a signature."""
    with psycopg.connect(cluster.conninfo(cluster.APP)) as connection:
        return signing.is_demanded(connection)


def refuse_another_time() -> None:
    """Refuse to serve by a clock that the database would take to be in the future, where it lets nobody write."""
    with psycopg.connect(cluster.conninfo(cluster.APP)) as connection:
        ahead = clock.seconds_ahead(connection.cursor())
    if ahead > clock.FAR_AHEAD:
        raise click.ClickException(
            _(
                "The clock of this machine is %(minutes)s minutes ahead of the database’s, which keeps nothing that is "
                "dated later than its own. Set both by a time server (NTP), then start again."
            )
            % {"minutes": round(ahead / 60)}
        )


def is_standby() -> bool:
    """Return whether this database only follows another one, so that nothing can be written to it."""
    with psycopg.connect(cluster.conninfo(cluster.APP)) as connection:
        return connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)


@click.group(name="database")
def database() -> None:
    """The embedded database: migrate it, check its status, stop it."""


def refuse_without_owner() -> None:
    """Refuse what only the owner of the schema does, where nothing says how to connect as one."""
    if not cluster.is_embedded() and "DATABASE_OWNER_URL" not in os.environ:
        raise click.UsageError(
            _("Set DATABASE_OWNER_URL: the schema belongs to another role than the one that serves.")
        )


@database.command("migrate")
@click.option("--new-key", is_flag=True, help="NWD_SECRET_KEY was changed, and nothing serves with the one before.")
def migrate(new_key: bool) -> None:  # noqa: FBT001  click calls it by name
    """Update the schema, as its owner."""
    refuse_without_owner()
    prepare()
    schema.migrate(new_key=new_key)
    click.echo(_("The schema is up to date."))


@database.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:  # noqa: FBT001
    """Say where the database is and whether its schema is up to date."""
    prepare()
    is_behind, is_sealed = schema.is_behind(), are_signatures_demanded()
    if as_json:
        known = {"embedded": cluster.is_embedded(), "schema_is_behind": is_behind}
        click.echo(json.dumps({**known, "signatures_are_demanded": is_sealed}))
        return
    click.echo(f"Embedded: {'yes' if cluster.is_embedded() else 'no'}")
    click.echo(f"Schema: {'behind; run `nwd database migrate`' if is_behind else 'up to date'}")
    if not is_behind:
        click.echo(f"Signatures: {'demanded' if is_sealed else 'not demanded yet; run `nwd database seal`'}")


@database.command("stop")
def stop() -> None:
    """Stop the embedded database."""
    if not cluster.is_embedded():
        raise click.UsageError(_("DATABASE_URL names a database that this command did not start."))
    if running.is_held(cluster.var()):
        raise click.UsageError(_("`nwd up` is running and would start the database again. Stop that instead: Ctrl-C."))
    cluster.stop(cluster.var() / "postgres")
    click.echo(_("Stopped."))


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.pass_context
def manage(context: click.Context) -> None:
    """Django’s own commands, for maintainers: nwd manage check --deploy."""
    from django.core import management

    if context.args[:1] == ["dbshell"]:  # Django's own hands on only a few of an address's keywords
        arguments, environment = addresses.for_programs(cluster.address(cluster.APP))
        command = [cluster.tool("psql"), *arguments, *context.args[1:]]
        raise SystemExit(subprocess.run(command, env=environment, check=False).returncode)
    management.execute_from_command_line(["nwd manage", *context.args])
