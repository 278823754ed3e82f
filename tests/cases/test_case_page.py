"""The page of a case: what stands first, each part a page at a time, and nothing that its viewer may not see; a long
case costs as many queries as a short one."""

from __future__ import annotations

import datetime
import html
import io
import pathlib
import re
import shutil
import tempfile
import uuid

import pikepdf
import pytest
from django.db import connection
from django.test import Client, utils

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.actions import choose_language
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import files, noting, people
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.cases.models import Case, CaseFile, Note, NoteCorrection, Participant
from nowrongdoor.cases.person_models import PersonRole
from nowrongdoor.core import country
from nowrongdoor.leads import answering
from tests import signing_in
from tests.cases import crowded
from tests.leads import stories

pytestmark = pytest.mark.django_db
# As a word processor gives it: curly quotes, dashes, bullets, hard spaces, tabs, and lines that end in CR LF.
WORD = "“She said,” he wrote — ‘no’…\r\n•\tFirst\u00a0point\r\n\r\n<b>not bold</b> & more\r\n"


def client_of(code: str, role: viewers.Role = viewers.Role.COORDINATOR) -> Client:
    return signing_in.sign_in(Client(), stories.person(code, role))


def shown(client: Client, case: Case, query: str = "", **headers: str) -> str:
    answer = client.get(f"/cases/{case.reference}{query}", headers=headers)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def asked(client: Client, case: Case) -> int:
    with utils.CaptureQueriesContext(connection) as captured:
        shown(client, case)
    return len([each for each in captured if not each["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))])


def test_a_long_case_costs_as_many_queries_as_a_short_one_and_opens_only_what_it_shows() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    people.add(case.id, {"called": "Zuzana"}, by=hotline, at=stories.NOON)
    crowded.fill(case, hotline, agencies=0, notes=1, files=1)
    client = signing_in.sign_in(Client(), hotline)
    shown(client, case)  # the first click of a minute also moves the session's end on
    few = asked(client, case)
    assert few <= 30  # three look for files that a sender added, two for reports, one for referrals
    crowded.fill(case, hotline, notes=60, files=30)
    assert asked(client, case) == few
    page = shown(client, case)
    assert len(page) < 250_000
    notes = dict.fromkeys(re.findall(r"Note (\d{3})\.", page))  # what a corrected one said before is below it
    assert list(notes) == [f"{number:03}" for number in range(59, 39, -1)]
    second = shown(client, case, "?notes=2&files=2&notices=2")
    assert "Note 039." in second
    assert "Note 040." not in second
    assert "Letter 14" in second
    assert "Page 2 of 4" in second
    everything = " ".join(shown(client, case, f"?show=file&happened={number}") for number in (1, 2))
    assert everything.count("attached a file.") == 31


def test_twenty_thousand_characters_from_a_word_processor_are_kept_and_shown_as_they_were() -> None:
    case, client = stories.case(), client_of("HOTLINE")
    text = (WORD * 400)[: cases.NOTE_LIMIT + 400]  # a browser sends two characters where a line ends
    normal = text.replace("\r\n", "\n").strip()
    assert len(text) > len(normal)
    kept = normal[: cases.NOTE_LIMIT]
    sent = kept.replace("\n", "\r\n")
    assert len(sent) > cases.NOTE_LIMIT
    answer = client.post(f"/cases/{case.reference}/notes", {"text": sent, "audience": "agency"})
    assert answer.status_code == 302
    page = client.get(f"/cases/{case.reference}").content.decode()
    assert html.escape(kept) in page
    assert "<b>not bold</b>" not in page
    assert 'maxlength="20000"' not in page  # a browser would cut the rest off without a word


def test_of_two_people_who_correct_a_note_the_second_is_told_and_keeps_every_word() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    note = cases.add_note(case.id, text="He is 40.", audience=Note.Audience.TEAM, by=hotline, at=stories.NOON)
    first, second = client_of("HOTLINE"), client_of("HOTLINE")
    address = f"/cases/{case.reference}/notes/{note.id}/correct"
    for client in (first, second):
        assert ">He is 40.</textarea>" in client.get(address).content.decode().replace("\n", "")
    sent = {"text": "He is 41.", "because": "His birthday.", "seen": "0"}
    assert first.post(address, sent).status_code == 302
    answer = second.post(address, {**sent, "text": "He is 42.", "because": "He said so."})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert page.count("Somebody else corrected this note while you were writing.") == 2  # at the top, and by the field
    assert '<p class="words">He is 41.</p>' in page
    assert "He is 42.</textarea>" in page
    assert 'value="He said so."' in page
    assert NoteCorrection.objects.count() == 1
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    again = {"text": "He is 42.", "because": "He said so.", "seen": seen[1]}
    assert second.post(address, again).status_code == 302
    told = shown(first, case)
    assert '<p class="words">He is 42.</p>' in told
    assert "Corrected 2 times" in told
    assert told.index("He is 42.") < told.index("He is 41.") < told.index("He is 40.")
    assert [event.details for event in Event.objects.filter(verb="note.corrected").order_by("id")] == [
        {"number": 1},
        {"number": 2},
    ]


@pytest.mark.parametrize(("field", "given"), [("text", " "), ("text", "x" * 20_001), ("because", ""), ("seen", "")])
def test_a_correction_without_words_or_without_a_reason_is_told_beside_the_field(field: str, given: str) -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    note = cases.add_note(case.id, text="He is 40.", audience=Note.Audience.TEAM, by=hotline, at=stories.NOON)
    sent = {"text": "He is 41.", "because": "His birthday.", "seen": "0"} | {field: given}
    address = f"/cases/{case.reference}/notes/{note.id}/correct"
    answer = client_of("HOTLINE").post(address, sent)
    assert answer.status_code == 422
    assert "There’s a problem" in html.unescape(answer.content.decode())
    assert not NoteCorrection.objects.exists()


def test_the_history_of_a_note_is_for_whoever_could_read_it_and_nobody_else() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    team, agency = (
        cases.add_note(case.id, text=f"First for {audience}.", audience=audience, by=hotline, at=stories.NOON)
        for audience in (Note.Audience.TEAM, Note.Audience.AGENCY)
    )
    for note in (team, agency):
        noting.correct(note.id, text="Second.", because="I misheard.", seen=0, by=hotline, at=stories.NOON)
    hsi = client_of("HSI")
    page = shown(hsi, case)
    assert "First for team." in page
    assert "First for agency." not in page
    assert hsi.get(f"/cases/{case.reference}/notes/{team.id}/correct").status_code == 404  # not theirs to correct
    answering.decline(stories.offer_of(case).id, reason="No agents.", by=stories.person("HSI"), at=stories.NOON)
    left = shown(hsi, case)
    assert "no longer takes part" in left
    assert "First for" not in left
    assert "I misheard." not in left


def test_a_pinned_note_stands_first_and_one_for_my_role_is_in_a_list_of_its_own() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    add = {"audience": Note.Audience.TEAM, "by": hotline}
    old = cases.add_note(case.id, text="An old note.", at=stories.NOON, **add)  # type: ignore[arg-type]
    later = stories.NOON + datetime.timedelta(hours=1)
    client = client_of("HOTLINE")
    sent = {"text": "A new note.", "audience": "team", "for_role": "investigator"}
    client.post(f"/cases/{case.reference}/notes", sent)
    assert shown(client, case).index("A new note.") < shown(client, case).index("An old note.")
    client.post(f"/cases/{case.reference}/notes/{old.id}/pin", {"back": f"/cases/{case.reference}"})
    pinned = shown(client, case)
    assert "The note is pinned to the top." in pinned
    assert pinned.index("An old note.") < pinned.index("A new note.")
    investigator = client_of("HSI", viewers.Role.INVESTIGATOR)
    assert "For: Investigators" in shown(investigator, case)
    for_me = shown(investigator, case, "?list=for_me")
    assert "A new note." in for_me
    assert "An old note." not in for_me
    noting.unpin(old.id, by=hotline, at=later)
    assert [event.verb for event in Event.objects.filter(verb__contains="pinned").order_by("id")] == [
        "note.pinned",
        "note.unpinned",
    ]


def test_a_file_that_was_withdrawn_opens_for_nobody_and_its_row_says_who_and_why() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    file = stories.attach(case.id, by=hotline, label="Her passport", audience=Note.Audience.TEAM)
    client, hsi = signing_in.sign_in(Client(), hotline), client_of("HSI")
    content = f"/cases/{case.reference}/files/{file.id}"
    assert hsi.get(content).status_code == 200
    assert hsi.post(f"{content}/withdraw", {"because": "Not ours."}).status_code == 404
    assert client.post(f"{content}/withdraw", {"because": ""}).status_code == 422
    assert client.post(f"{content}/withdraw", {"because": "It is somebody else’s."}).status_code == 302
    for viewer in (client, hsi):
        assert viewer.get(content).status_code == 404
        page = shown(viewer, case)
        assert "Her passport" in page
        assert f'href="{content}"' not in page
        assert "It is somebody else’s." in page
    assert client.get(f"{content}/withdraw").status_code == 404  # once
    with row_security.looking(hotline):
        row = CaseFile.objects.get(id=file.id)
        assert (bytes(row.content), row.size) == (b"", file.size)
        with pytest.raises(files.NoSuchFile):
            files.opened(hotline, case_queries.find(hotline, case.reference), file.id, at=stories.NOON)
    (event,) = Event.objects.filter(verb="file.withdrawn")
    assert (event.subject_id, event.by_id, event.details) == (file.id, hotline.user_id, {})


def test_somebody_who_is_both_survivor_and_suspect_is_one_person_with_two_roles_and_their_dates() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    she, brother = (people.add(case.id, {"called": name}, by=hotline, at=stories.NOON) for name in ("Ana", "Jan"))
    client = signing_in.sign_in(Client(), hotline)
    address = f"/cases/{case.reference}/people/{she}/roles"
    roles = ({"role": "victim", "from_on": "2025-01-01"}, {"role": "offender", "from_on": "2026-02-01"})
    for role in roles:
        assert client.post(address, {"what": "role", **role}).status_code == 302
    again = client.post(address, {"what": "role", **roles[0]})
    assert again.status_code == 422
    assert "The person has this role already." in html.unescape(again.content.decode())
    backwards = client.post(
        address, {"what": "role", "role": "witness", "from_on": "2026-02-01", "to_on": "2026-01-01"}
    )
    assert "The last day comes before the first." in html.unescape(backwards.content.decode())
    related = {"what": "relation", "kind": "sibling", "other": str(brother)}
    assert client.post(address, related).status_code == 302
    page = shown(client, case)
    assert page.count("<strong>Person 1</strong>") == 1
    assert re.search(r"Survivor:\s+since Jan 1, 2025|Survivor:\s+since Jan. 1, 2025", page)
    assert re.search(r"Suspect or offender:\s+since Feb. 1, 2026", page)
    assert "Sibling of person 2" in page
    first = PersonRole.objects.get(role="victim")
    client.post(f"/cases/{case.reference}/roles/{first.id}/end", {"back": f"/cases/{case.reference}"})
    assert re.search(r"Survivor:\s+from Jan. 1, 2025 to", shown(client, case))
    other = shown(client_of("HSI"), case)
    assert "Survivor:" not in other
    assert "Sibling" not in other


def test_a_printed_case_bears_its_marking_and_who_printed_it_and_is_an_event() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    cases.add_note(case.id, text="Ours alone.", audience=Note.Audience.AGENCY, by=hotline, at=stories.NOON)
    cases.add_note(case.id, text="For everybody.", audience=Note.Audience.TEAM, by=hotline, at=stories.NOON)
    hsi = stories.person("HSI")
    client = signing_in.sign_in(Client(), hsi)
    page = html.unescape(client.get(f"/cases/{case.reference}/print").content.decode())
    assert page.count(country.installed().marking) > 1
    assert f"Printed by {hsi.name}, {hsi.agency_name}" in page
    assert "For everybody." in page
    assert "Ours alone." not in page
    answer = client.get(f"/cases/{case.reference}/print.pdf")
    assert answer["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(answer.content)) as file:
        assert file.docinfo["/Title"] == f"Case {case.reference}"
    printed = Event.objects.filter(verb="case.printed").order_by("id")
    assert [(event.kind, event.by_id, event.case_id, event.details) for event in printed] == [
        ("read", hsi.user_id, case.id, {"form": "page"}),
        ("read", hsi.user_id, case.id, {"form": "pdf"}),
    ]
    assert client_of("EEOC").get(f"/cases/{case.reference}/print").status_code == 404


def test_an_agency_that_takes_part_no_longer_prints_what_it_wrote_and_no_more() -> None:
    case, hotline, hsi = stories.case(), stories.person("HOTLINE"), stories.person("HSI")
    cases.add_note(case.id, text="For everybody.", audience=Note.Audience.TEAM, by=hotline, at=stories.NOON)
    cases.add_note(case.id, text="We know this crew.", audience=Note.Audience.AGENCY, by=hsi, at=stories.NOON)
    answering.decline(stories.offer_of(case).id, reason="No agents.", by=hsi, at=stories.NOON)
    client = signing_in.sign_in(Client(), hsi)
    page = html.unescape(client.get(f"/cases/{case.reference}/print").content.decode())
    assert "We know this crew." in page
    assert "For everybody." not in page
    assert "Sharing restrictions" not in page


def test_a_reference_with_a_letter_wrong_is_told_with_the_case_that_was_meant_and_never_somebody_elses() -> None:
    case = stories.case()
    client, stranger = client_of("HOTLINE"), client_of("EEOC")
    letters = case.reference.replace("-", "")
    wrong = letters[:5] + ("2" if letters[5] != "2" else "3") + letters[6:]
    for typed in (wrong, letters[:-1], f"{letters}0"):
        answer = client.get(f"/cases/{typed}")
        page = html.unescape(answer.content.decode())
        assert answer.status_code == 404
        assert f'href="/cases/{case.reference}"' in page
        assert case.reference not in stranger.get(f"/cases/{typed}").content.decode()
    unreadable = html.unescape(client.get("/cases/nothing").content.decode())
    assert "A reference has 12, like K7QM-2XWD-94HT." in unreadable


def test_the_way_back_is_the_list_that_somebody_came_from_and_stays_so_after_an_act() -> None:
    case, client = stories.case(), client_of("HOTLINE")
    came = {"referer": "http://testserver/worklist?kind=notice&from=abc"}
    link = '<a class="usa-breadcrumb__link" href="/worklist?kind=notice&from=abc"><span>Worklist</span></a>'
    assert link in shown(client, case, **came)
    assert link in shown(client, case, referer=f"http://testserver/cases/{case.reference}")
    elsewhere = shown(client_of("HOTLINE"), case, referer="http://elsewhere.test/worklist?x=1")
    assert '<a class="usa-breadcrumb__link" href="/cases"><span>Cases</span></a>' in elsewhere


def test_the_timeline_shows_one_kind_where_the_address_asks_for_it() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    cases.add_note(case.id, text="Hello.", audience=Note.Audience.TEAM, by=hotline, at=stories.NOON)
    client = client_of("HOTLINE")
    assert "The lead was offered to" in shown(client, case, "?show=lead")
    notes = shown(client, case, "?show=note")
    assert "wrote a note." in notes
    assert "The lead was offered to" not in notes
    assert "The lead was offered to" in shown(client, case, "?show=nonsense")


def test_what_matters_stands_first_and_the_law_is_one_step_away() -> None:
    case = stories.case({**stories.FORCED_LABOR, "urgency": "immediate_danger"})
    page = shown(client_of("HSI"), case)
    paragraph = page.partition('<div class="usa-summary-box"')[2].partition("usa-in-page-nav")[0]
    assert "National Human Trafficking Hotline is the lead agency." in paragraph
    assert "No people are on record yet." in paragraph
    assert "Accept or decline the lead" in paragraph
    assert re.search(r'<strong class="urgent danger">[^<]+danger', paragraph)
    parts = re.findall(r'<a class="usa-in-page-nav__link" href="#(\w+)"', page)
    assert parts == ["overview", "people", "story", "sharing", "duties", "files", "timeline", "law"]
    for each in re.findall(r'<p class="law">', page):
        assert each
    outside = re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
    assert '<p class="law">' not in outside


def test_a_note_of_another_case_is_not_corrected_through_this_one() -> None:
    one, other, hotline = stories.case(), stories.case(), stories.person("HOTLINE")
    note = cases.add_note(other.id, text="Hello.", audience=Note.Audience.TEAM, by=hotline, at=stories.NOON)
    client = signing_in.sign_in(Client(), hotline)
    for address in (f"notes/{note.id}/correct", f"notes/{uuid.uuid4()}/correct"):
        assert client.get(f"/cases/{one.reference}/{address}").status_code == 404


def test_a_quick_look_tells_an_agency_that_takes_part_no_longer_what_the_page_tells_and_no_more() -> None:
    case = stories.case()
    offer = stories.offer_of(case)
    asked = offer.to_agency.code
    answering.accept(offer.id, by=stories.person(asked), at=stories.NOON)
    hotline = client_of("HOTLINE")
    for part in ({}, {"HX-Request": "true"}):
        page = " ".join(hotline.get(f"/cases/{case.reference}/look", headers=part).content.decode().split())
        assert "Still owed" in page
    Participant.objects.filter(case=case, agency__code="HOTLINE").update(to_at=stories.NOON)
    for part in ({}, {"HX-Request": "true"}):
        page = " ".join(hotline.get(f"/cases/{case.reference}/look", headers=part).content.decode().split())
        assert "no longer takes part" in page
        assert "Received" in page
        assert [each for each in ("Known so far", "Where", "Still owed", "Labor") if each in page] == []


def test_a_case_is_set_as_a_pdf_without_a_word_of_it_on_the_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    """On a disk it would be neither sealed nor surely erased. Whatever folder is made for it is kept, and looked at."""
    case, by = stories.case(), stories.person("HOTLINE")
    cases.add_note(case.id, text="She hides at her aunt’s.", audience=Note.Audience.AGENCY, by=by, at=stories.NOON)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    made = signing_in.sign_in(Client(), by).get(f"/cases/{case.reference}/print.pdf").content
    with pikepdf.open(io.BytesIO(made)) as file:
        assert len(file.pages) >= 1
    told = [each.name for each in tmp_path.rglob("*") if each.is_file() and b"aunt" in each.read_bytes()]
    assert told == []


def test_a_pdf_says_in_which_language_it_is_written() -> None:
    case, by = stories.case(), stories.person("HOTLINE")
    for code, written in (("en-us", "en-US"), ("es-us", "es-US")):
        choose_language(code, "", by=by)
        made = signing_in.sign_in(Client(), by).get(f"/cases/{case.reference}/print.pdf").content
        with pikepdf.open(io.BytesIO(made)) as file:
            assert str(file.Root.Lang) == written


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Pacific/Honolulu"])
def test_a_day_that_no_page_could_show_is_refused_and_the_case_still_opens(zone: str) -> None:
    """In the year 1 a zone's hours lead past the first year there is: whoever opened the case would get a fault."""
    case, by = stories.case(), stories.person("HOTLINE")
    person = people.add(case.id, {"called": "Zuzana"}, by=by, at=stories.NOON)
    choose_language("", zone, by=by)
    client = signing_in.sign_in(Client(), by)
    for day, status in (("0001-01-01", 422), ("1899-12-30", 422), ("03/04/1990", 422), ("1960-03-04", 302)):
        sent = {"what": "role", "role": "witness", "from_on": day, "to_on": day}
        assert client.post(f"/cases/{case.reference}/people/{person}/roles", sent).status_code == status
        assert client.get(f"/cases/{case.reference}").status_code == 200
