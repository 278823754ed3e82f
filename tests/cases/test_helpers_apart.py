"""A community advocate, a victim specialist and an investigator are never one role: what an advocate keeps, the people
who may have to disclose what they read don't see; the database says so
(tests/promises reads past the policies)."""

from __future__ import annotations

import html

import pytest
from django.test import Client

from nowrongdoor.access import row_security, viewers
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import noting, people
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.cases.models import Case, CaseFile, Note
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
Role = viewers.Role
READERS = (Role.ADVOCATE, Role.COORDINATOR, Role.INVESTIGATOR, Role.VICTIM_SPECIALIST)


def texts(viewer: viewers.Viewer, case: Case) -> list[str]:
    with row_security.looking(viewer):
        found = case_queries.find(viewer, case.reference)
        return [note.text for note in case_queries.notes(viewer, found)]


@pytest.mark.parametrize(
    ("audience", "writer", "readers"),
    [
        (Note.Audience.ROLE, Role.ADVOCATE, {Role.ADVOCATE}),
        (Note.Audience.ROLE, Role.INVESTIGATOR, {Role.INVESTIGATOR}),
        (Note.Audience.ROLE, Role.VICTIM_SPECIALIST, {Role.VICTIM_SPECIALIST}),
        (Note.Audience.AGENCY, Role.ADVOCATE, {Role.ADVOCATE, Role.COORDINATOR}),
        (Note.Audience.AGENCY, Role.INVESTIGATOR, set(READERS)),
        (Note.Audience.TEAM, Role.ADVOCATE, set(READERS)),
    ],
)
def test_who_of_the_agency_reads_a_note_and_a_file(audience: Note.Audience, writer: Role, readers: set[Role]) -> None:
    case, by = stories.case(), stories.person("HOTLINE", writer)
    cases.add_note(case.id, text="She told me.", audience=audience, by=by, at=stories.NOON)
    stories.attach(case.id, by=by, audience=audience)
    of_note, of_file = set(), set()
    for role in READERS:
        viewer = stories.person("HOTLINE", role)
        of_note |= {role} if texts(viewer, case) else set()
        with row_security.looking(viewer):
            of_file |= {role} if CaseFile.objects.filter(case=case).exists() else set()
    assert (of_note, of_file) == (readers, readers)


def test_what_is_kept_to_a_role_stays_in_the_agency_and_never_on_the_other_roles_page(client: Client) -> None:
    case = stories.case()
    advocate = stories.person("HOTLINE", Role.ADVOCATE)
    note = cases.add_note(case.id, text="She fears him.", audience=Note.Audience.ROLE, by=advocate, at=stories.NOON)
    noting.correct(note.id, text="She fears them both.", because="Two men.", seen=0, by=advocate, at=stories.NOON)
    for path in ("", "/print"):
        shown = html.unescape(
            signing_in.sign_in(client, advocate).get(f"/cases/{case.reference}{path}").content.decode()
        )
        assert "She fears them both." in shown
        assert "wrote a note" in shown
        for role in (Role.COORDINATOR, Role.INVESTIGATOR, Role.VICTIM_SPECIALIST):
            other = signing_in.sign_in(Client(), stories.person("HOTLINE", role))
            page = html.unescape(other.get(f"/cases/{case.reference}{path}").content.decode())
            assert "She fears" not in page
            assert "Two men." not in page
            assert "wrote a note" not in page  # not even that there is one


def test_what_an_advocate_writes_of_a_person_is_not_shown_to_an_investigator_of_the_agency() -> None:
    case, advocate = stories.case(), stories.person("HOTLINE", Role.ADVOCATE)
    person = people.add(case.id, {"called": "Zuzana"}, by=advocate, at=stories.NOON)
    people.add_role(person, "offender", from_at=None, to_at=None, by=advocate, at=stories.NOON)
    for role, roles in ((Role.ADVOCATE, ["offender"]), (Role.COORDINATOR, ["offender"]), (Role.INVESTIGATOR, [])):
        viewer = stories.person("HOTLINE", role)
        with row_security.looking(viewer):
            found = case_queries.find(viewer, case.reference)
            (shown,) = people.shown(viewer, case.id, found.key)
        assert [each.role for each in shown.roles] == roles
    hsi = stories.person("HSI")
    with row_security.looking(hsi):
        (shown,) = people.shown(hsi, case.id, case_queries.find(hsi, case.reference).key)
    assert shown.roles == []


def test_what_an_advocate_wrote_of_a_person_does_not_show_by_refusing_it_to_an_investigator() -> None:
    """The same role and relation, which the investigator cannot see: neither a fault nor a refusal tells of it."""
    case, advocate = stories.case(), stories.person("HOTLINE", Role.ADVOCATE)
    investigator = stories.person("HOTLINE", Role.INVESTIGATOR)
    one, other = (people.add(case.id, {"called": name}, by=advocate, at=stories.NOON) for name in ("Zuzana", "Jan"))
    for by in (advocate, investigator):
        people.add_role(one, "offender", from_at=None, to_at=None, by=by, at=stories.NOON)
        people.relate(one, other, "partner", from_at=None, by=by, at=stories.NOON)
    with row_security.looking(investigator):
        found = case_queries.find(investigator, case.reference)
        shown = next(each for each in people.shown(investigator, case.id, found.key) if each.id == one)
    assert [each.role for each in shown.roles] == ["offender"]
    assert [each.kind for each in shown.relations] == ["partner"]
    with pytest.raises(people.Refused):
        people.add_role(one, "offender", from_at=None, to_at=None, by=investigator, at=stories.NOON)


def test_an_advocate_puts_no_words_into_a_note_that_investigators_of_the_agency_read(client: Client) -> None:
    case, advocate = stories.case(), stories.person("HOTLINE", Role.ADVOCATE)
    by = stories.person("HOTLINE")
    note = cases.add_note(case.id, text="Call her.", audience=Note.Audience.AGENCY, by=by, at=stories.NOON)
    sent = {"text": "She hides at her aunt’s.", "because": "She told me.", "seen": "0"}
    page = signing_in.sign_in(client, advocate).post(f"/cases/{case.reference}/notes/{note.id}/correct", sent)
    assert page.status_code == 422
    shown = html.unescape(page.content.decode())
    assert "Investigators at your agency read this note." in shown
    assert "She hides at her aunt’s." in shown  # nothing typed is lost
    assert texts(stories.person("HOTLINE", Role.INVESTIGATOR), case) == ["Call her."]


def test_an_advocate_gives_no_reason_that_investigators_of_the_agency_read(client: Client) -> None:
    case, advocate = stories.case(), stories.person("HOTLINE", Role.ADVOCATE)
    file = stories.attach(case.id, by=stories.person("HOTLINE"), audience=Note.Audience.AGENCY)
    sent = {"because": "She hides at her aunt’s."}
    page = signing_in.sign_in(client, advocate).post(f"/cases/{case.reference}/files/{file.id}/withdraw", sent)
    assert page.status_code == 422
    shown = html.unescape(page.content.decode())
    assert "Investigators at your agency read why a file was withdrawn." in shown
    assert "She hides at her aunt’s." in shown
    assert CaseFile.objects.get(id=file.id).withdrawn_at is None
