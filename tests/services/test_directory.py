"""The directory in the database: in, out, and who can take somebody; as the system, as staff, and as anybody."""

from __future__ import annotations

import datetime
import json
import pathlib
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.core.services import matching, service
from nowrongdoor.core.services.service import Hours
from nowrongdoor.services import commands, exporting, finding, importing, listing, models, vetting
from nowrongdoor.services.models import DirectoryRow
from nowrongdoor.site import demonstration_services
from tests.leads import stories

NOW = timezone.now()
DAY = datetime.timedelta(days=1)
WOMAN = service.Facts(
    values={"gender": frozenset({"woman"}), "animal": frozenset({"no"})},
    numbers={"age": 24},
    without=frozenset({"oldest_son"}),
)
NEEDS = matching.Needs(kind="shelter", facts=WOMAN, language="es", state="NY", county="Erie County")
HIDDEN = "Lantern House: shelter"
STREET = "44 Juniper Court"


@pytest.fixture
def chief(committed_db: None) -> viewers.Viewer:
    return stories.person("HOTLINE", viewers.Role.COORDINATOR)


@pytest.fixture
def filled(chief: viewers.Viewer) -> viewers.Viewer:
    demonstration_services.fill(by=chief, at=NOW)
    return chief


def documents() -> list[dict[str, Any]]:
    return demonstration_services.documents(at=NOW)


def take(path: pathlib.Path, content: object) -> importing.Outcome:
    path.write_text(json.dumps(content))
    return importing.take(path, at=NOW)


def exported(folder: pathlib.Path, form: str, context: Callable[[], AbstractContextManager[None]]) -> Iterator[str]:
    with context():
        exporting.write(folder, form)
    return (each.read_text() for each in sorted(folder.iterdir()))


def staff(viewer: viewers.Viewer) -> Callable[[], AbstractContextManager[None]]:
    return lambda: row_security.looking(viewer)


def test_the_same_again_changes_nothing_and_a_change_is_one(committed_db: None, tmp_path: pathlib.Path) -> None:
    path, content = tmp_path / "a.json", documents()
    first = take(path, content)
    assert (first.changed, first.same, first.refused) == (0, 0, [])
    assert first.taken > 100
    again = take(path, content)
    assert (again.taken, again.changed, again.same) == (0, 0, first.taken)
    content[1]["description"] = "Another shelter."
    third = take(path, content)
    assert (third.taken, third.changed, third.same) == (0, 1, first.taken - 1)
    with row_security.system():
        row = models.DirectoryRow.objects.get(table="organizations", listed=str(content[1]["id"]))
    assert row.content["description"] == "Another shelter."
    assert row.at == NOW


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_was_written_out_is_the_same_when_it_comes_in_again(
    filled: viewers.Viewer, tmp_path: pathlib.Path, form: str
) -> None:
    with row_security.system():
        exporting.write(tmp_path / "out", form)
        before = importing.kept()
        models.Vetting.objects.all()
        for model in (models.Opening, models.Listing, models.DirectoryRow):
            model.objects.all().delete()
    paths = [tmp_path / "out"] if form == "csv" else sorted((tmp_path / "out").iterdir(), reverse=True)
    for path in paths:
        assert importing.take(path, at=NOW).refused == []
    with row_security.system():
        assert importing.kept() == before


@pytest.mark.parametrize("says", ["the place", "the service"])
def test_what_is_hidden_stays_so_whatever_comes_in_later(committed_db: None, tmp_path: pathlib.Path, says: str) -> None:
    content = documents()
    shelter = next(each for each in content[1]["services"] if each.get("schedules"))
    hidden = next(each for each in content[0]["services"][0]["attributes"] if each["taxonomy_term"]["code"] == "hidden")
    tag = {**hidden, "id": "0f0c2c7e-6d0a-4a53-8a53-0d7f4b3f3a21"}
    place: dict[str, Any] = {
        "id": "0f0c2c7e-6d0a-4a53-8a53-0d7f4b3f3a22",
        "location_type": "physical",
        "addresses": [
            {
                "id": "0f0c2c7e-6d0a-4a53-8a53-0d7f4b3f3a23",
                **{"address_1": STREET, "city": "Tonawanda", "state_province": "NY", "postal_code": "14150"},
                **{"country": "US", "address_type": "physical"},
            }
        ],
    }
    (place if says == "the place" else shelter).setdefault("attributes", []).append(tag)
    shelter["service_at_locations"] = [{"id": "0f0c2c7e-6d0a-4a53-8a53-0d7f4b3f3a24", "location": place}]
    shelter["phones"] = [
        {"id": "0f0c2c7e-6d0a-4a53-8a53-0d7f4b3f3a25", "number": "+1 555 0100 399", "description": f"Ring at {STREET}"}
    ]

    def shown() -> set[str]:
        rows = DirectoryRow.objects.filter(root=str(shelter["id"]), is_for_staff=False)
        return set(rows.values_list("table", flat=True))

    assert len(take(tmp_path / "a.json", content).refused) > 0
    with row_security.system():
        first = shown()
        assert not first & {"schedules", "phones", "service_capacity"}
    other = {"id": "0f0c2c7e-6d0a-4a53-8a53-0d7f4b3f3a26", "name": "Another", "description": "Another organization."}
    assert take(tmp_path / "b.json", [other]).taken == 1
    with row_security.system():
        assert shown() == first
        assert DirectoryRow.objects.get(table="services", listed=str(shelter["id"])).is_hidden
        assert models.Opening.objects.get(listing=uuid.UUID(shelter["id"])).is_for_staff


