"""What the schema of the release before has no place for stops the way back, with a sentence that counts it."""

from __future__ import annotations

import datetime
import importlib
import pathlib

import psycopg
import pytest
from django.utils import timezone
from psycopg import errors

from nowrongdoor import migrations
from nowrongdoor.access import viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies.models import Closing
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import files, noting, people
from nowrongdoor.cases.models import Note
from nowrongdoor.duties import assigning, searches
from nowrongdoor.leads import answering, undoing
from tests.leads import stories

LISTS_UNDO = (pathlib.Path(migrations.__file__).parent / "lists_undo.sql").read_text("utf-8")
GUARDS_UNDO = (pathlib.Path(migrations.__file__).parent / "guards_undo.sql").read_text("utf-8")
AFTER_YES_UNDO = (pathlib.Path(migrations.__file__).parent / "after_yes_undo.sql").read_text("utf-8")
BETWEEN_UNDO = (pathlib.Path(migrations.__file__).parent / "between_agencies_undo.sql").read_text("utf-8")
OTHER_FACTS = """
INSERT INTO nowrongdoor_mandate_table (id, name, version, digest, files, proved_digest, proof, added_at, in_force,
  facts, facts_digest)
SELECT gen_random_uuid(), name, version, repeat('0', 64), files, proved_digest, proof, added_at, false,
       '{"asked": [["shoe_size", ["large", "unknown"]]], "files": {}}', facts_digest
  FROM nowrongdoor_mandate_table LIMIT 1
"""


def first_block(script: str) -> str:
    """Return the DO block with which a way back begins."""
    begin, end = script.index("DO $$"), script.index("END $$;") + len("END $$;")
    return script[begin:end]


def test_an_agency_that_is_being_closed_stops_the_way_back(committed_db: None, owner: str) -> None:
    admin = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    assert admin.user_id
    row = Closing.objects.create(
        agency=stories.agency("WHD"), into=stories.agency("HSI"), by_id=admin.user_id, at=stories.NOON
    )
    with psycopg.connect(owner) as database:
        with pytest.raises(errors.RaiseException, match="Agencies that are being closed: 1"):
            database.execute(first_block(GUARDS_UNDO))
        database.rollback()
        Closing.objects.filter(id=row.id).update(given_up_at=stories.NOON)
        database.execute(first_block(GUARDS_UNDO))


def test_a_table_that_asks_about_other_facts_stops_the_way_back(committed_db: None, owner: str) -> None:
    of_before = importlib.import_module("nowrongdoor.migrations.0009_facts")
    stays = of_before.UNDO
    with psycopg.connect(owner) as database:
        with pytest.raises(errors.ObjectNotInPrerequisiteState, match="other facts than the release before: 1"):
            database.execute(first_block(stays))  # the table of today
        database.rollback()
        database.execute("ALTER TABLE nowrongdoor_mandate_table DISABLE TRIGGER USER")
        database.execute("UPDATE nowrongdoor_mandate_table SET in_force = false, facts = %s", [of_before.LITERAL])
        database.execute(first_block(stays))
        database.execute(OTHER_FACTS)
        with pytest.raises(errors.ObjectNotInPrerequisiteState, match="other facts than the release before: 1"):
            database.execute(first_block(stays))
        database.rollback()


def test_what_somebody_has_on_a_list_stops_the_way_back(committed_db: None, owner: str) -> None:
    hsi, offer = stories.person("HSI"), stories.offer_of(stories.case()).id
    with psycopg.connect(owner) as database:
        database.execute(first_block(LISTS_UNDO))
        database.rollback()
        assigning.give(offer, to=hsi.user_id, seen=None, by=hsi, at=stories.NOON)
        searches.save("due=late", by=hsi, at=stories.NOON)
        with pytest.raises(errors.RaiseException, match=r"on a worklist \(1\), nor for saved searches \(1\)"):
            database.execute(first_block(LISTS_UNDO))
        database.rollback()


def test_what_people_wrote_since_stops_the_way_back(committed_db: None, owner: str) -> None:
    stays = importlib.import_module("nowrongdoor.migrations.0019_case").STAYS
    case, hotline = stories.case(), stories.person("HOTLINE")
    with psycopg.connect(owner) as database:
        database.execute(first_block(stays))
    note = cases.add_note(case.id, text="Hello.", audience=Note.Audience.ROLE, by=hotline, at=stories.NOON)
    noting.correct(note.id, text="Good day.", because="Manners.", seen=0, by=hotline, at=stories.NOON)
    file = stories.attach(case.id, by=hotline)
    files.withdraw(case.id, file.id, because="Not ours.", by=hotline, at=stories.NOON)
    she, brother = (people.add(case.id, {"called": name}, by=hotline, at=stories.NOON) for name in ("Ana", "Jan"))
    people.add_role(she, "victim", from_at=None, to_at=None, by=hotline, at=stories.NOON)
    people.relate(she, brother, "sibling", from_at=None, by=hotline, at=stories.NOON)
    counted = "1 corrections of notes, 1 notes .*, 1 files .*, 1 roles and 1 relations"
    with psycopg.connect(owner) as database, pytest.raises(errors.RaiseException, match=counted):
        database.execute(first_block(stays))


def test_a_token_that_ends_stops_the_way_back_until_it_is_revoked(committed_db: None, owner: str) -> None:
    stays = importlib.import_module("nowrongdoor.migrations.0020_invitations").STAYS
    hotline, lasts = stories.agency("HOTLINE"), datetime.timedelta(days=1)
    agencies.make_token(hotline, label="endless", by=None, at=stories.NOON)
    agencies.make_token(hotline, label="system", by=None, at=stories.NOON, lasts=lasts)
    with psycopg.connect(owner) as database:
        with pytest.raises(errors.RaiseException, match="no place for the end of 1 tokens"):
            database.execute(first_block(stays))
        database.rollback()
        agencies.revoke_token("system", agency_code="HOTLINE", at=stories.NOON)
        database.execute(first_block(stays))


def test_an_acceptance_that_was_undone_stops_the_way_back(committed_db: None, owner: str) -> None:
    hsi = stories.person("HSI")
    case = stories.case(at=timezone.now())
    yes = answering.accept(stories.offer_of(case).id, by=hsi, at=timezone.now())
    with psycopg.connect(owner) as database:
        database.execute(first_block(AFTER_YES_UNDO))
    undoing.undo(yes.id, by=hsi, at=timezone.now())
    with (
        psycopg.connect(owner) as database,
        pytest.raises(errors.RaiseException, match="1 acceptances that were undone"),
    ):
        database.execute(first_block(AFTER_YES_UNDO))


def test_the_schema_goes_back_by_what_these_blocks_begin(owner: str) -> None:
    """They stand first in the way back, so that nothing is taken before they ask."""
    for name, script in (
        ("guards", GUARDS_UNDO),
        ("lists", LISTS_UNDO),
        ("after yes", AFTER_YES_UNDO),
        ("between agencies", BETWEEN_UNDO),
        ("outcomes", importlib.import_module("nowrongdoor.migrations.0025_outcomes").UNGUARD),
        ("facts", importlib.import_module("nowrongdoor.migrations.0009_facts").UNDO),
        ("case", importlib.import_module("nowrongdoor.migrations.0019_case").STAYS),
        ("invitations", importlib.import_module("nowrongdoor.migrations.0020_invitations").STAYS),
    ):
        statements = [line for line in script.splitlines() if line.strip() and not line.startswith("--")]
        assert (name, statements[0]) == (name, "DO $$")
