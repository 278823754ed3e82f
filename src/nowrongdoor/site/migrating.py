"""`python -m nowrongdoor.site.migrating`, as the owner: the schema up to date, and the run-time role's privileges. With
`alone`, no process of an earlier release serves any more: from then on whoever says for whom they look must sign it.
With `new-key`, nothing serves: NWD_SECRET_KEY was changed.

`operating.schema` starts it; nothing imports it.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    import django
    from django.core import management

    os.environ["DJANGO_SETTINGS_MODULE"] = "nowrongdoor.site.settings"
    django.setup()
    from django.db import connection
    from django.db.utils import OperationalError
    from django.utils import timezone

    from nowrongdoor.access import grants, policies, signing
    from nowrongdoor.operating import country, schema
    from nowrongdoor.site import declared, reference

    try:
        schema.between_others(lambda: management.call_command("migrate", verbosity=0, interactive=False))
        with connection.cursor() as cursor:
            signing.keep(cursor, is_new=schema.NEW_KEY in sys.argv)
        schema.between_others(lambda: policies.apply(declared.ROWS, declared.FUNCTIONS))
        schema.between_others(lambda: grants.apply(declared.ROWS))
        if schema.ALONE in sys.argv:
            with connection.cursor() as cursor:
                signing.demand(cursor)
        reference.load(at=timezone.now())
        reference.stand_by()
        if waiting := reference.waiting():
            print(waiting, file=sys.stderr)
    except (country.AnotherCountry, country.Unfit, schema.Busy, signing.NoSchema, signing.AnotherKey) as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"The database refuses: {' '.join(str(error).split())}")
