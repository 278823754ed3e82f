"""What the shipped table says: every routing trigger of the domain, dates, gates, and its files."""

from __future__ import annotations

import datetime
import json
import pathlib
import re
import subprocess
import sys

import pytest

from nowrongdoor.core.mandates import compare, decide, facts, rules, table, tables_in_words
from tests import claims

SHIPPED = table.shipped()
DECIDER = decide.Decider(SHIPPED)
TODAY = datetime.date(2026, 11, 24)
NWD = pathlib.Path(sys.executable).parent / "nwd"
ROOT = pathlib.Path(__file__).resolve().parents[3]


def ask(on: datetime.date = TODAY, **given: str) -> decide.Decision:
    return DECIDER.decide(facts.parse(given, SHIPPED.vocabulary), on)


def involved(decision: decide.Decision) -> set[str]:
    duties = (*decision.support, *decision.prosecute, *decision.civil, *decision.aid)
    return {duty.agency for duty in duties} | {notice.duty.agency for notice in decision.notices}


# trigger, facts, who leads, who else must be among those involved
TRIGGERS = [
    ("R01", {"urgency": "immediate_danger"}, "LOCAL_POLICE", {"EMERGENCY", "LOCAL_POLICE", "FBI", "HSI"}),
    (
        "R02",
        {"age": "under_18", "commercial_sex": "yes", "means": "no", "nationality": "us_citizen"},
        "FBI_VCAC",
        {"CEOS", "CHILD_WELFARE"},
    ),
    (
        "R02 missing, foreign",
        {"age": "under_18", "commercial_sex": "yes", "missing_child": "yes", "nationality": "foreign"},
        "FBI",
        {"NCMEC", "HHS_OTIP", "CEOS", "USAO", "CHILD_WELFARE"},
    ),
    ("R03", {"age": "under_18", "labor": "yes", "nationality": "foreign"}, "HSI", {"WHD", "HTPU", "USAO", "HHS_OTIP"}),
    ("R04", {"age": "adult", "commercial_sex": "yes", "means": "yes"}, "FBI", {"HTPU", "USAO"}),
    (
        "R05",
        {"age": "adult", "labor": "yes", "hazardous_work": "yes", "discrimination": "yes"},
        "FBI",
        {"HTPU", "USAO", "WHD", "DOL_OIG", "OSHA", "EEOC"},
    ),
    ("R06", {"age": "adult", "labor": "yes", "nationality": "foreign"}, "HSI", {"CCHT", "USCIS", "HHS_OTIP"}),
    (
        "R07",
        {"visa": "a3_g5", "labor": "yes", "diplomat_employer": "yes", "tell_suspects_side": "yes"},
        "DSS",
        {"STATE_PROTOCOL", "HTPU"},
    ),
    ("R08", {"visa": "h2a", "labor": "yes"}, "HSI", {"WHD", "OFLC", "DOL_OIG"}),
    ("R09", {"visa": "j1", "labor": "yes", "source": "exchange_sponsor"}, "HSI", {"STATE_ECA", "DSS"}),
    ("R10", {"federal_award": "dod", "source": "contracting_officer"}, "DOD_OIG", {"DOD_OIG", "DEBARMENT"}),
    ("R10 civilian", {"federal_award": "other_agency", "source": "contractor"}, "AGENCY_OIG", {"DEBARMENT"}),
    ("R11", {"military_nexus": "service_member", "tell_suspects_side": "yes"}, "MCIO", {"DOD_OIG", "COMMAND"}),
    ("R11 civilian", {"military_nexus": "civilian_on_installation"}, "FBI", {"DOD_OIG"}),
    (
        "R12",
        {"airport": "yes", "source": "air_carrier"},
        "AIRPORT_POLICE",
        {"AIRPORT_POLICE", "HSI", "DOT"},
    ),
    ("R13", {"rail": "yes", "urgency": "immediate_danger"}, "LOCAL_POLICE", {"EMERGENCY", "AMTRAK_POLICE"}),
    ("R13 truck", {"truck": "yes"}, "HOTLINE", {"LOCAL_POLICE", "FMCSA"}),
    ("R14", {"online_child_content": "yes"}, "FBI_VCAC", {"NCMEC", "CEOS"}),
    ("R15", {"territory": "indian_country"}, "BIA", {"TRIBAL_POLICE", "FBI", "USAO"}),
    ("R15 Native", {"native_person": "yes"}, "HOTLINE", {"TRIBAL_POLICE", "BIA", "FBI", "USAO"}),
    ("R16", {"territory": "abroad", "us_person_abroad": "yes"}, "DSS", {"FBI", "HSI", "HTPU"}),
    ("R16 host state", {"territory": "abroad", "us_person_abroad": "no"}, decide.RECEIVER, {"STATE_AID_ABROAD"}),
    ("R17", {"forced_labor_goods": "yes"}, "CBP", {"CBP", "FLETF", "ILAB"}),
    ("R18", {"financial_flag": "yes"}, "IRS_CI", {"FINCEN"}),
    ("R19", {"school": "yes", "age": "under_18"}, "HOTLINE", {"CHILD_WELFARE"}),
    ("R20", {"age": "adult", "source": "survivor", "wishes": "services_only", "labor": "yes"}, "HOTLINE", {"HOTLINE"}),
]


