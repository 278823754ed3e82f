"""Taking in files: every row becomes a case or a reason, and a rerun takes nothing twice."""

from __future__ import annotations

import io
import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Iterable

import pytest
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.cases import people
from nowrongdoor.cases.models import Case
from nowrongdoor.core.intake import ctdc, htcds, htcds_workbook, row
from nowrongdoor.intake import importing
from nowrongdoor.leads.models import Handoff
from nowrongdoor.signals.models import Signal
from nowrongdoor.triage import queries as triage
from nowrongdoor.vault import keys
from tests import claims
from tests.leads import stories

SAMPLE = pathlib.Path(__file__).resolve().parents[1] / "data" / "ctdc_sample.csv"
NWD = pathlib.Path(sys.executable).parent / "nwd"


ASK, OTHER, SAME = importing.EqualRows


def take(
    items: Iterable[row.Row | row.Refusal],
    file: str = "january",
    equal_rows: importing.EqualRows = ASK,
    told_by: str = "law_enforcement",
) -> importing.Report:
    stories.staff()
    hotline = stories.agency("HOTLINE")
    source = importing.Source(file, equal_rows, told_by)
    return importing.take_file(
        items, source, receiver_id=hotline.id, by=None, at=timezone.now(), progress=lambda done: None
    )


def profiles() -> list[row.Row | row.Refusal]:
    with SAMPLE.open("rb") as stream:
        return list(ctdc.read(stream))


@pytest.mark.django_db
def test_every_profile_becomes_a_case_with_a_lead_an_offer_and_an_assessment() -> None:
    items = profiles()
    report = take(items)
    assert report.taken == len(items) == Case.objects.count() == Signal.objects.count()
    assert sum(report.leads.values()) == report.taken
    offered = Handoff.objects.filter(state="offered").count()
    assert offered == sum(count for code, count in report.offers.items() if code != "HOTLINE")
    assert not Signal.objects.filter(routed_at=None).exists()
    assert claims.every(triage.latest(case_id) for case_id in Case.objects.values_list("id", flat=True)[:20])


@pytest.mark.django_db
def test_until_somebody_says_who_told_what_is_in_a_file_nobody_who_enforces_is_asked() -> None:
    report = take(profiles(), told_by="")
    assert report.offers == {"HOTLINE": report.taken}
    assert not Handoff.objects.exists()


@pytest.mark.django_db
def test_a_rerun_and_an_overlapping_file_take_nothing_twice() -> None:
    items = profiles()
    take(items[:15])
    report = take(items)
    assert (report.taken, report.taken_before) == (len(items) - 15, 15)
    assert take(reversed(items)).taken == 0


def one(line: int, content: str, occurrence: int = 1) -> row.Row:
    return row.Row(line, row.key(content, occurrence), {"labor": "yes"}, said=content)


@pytest.mark.django_db
def test_nobody_of_february_is_lost_because_somebody_of_january_had_the_same_codes() -> None:
    january, february = [one(2, "a"), one(3, "b")], [one(2, "a"), one(3, "a", 2)]
    assert take(january).taken == 2
    asked = take(february, "february")
    assert (asked.taken, asked.taken_before, [held.line for held in asked.held]) == (1, 0, [2])
    answered = take(february, "february", OTHER)
    assert (answered.taken, answered.taken_before, answered.held) == (1, 1, [])
    assert Case.objects.count() == 4
    for file, items in (("january", january), ("february", february)):
        for equal_rows in importing.EqualRows:
            again = take(items, file, equal_rows)
            assert (again.taken, again.taken_before, again.held) == (0, 2, [])
    assert Case.objects.count() == Signal.objects.count() == 4


@pytest.mark.django_db
def test_a_corrected_file_takes_only_what_is_new_once_somebody_says_that_it_is_one() -> None:
    take([one(2, "a"), one(3, "b")])
    corrected = [one(2, "a"), one(3, "b"), one(4, "c")]
    asked = take(corrected, "corrected")
    assert (asked.taken, len(asked.held)) == (1, 2)
    answered = take(corrected, "corrected", SAME)
    assert (answered.taken, answered.taken_before, answered.held) == (0, 3, [])
    assert Case.objects.count() == 3


@pytest.mark.django_db
def test_a_file_that_was_stopped_goes_on_where_it_was_whatever_was_answered() -> None:
    january = [one(line, "a", line) for line in range(1, 7)]
    take(january[:2])
    take(january[:4], "february", OTHER)  # killed after the first chunk
    rest = take(january, "february", OTHER)
    assert (rest.taken, rest.taken_before) == (2, 4)
    assert Case.objects.count() == 2 + 6


