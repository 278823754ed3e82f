"""What was made by a release that knew one country is the United States', and goes back only as that."""

from __future__ import annotations

import gzip
import pathlib
import shutil
from collections.abc import Iterator

import pytest

from tests.site import elsewhere, release
from tests.site.test_upgrading import Database, empty, load

KNEW_ONE = "0.3.0"  # the last release that knew one country


@pytest.fixture
def newest(django_db_setup: None, tmp_path: pathlib.Path) -> Iterator[Database]:
    """The newest release of them, filled."""
    newest = next(each for each in release.everything() if each.folder.name == KNEW_ONE)
    key_file = tmp_path / "root.json"
    shutil.copyfile(newest.folder / release.KEY, key_file)
    with empty("released_country") as address:
        load(address, gzip.decompress((newest.folder / release.DUMP).read_bytes()))
        yield Database("released_country", newest, key_file)


@pytest.mark.storm
def test_a_release_is_the_united_states_and_stays_so_up_and_down(newest: Database) -> None:
    refused = newest.refused_up(NWD_COUNTRY=str(elsewhere.COUNTRIES / "uk"))
    assert "it was made for US, and NWD_COUNTRY names GB" in refused
    with newest.connect() as owner:
        assert owner.execute("SELECT count(*) FROM nowrongdoor_agency WHERE code = 'GLAA'").fetchone() == (0,)
    newest.up()
    with newest.connect() as owner:
        assert owner.execute("SELECT code FROM nowrongdoor_country").fetchall() == [("US",)]
        owner.execute("UPDATE nowrongdoor_country SET code = 'GB'")
    assert "This database is that of another country (GB)." in newest.refused_down()
    with newest.connect() as owner:
        owner.execute("UPDATE nowrongdoor_country SET code = 'US'")
    newest.down()
    with newest.connect() as owner:
        assert owner.execute("SELECT to_regclass('nowrongdoor_country')").fetchone() == (None,)