@pytest.mark.parametrize(("trigger", "given", "lead", "others"), TRIGGERS, ids=[each[0] for each in TRIGGERS])
def test_each_routing_trigger_asks_and_tells_whom_the_law_names(
    trigger: str, given: dict[str, str], lead: str, others: set[str]
) -> None:
    decision = ask(TODAY, **given)
    assert decision.lead.agency == lead
    assert others <= involved(decision)
    assert not SHIPPED.agencies[decision.chain[-1].agency].can_decline


def test_every_row_of_the_law_is_carried_or_left_out_with_a_reason() -> None:
    laws = [each.law for each in SHIPPED.rules] + [each.law for each in SHIPPED.clocks]
    laws += [each.law for each in SHIPPED.gates]
    carried = {source for law in laws for source in law.sources}
    left = {each.source for each in SHIPPED.left_out}
    known = {f"{kind}{n:02}" for kind, top in (("M", 79), ("R", 20), ("D", 22), ("G", 14)) for n in range(1, top + 1)}
    assert carried | left == known
    assert not carried & left


def test_every_statement_has_a_citation_and_says_how_well_it_is_founded() -> None:
    everything: list[rules.Rule | rules.Clock | rules.Gate] = [*SHIPPED.rules, *SHIPPED.clocks, *SHIPPED.gates]
    for each in everything:
        assert each.law.citation.strip(), each.id
        assert each.law.evidence, each.id
        assert each.law.sources, each.id


def test_a_survivor_who_wants_services_only_is_not_reported() -> None:
    decision = ask(age="adult", source="survivor", wishes="services_only", labor="yes", nationality="foreign")
    assert [duty.agency for duty in decision.chain] == ["HOTLINE", "HHS_OTIP"]
    assert {SHIPPED.agencies[a].kind for a in involved(decision)} == {rules.Kind.SERVICES, rules.Kind.HOTLINE}
    assert {"HSI", "HTPU"} <= {each.duty.agency for each in decision.withheld}
    assert "G09" in {gate.id for gate in decision.gates}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"urgency": "immediate_danger"}, "LOCAL_POLICE"),
        ({"age": "under_18", "commercial_sex": "yes"}, "CHILD_WELFARE"),
    ],
)
def test_danger_and_childhood_lift_that_gate(change: dict[str, str], told: str) -> None:
    given = {"age": "adult", "source": "survivor", "wishes": "services_only", **change}
    assert told in involved(ask(TODAY, **given))


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        (datetime.date(2024, 8, 27), "aid-immigration-until-2024"),
        (datetime.date(2024, 8, 28), "aid-immigration"),
    ],
)
def test_the_rules_of_t_status_changed_on_one_day(day: datetime.date, rule: str) -> None:
    aid = {duty.rule for duty in ask(day, nationality="foreign").aid}
    assert rule in aid
    assert len(aid & {"aid-immigration-until-2024", "aid-immigration"}) == 1