@pytest.mark.django_db
def test_a_case_of_the_senders_own_id_is_the_same_case_in_any_file_and_is_not_changed() -> None:
    def case(said: str) -> row.Row:
        return row.Row(2, row.key("X-1", 1), {}, said=said, has_id=True, case_id="X-1")

    assert take([case("as first sent")]).taken == 1
    assert take([case("as first sent")], "february").taken_before == 1
    changed = take([case("with other words")], "february", OTHER)
    assert [refusal.reason for refusal in changed.refused] == [importing.REUSED]
    assert Case.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("chunk", [1, 2])
def test_a_stretch_of_refused_rows_loses_neither_the_report_nor_the_rows_after_it(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", chunk)
    bad = [row.refusal(line, "Woman", "must be 0 or 1", "x") for line in range(2, 2 + 2 * chunk)]
    report = take([*bad, one(9, "a")])
    assert (report.taken, report.refused) == (1, bad)
    assert take(bad).refused == bad


@pytest.mark.django_db
def test_the_state_of_a_record_picks_the_office() -> None:
    text = b"CaseId,prs_FirstName,hte_Country,hte_State\r\nC-1,Zuzana,US,new york\r\n"
    take(htcds.read_csv(io.BytesIO(text), on=timezone.localdate(), sender="HOTLINE"))
    assert Case.objects.get().state == "NY"
    assert Signal.objects.get().state == "NY"


@pytest.mark.django_db
def test_what_a_reading_assumed_is_counted_in_the_report() -> None:
    report = take(profiles())
    assert report.readings[ctdc.NOTE_AGE] == sum(ctdc.NOTE_AGE in item.notes for item in profiles())  # type: ignore[union-attr]


@pytest.mark.django_db
def test_a_bad_row_is_told_with_its_line_and_the_rest_goes_in() -> None:
    lines = SAMPLE.read_text().splitlines()
    cells = lines[3].split(",")
    cells[-1] = "maybe"
    lines[3] = ",".join(cells)
    report = take(list(ctdc.read(io.BytesIO("\n".join(lines).encode()))))
    assert report.refused_rows == 1
    assert report.refused[0].line == 4
    assert report.refused[0].column
    assert report.taken == len(lines) - 2


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_case_data_standard_file_goes_in_and_names_stay_with_the_importing_agency(kind: str) -> None:
    text = b"CaseId,prs_FirstName,vic_AgeWhenTrafficked\r\nC-1,Zuzana,16\r\nC-2,Zdenka,old\r\n"
    today = timezone.localdate()
    items = list(htcds.read_csv(io.BytesIO(text), on=today, sender="HOTLINE"))
    if kind == "xlsx":
        book = htcds_workbook.write_workbook([item for item in items if isinstance(item, row.Row)])
        items = list(htcds_workbook.read_workbook(io.BytesIO(book), on=today, sender="HOTLINE"))
    report = take(items)
    assert report.taken == 1
    assert report.refused_rows == (1 if kind == "csv" else 0)
    case = Case.objects.get()
    assert case.facts["age"] == "under_18"
    hotline, hsi = stories.person("HOTLINE"), stories.person("HSI")
    with row_security.looking(hotline):
        assert "Zuzana" in str(people.shown(hotline, case.id, keys.of(case.id)))
    with row_security.looking(hsi):
        assert "Zuzana" not in str(people.shown(hsi, case.id, None))
    assert take(items).taken == 0


def test_the_command_prints_what_became_of_every_row(committed_db: None, tmp_path: pathlib.Path) -> None:
    (tmp_path / "refused.csv").write_text(",".join(ctdc.COLUMNS) + "\n" + "0," * 18 + "perhaps\n")
    done = subprocess.run(
        [str(NWD), "import", "ctdc", str(SAMPLE), "--json"], capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["taken"] == len(profiles())
    assert said["refused"] == 0
    assert sum(said["leads"].values()) == said["taken"]
    again = subprocess.run(
        [str(NWD), "import", "ctdc", str(SAMPLE), "--json"], capture_output=True, text=True, check=False, env=os.environ
    )
    assert json.loads(again.stdout)["taken"] == 0
    refused = subprocess.run(
        [str(NWD), "import", "ctdc", str(tmp_path / "refused.csv"), "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert (refused.returncode, refused.stderr) == (1, "")
    assert [each["reason"] for each in json.loads(refused.stdout)["reasons"]] == ["must be 0 or 1"]
    wrong = subprocess.run(
        [str(NWD), "import", "ctdc", str(SAMPLE), "--agency", "FIB"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert wrong.returncode == 2
    assert "no open agency with the code 'FIB'" in wrong.stderr
