"""The comparison of open offers with their answers is seen to find a difference."""

from __future__ import annotations

import pytest

from tests import at_home
from tests.duties import alike
from tests.leads import stories


@pytest.mark.parametrize("table", ["handoff", "duty"])
def test_the_comparison_sees_what_a_superuser_makes_unlike(committed_db: None, table: str) -> None:
    """The test of the test: with every trigger switched off."""
    stories.case({**stories.FORCED_LABOR, "age": "under_18"})
    with at_home.breaking_in() as database:
        assert alike.unlike(database) == []
        assert min(alike.counts(database)) > 0
        database.execute("SET LOCAL session_replication_role = replica")
        database.execute(f"UPDATE nowrongdoor_{table} SET citation = citation || '!'")  # noqa: S608
        assert alike.unlike(database) != []