def test_where_a_hidden_place_is_is_kept_nowhere_and_goes_when_a_place_becomes_hidden(
    committed_db: None, tmp_path: pathlib.Path
) -> None:
    content = documents()
    shelter = content[0]["services"][0]
    place = {
        "id": "0f0c2c7e-6d0a-4a53-8a53-0d7f4b3f3a11",
        "location_type": "physical",
        "latitude": 42.9,
        "addresses": [
            {
                "id": "0f0c2c7e-6d0a-4a53-8a53-0d7f4b3f3a12",
                **{"address_1": STREET, "city": "Tonawanda", "state_province": "NY", "postal_code": "14150"},
                **{"country": "US", "address_type": "physical"},
            }
        ],
    }
    shelter["service_at_locations"] = [{"id": "0f0c2c7e-6d0a-4a53-8a53-0d7f4b3f3a13", "location": place}]
    hidden = [each for each in shelter["attributes"] if each["taxonomy_term"]["code"] == "hidden"]
    shelter["attributes"] = [each for each in shelter["attributes"] if each not in hidden]
    path = tmp_path / "a.json"
    assert take(path, content).refused == []
    with row_security.system():
        assert models.DirectoryRow.objects.filter(content__address_1=STREET).exists()
    shelter["attributes"] += hidden
    shelter["description"] = f"Ring at {STREET}, Tonawanda."
    outcome = take(path, content)
    assert {each.cause for each in outcome.refused} == {"It says where a hidden place is, which isn’t kept."}
    assert len(outcome.refused) == 3
    (leak,) = [each for each in outcome.problems if "part of the address" in each]
    assert STREET not in leak
    with row_security.system():
        assert not models.DirectoryRow.objects.filter(table__in=["locations", "addresses"]).exists()
        assert not models.DirectoryRow.objects.filter(table="service_at_location").exists()
    for form in ("csv", "json"):
        for text in exported(tmp_path / f"public {form}", form, row_security.entry):
            assert STREET not in text
            assert "Tonawanda" not in text
            assert "14150" not in text


def test_when_somebody_is_at_a_hidden_place_and_whether_there_is_room_staff_alone_read(
    filled: viewers.Viewer, tmp_path: pathlib.Path
) -> None:
    with row_security.system():
        hidden = models.Listing.objects.get(name=HIDDEN)
        secret = [
            str(listed)
            for listed in models.DirectoryRow.objects.filter(
                root=hidden.id, table__in=["schedules", "service_capacity"]
            ).values_list("listed", flat=True)
        ]
    assert len(secret) == 2
    outside = "".join(exported(tmp_path / "out", "csv", row_security.entry))
    inside = "".join(exported(tmp_path / "in", "csv", staff(filled)))
    assert HIDDEN in outside
    for each in secret:
        assert each not in outside
        assert each in inside
    with row_security.looking(filled):
        (only,) = finding.match(NEEDS, at=NOW).found.offered
    assert (only.service.name, only.service.hours, only.has_room) == (HIDDEN, Hours.OPEN, True)
    with row_security.entry():
        assert not models.Opening.objects.filter(pk=hidden.id).exists()
        assert finding.match(NEEDS, at=NOW).found.offered == []  # who is vetted, staff alone read
        (held,) = listing.held(models.Listing.objects.filter(pk=hidden.id), 2, at=NOW)
    read = listing.opened(held, at=NOW)
    assert (read.hours, read.room, read.vetted_until) == (Hours.UNKNOWN, None, None)