def test_osha_can_certify_since_a_day() -> None:
    given = {"nationality": "foreign", "hazardous_work": "yes"}
    assert "aid-osha-certification" not in {d.rule for d in ask(datetime.date(2023, 3, 29), **given).aid}
    assert "aid-osha-certification" in {d.rule for d in ask(datetime.date(2023, 3, 30), **given).aid}


def test_a_day_before_the_table_is_refused() -> None:
    with pytest.raises(decide.NotCovered, match="it covers every day from 2023-01-01"):
        ask(datetime.date(2022, 12, 31))


def test_immigration_relief_is_no_fact_and_a_bank_report_is_never_named() -> None:
    words = json.dumps([tables_in_words.attribute(each) for each in SHIPPED.vocabulary.attributes]).lower()
    assert not re.search(r"\b(t|u)[- ](visa|status)|vawa|i-914|i-918|asylum", words)
    assert "suspicious activity report" not in json.dumps(tables_in_words.everything(SHIPPED)).lower()


def test_facts_that_the_readers_emit_are_in_the_vocabulary() -> None:
    folder = ROOT / "src" / "nowrongdoor" / "core" / "intake"
    text = "".join((folder / name).read_text() for name in ("ctdc.py", "htcds_facts.py"))
    emitted = {"age": {"under_18", "adult"}, "commercial_sex": {"yes"}, "labor": {"yes"}, "means": {"yes"}}
    emitted["nationality"] = {"us_citizen", "foreign"}
    for name, codes in emitted.items():
        assert f'"{name}"' in text
        assert codes <= set(SHIPPED.vocabulary.attribute(name).codes)


# --- the files ---


def files(**changes: str) -> dict[str, str]:
    return table.shipped_files() | changes


def test_the_digest_names_the_meaning_and_not_the_layout() -> None:
    same = files(**{"table.toml": "# another comment\n" + table.shipped_files()["table.toml"]})
    other = files(**{"table.toml": table.shipped_files()["table.toml"].replace(SHIPPED.version, "next")})
    assert table.read(same).digest == SHIPPED.digest
    assert table.read(other).digest != SHIPPED.digest


LEAD = """
[[rule]]
id = "x"
role = "lead"
precedence = 1
agency = "FBI"
when = { labor = ["yes"] }
authority = "18 USC 1589"
evidence = "statute"
sources = ["M12"]
why = "why"
"""
MISTAKES = [
    ("when = { labor", "when = { labour", "did you mean 'labor'"),
    ('["yes"]', '["maybe"]', "write one of yes, no, unknown"),
    ('["yes"]', "[]", "needs a list of values"),
    ('role = "lead"', 'role = "boss"', "'boss' is not a valid Role"),
    ("precedence = 1", 'precedence = "first"', "needs a whole number as precedence"),
    ('evidence = "statute"', 'evidence = "rumor"', "'rumor' is not a valid Evidence"),
    ('why = "why"', "", "'why' is missing"),
    ('id = "x"', 'id = "x"\nvalid_from = "2024-01-01"', "is a day, like 2024-08-28"),
    ("[[rule]]", "[[rule]", "leads.toml"),
]


@pytest.mark.parametrize(("right", "wrong", "said"), MISTAKES, ids=[each[2] for each in MISTAKES])
def test_a_table_that_cannot_be_read_says_where_and_what_to_write(right: str, wrong: str, said: str) -> None:
    table.read(files(**{"leads.toml": LEAD}))
    with pytest.raises(table.TableError, match=re.escape(said)) as caught:
        table.read(files(**{"leads.toml": LEAD.replace(right, wrong, 1)}))
    assert claims.every("leads.toml" in problem for problem in caught.value.problems)


