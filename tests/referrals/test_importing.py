"""Taking in files: every row becomes a case or a reason, and a rerun takes nothing twice."""

from __future__ import annotations

import io
import json
import os
import pathlib
import subprocess
import sys

import pytest
from django.utils import timezone

from nowrongdoor.access import walls
from nowrongdoor.cases import people
from nowrongdoor.cases.models import Case
from nowrongdoor.core.intake import ctdc, htcds, htcds_workbook, row
from nowrongdoor.referrals.actions import importing
from nowrongdoor.referrals.models import Handoff
from nowrongdoor.signals.models import Signal
from nowrongdoor.triage import queries as triage
from nowrongdoor.vault import keys
from tests.referrals import stories

SAMPLE = pathlib.Path(__file__).resolve().parents[1] / "data" / "ctdc_sample.csv"
NWD = pathlib.Path(sys.executable).parent / "nwd"


def take(items: object) -> importing.Report:
    stories.staff()
    hotline = stories.agency("HOTLINE")
    now = timezone.now()
    return importing.take_file(items, receiver_id=hotline.id, by=None, at=now, progress=lambda done: None)  # type: ignore[arg-type]


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
    assert all(triage.latest(case_id) for case_id in Case.objects.values_list("id", flat=True)[:20])


@pytest.mark.django_db
def test_a_rerun_and_an_overlapping_file_take_nothing_twice() -> None:
    items = profiles()
    take(items[:15])
    report = take(items)
    assert (report.taken, report.taken_before) == (len(items) - 15, 15)
    assert take(reversed(items)).taken == 0


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
    with walls.looking(hotline):
        assert "Zuzana" in str(people.shown(hotline, case.id, keys.of(case.id)))
    with walls.looking(hsi):
        assert "Zuzana" not in str(people.shown(hsi, case.id, None))
    assert take(items).taken == 0


def test_the_command_prints_what_became_of_every_row(committed_db: None) -> None:
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
    wrong = subprocess.run(
        [str(NWD), "import", "ctdc", str(SAMPLE), "--agency", "FIB"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert wrong.returncode == 2
    assert "no open agency with the code 'FIB'" in wrong.stderr