def test_only_what_is_vetted_is_offered_and_a_vetting_that_ends_ends_that_at_once(filled: viewers.Viewer) -> None:
    def offered(at: datetime.datetime) -> list[str]:
        with row_security.looking(filled):
            return [each.service.name for each in finding.match(NEEDS, at=at).found.offered]

    assert offered(NOW) == [HIDDEN]
    assert offered(NOW + demonstration_services.FOR) == []
    with row_security.system():
        organization = models.Listing.objects.get(name=HIDDEN).organization
    assert organization is not None
    vetting.end(organization, by=filled, at=NOW)
    assert offered(NOW) == []
    for by, until, why in (
        (stories.person("HOTLINE"), NOW + DAY, None),
        (filled, NOW + 400 * DAY, "a year at most"),
        (filled, NOW, "a year at most"),
        (stories.person("HOTLINE", viewers.Role.ADVOCATE), NOW + DAY, "A coordinator decides"),
    ):
        if why is not None:
            with pytest.raises(vetting.Refused, match=why):
                vetting.vet(organization, until=until, by=by, at=NOW)
    with pytest.raises(vetting.Refused, match="doesn’t vouch"):
        vetting.end(organization, by=filled, at=NOW)
    with pytest.raises(vetting.Refused, match="no such organization"):
        vetting.vet(uuid.uuid4(), until=NOW + DAY, by=filled, at=NOW)


def test_a_match_takes_few_queries_however_many_services_there_are(filled: viewers.Viewer) -> None:
    with row_security.looking(filled), CaptureQueriesContext(connection) as queries:
        answer = finding.match(NEEDS, at=NOW)
        assert len(queries) == 2
        assert finding.elsewhere(NEEDS) == 0
    assert len(queries) == 4
    assert len(answer.found.offered) + len(answer.found.left_out) == 4


def test_what_is_for_another_state_is_counted_and_not_looked_at(filled: viewers.Viewer) -> None:
    needs = matching.Needs(kind="shelter", facts=WOMAN, language="en", state="NV")
    with row_security.looking(filled):
        answer = finding.match(needs, at=NOW)
        assert (answer.found.offered, finding.elsewhere(needs)) == ([], 4)


def test_the_commands_say_what_was_taken_who_can_help_and_why_not_the_others(
    filled: viewers.Viewer, tmp_path: pathlib.Path
) -> None:
    run = CliRunner().invoke
    (tmp_path / "organizations.csv").write_text(
        "id,name,description\n2b0f7b1e-0d63-4e0b-9d6e-0b2f3e8f4a01,New,x\n1,Bad,x\n"
    )
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.write(tmp_path / "organizations.csv", "organizations.csv")
    taken = run(commands.services, ["import", str(tmp_path / "a.zip"), "--json"])
    assert taken.exit_code == 1
    assert json.loads(taken.stdout) == {
        **{"taken": 1, "changed": 0, "same": 0},
        "refused": [{"line": "organizations.csv, line 3", "cause": "id: write a UUID."}],
        "notes": json.loads(taken.stdout)["notes"],
    }
    assert "Nobody finds it: its status is “defunct”" in taken.stdout
    needs = tmp_path / "needs.json"
    needs.write_text(json.dumps({"kind": "shelter", "language": "en", "state": "NY", "facts": {"age": 24}}))
    found = run(commands.services, ["match", "--needs", str(needs), "--json"])
    told = json.loads(found.stdout)
    assert [each["name"] for each in told["ranked"]] == ["Four Winds: shelter", HIDDEN]
    assert told["ranked"][1]["ask"] == ["place", "gender", "oldest_son", "animal"]
    assert {each["name"]: each["reasons"] for each in told["excluded"]}["Youth Harbor: home"] == ["condition: age"]
    for content, why in (
        ("{", "This is no JSON"),
        ("[]", "Write an object"),
        ('{"kind": "hotel"}', "kind: write one of shelter"),
        ('{"kind": "shelter", "color": 1}', "color: write only kind"),
        ('{"kind": "shelter", "state": 1}', "state: write text"),
        ('{"kind": "shelter", "state": "Nevada"}', "state: write one of AL"),
        ('{"kind": "shelter", "state": "NV", "county": "Erie"}', "no county of that name"),
        ('{"kind": "shelter", "county": "Erie County"}', "no State was given"),
        ('{"kind": "shelter", "is_now": 1}', "is_now: write true or false"),
        ('{"kind": "shelter", "facts": {"shoes": 1}}', "No service asks for “shoes”"),
        ('{"kind": "shelter", "facts": {"age": null}}', "age: write a whole number"),
        ('{"kind": "shelter", "facts": {"gender": "girl"}}', "gender: write one of woman"),
    ):
        needs.write_text(content)
        refused = run(commands.services, ["match", "--needs", str(needs)])
        assert refused.exit_code == 1
        assert why in refused.output
    needs.write_text(
        '{"kind": "shelter", "state": "NY", "county": "Erie", "facts": {"victimization": ["labor", "sex"]}}'
    )
    open_question = json.loads(run(commands.services, ["match", "--needs", str(needs), "--json"]).stdout)
    assert {"language"} < set(open_question["ask_next"])
    assert "near" in {each["name"]: each["why"] for each in open_question["ranked"]}[HIDDEN]
    unusable = run(commands.services, ["import", str(tmp_path / "nothing")])
    assert "There is no such file or folder" in unusable.output