def test_two_rules_with_one_id_are_refused() -> None:
    with pytest.raises(table.TableError, match="there twice"):
        table.read(files(**{"leads.toml": LEAD + LEAD}))


# --- compared ---


def test_a_comparison_tells_whose_load_changes_and_why() -> None:
    leads = table.shipped_files()["leads.toml"]
    other = leads.replace('precedence = 52\nagency = "HSI"', 'precedence = 52\nagency = "FBI"')
    assert other != leads
    proposed = table.read(files(**{"leads.toml": other}))
    past = [
        compare.Past(f"case-{n}", facts.parse({"labor": "yes", "nationality": "foreign"}, SHIPPED.vocabulary), TODAY)
        for n in range(3)
    ]
    result = compare.compare(SHIPPED, proposed, past)
    assert result.load == {"FBI": (0, 3), "HSI": (3, 0)}
    moves = [(move.case, move.before.rule, move.after.rule) for move in result.moves]
    assert moves == [(f"case-{n}", "lead-labor-foreign", "lead-labor-foreign") for n in range(3)]


# --- the command ---


def nwd(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(NWD), "mandates", *arguments], input=given, capture_output=True, text=True, check=False)


def test_decide_prints_everything_that_the_issue_of_a_case_needs() -> None:
    done = nwd("decide", "--facts", "-", "--on", "2026-11-24", "--json", given='{"age":"under_18","labor":"yes"}')
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    expected = [
        "on",
        "facts",
        "table",
        "lead",
        "chain",
        "support",
        "prosecute",
        "civil",
        "aid",
        "notices",
        "clocks",
        "gates",
        "withheld",
        "read_as",
        "next_question",
    ]
    assert set(said) == set(expected)
    assert said["lead"] == said["chain"][0]
    for part in (said["lead"], *said["notices"], *said["clocks"], *said["gates"]):
        assert part["citation"]
        assert part["evidence"]
    assert said["notices"][0]["clock"]["limit"] == "24 hours"


def test_prove_exits_zero_only_when_proved(tmp_path: pathlib.Path) -> None:
    (tmp_path / "words").mkdir()
    for name, text in table.shipped_files().items():
        (tmp_path / name).write_text(text)
    assert nwd("prove", "--json", "--table", str(tmp_path)).returncode == 0
    leads = table.shipped_files()["leads.toml"]
    (tmp_path / "leads.toml").write_text(leads.replace('labor = ["no", "unknown"]', 'labor = ["no"]'))
    done = nwd("prove", "--table", str(tmp_path))
    assert done.returncode == 1
    assert "no lead for: " in done.stdout
    (tmp_path / "leads.toml").write_text("[[rule]")
    broken = nwd("prove", "--table", str(tmp_path))
    assert broken.returncode == 2
    assert "leads.toml" in broken.stderr


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (["decide", "--facts", "-"], "{", "cannot be read as JSON"),
        (["decide", "--facts", "-"], '{"labor": "yes", "labor": "no"}', "'labor' is there twice. Keep one answer."),
        (["decide", "--facts", "-"], '{"labor": true}', "'labor' cannot be true: write one of yes, no, unknown."),
        (["decide", "--facts", "-"], "[]", "Facts are a JSON object"),
        (["decide", "--facts", "-"], '{"labr": "yes"}', "did you mean 'labor'"),
        (["decide", "--facts", "-", "--on", "1999-01-01"], "{}", "it covers every day from 2023-01-01"),
        (["decide", "--facts", "-", "--on", "soon"], "{}", "%Y-%m-%d"),
        (["decide"], "", "--facts"),
    ],
)
def test_wrong_calls_end_with_2_and_say_what_to_do(arguments: list[str], given: str, said: str) -> None:
    done = nwd(*arguments, given=given)
    assert done.returncode == 2
    assert said in done.stderr
