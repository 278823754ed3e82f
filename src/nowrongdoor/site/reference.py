"""What every installation starts with: the agencies that the shipped mandate table names, and the table, in force.

Running it again adds what is missing and changes nothing else.
"""

from __future__ import annotations

import datetime

from nowrongdoor.access import row_security
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import queries as directory
from nowrongdoor.agencies.models import Agency
from nowrongdoor.core import country as countries
from nowrongdoor.core.mandates import rules, table
from nowrongdoor.mandates import actions as mandates
from nowrongdoor.mandates import queries as tables
from nowrongdoor.operating import country
from nowrongdoor.vault import keys


@row_security.system()
def load(*, at: datetime.datetime) -> None:
    """Settle the country, add its agencies, and put its table in force, unless another one is. country.Unfit for files
    that do not fit together, country.AnotherCountry."""
    if not tables.country():
        country.refuse_unfit()
        mandates.choose_country(countries.installed().code, at=at)
    country.refuse_another(tables.country())
    keys.prepare()
    shipped = table.shipped()
    agencies.add_missing(
        agencies.New(each.code, each.code, each.name, each.department, each.kind.value)
        for each in shipped.agencies.values()
        if each.by_place is rules.ByPlace.NONE
    )
    kept = mandates.add(table.shipped_files(), at=at)
    if not tables.is_any_in_force():
        mandates.put_in_force(kept.id, agency_id=directory.by_code(_last(shipped)).id, by=None, at=at)


def _last(content: table.Table) -> str:
    """Return whom the table's last backstop names: who answers where nobody else does puts the first table in force."""
    backstops = [each for each in content.rules if each.role is rules.Role.BACKSTOP]
    return max(backstops, key=lambda rule: rule.precedence or 0).agency


@row_security.system()
def waiting() -> str:
    """Say that the table which this version ships waits, and what it would change; nothing where it is in force."""
    shipped = tables.waiting_shipped()
    if shipped is None:
        return ""
    return (
        f"This version ships the mandate table {shipped.content.name} {shipped.content.version}, which is not in "
        f"force. {shipped.summary}\nSee `nwd table changes`, and put it in force with "
        f"`nwd table force {shipped.content.digest[:12]} --by <administrator>`."
    )


def stand_by() -> None:
    """Note, as the owner, which agencies stand by as backstops: those that the table says cannot decline."""
    desks = [each.code for each in table.shipped().agencies.values() if not each.can_decline]
    Agency.objects.filter(desk__in=desks).update(stands_by=True)
