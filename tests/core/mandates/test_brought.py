"""Cases that people brought: points of law, and public cases between 2008 and 2025 with the agency that really
investigated first. What a person does not want is never asked or told, without any tolerance (F3, F11, T26)."""

from __future__ import annotations

import datetime
import itertools
import tomllib
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor import jurisdictions
from nowrongdoor.core.mandates import decide, facts, rules, table

SHIPPED = table.shipped()
DECIDER = decide.Decider(SHIPPED)
ON = datetime.date(2026, 1, 15)
KIND = {code: agency.kind for code, agency in SHIPPED.agencies.items()}
ADULT_SEX = {"age": "adult", "commercial_sex": "yes", "means": "yes"}
FOREIGN = {"nationality": "foreign"}
FORCED = {"age": "adult", "labor": "yes", "means": "yes", "nationality": "foreign"}
IN_DANGER = {"notify-emergency", "notify-local-danger"}


def ask(told: Mapping[str, str], **more: str) -> decide.Decision:
    """Decide on facts as people sent them, with the questions of an older table too."""
    reading = facts.read_strictly({**told, **more}, SHIPPED.vocabulary)
    return DECIDER.decide(reading.facts, ON)


def duties(decision: decide.Decision) -> list[decide.Duty]:
    """Everybody whom a decision asks or tells."""
    beside = (*decision.support, *decision.prosecute, *decision.civil, *decision.aid)
    return [*decision.chain, *beside, *(notice.duty for notice in decision.notices)]


def chain(decision: decide.Decision) -> list[str]:
    return [duty.agency for duty in decision.chain]


def told(decision: decide.Decision) -> set[str]:
    return {notice.duty.agency for notice in decision.notices}


def reached(decision: decide.Decision) -> set[str]:
    return {duty.agency for duty in duties(decision)}


def kinds(decision: decide.Decision, *but: str) -> set[rules.Kind]:
    return {KIND[duty.agency] for duty in duties(decision) if duty.rule not in but}


# --- points of law ---

SERVICES = [
    {"source": "survivor", "urgency": "none", "labor": "yes", "nationality": "foreign"},
    {"source": "bystander", "urgency": "none", **ADULT_SEX},
    {"source": "hotline", "age": "adult", "urgency": "none", "labor": "yes", "nationality": "foreign"},
    {
        "source": "survivor",
        "age": "adult",
        "urgency": "none",
        "labor": "yes",
        "federal_award": "dod",
        "military_nexus": "civilian_on_installation",
        "cross_border": "yes",
        "forced_labor_goods": "yes",
    },
]


@pytest.mark.parametrize("source", SHIPPED.vocabulary.attribute("source").codes)
@pytest.mark.parametrize("given_", SERVICES)
def test_services_only_asks_and_tells_nobody_who_enforces_whoever_tells(given_: Mapping[str, str], source: str) -> None:
    decision = ask(given_, source=source, wishes="services_only")
    commanded = {"notify-dod-oig", "notify-dod-oig-officer"} if "federal_award" in given_ else set()
    assert chain(decision) == ["HOTLINE", "HHS_OTIP"]
    assert kinds(decision, *commanded) <= rules.HELPS
    assert {duty.rule for duty in duties(decision)} & commanded == {
        "contractor": {"notify-dod-oig"},
        "contracting_officer": {"notify-dod-oig-officer"},
    }.get(source if commanded else "", set())


@pytest.mark.parametrize("matter", [ADULT_SEX, FORCED])
def test_a_third_party_s_tip_on_an_adult_reaches_the_state_unless_the_person_does_not_want_it(
    matter: Mapping[str, str],
) -> None:
    tip = ask(matter, source="bystander")
    assert {"LOCAL_POLICE", "STATE_AG"} <= told(tip)
    assert {"LOCAL_POLICE", "STATE_AG"} & reached(ask(matter, source="bystander", wishes="services_only")) == set()
    assert {"LOCAL_POLICE", "STATE_AG"} & reached(ask(matter, source="bystander", wish_police="no")) == set()


def test_a_child_in_commercial_sex_comes_before_a_federal_award() -> None:
    child = {"age": "under_18", "commercial_sex": "yes", "child_in_care": "yes", "nationality": "us_citizen"}
    for award in ("dod", "other_agency"):
        assert chain(ask(child, federal_award=award))[0] == "FBI_VCAC"
    assert chain(ask(FORCED, federal_award="other_agency"))[0] == "AGENCY_OIG"


NO_TIE = {"territory": "abroad", "us_person_abroad": "no", "nationality": "foreign"}


@pytest.mark.parametrize("matter", [{"age": "under_18", "commercial_sex": "yes"}, {"age": "adult", "labor": "yes"}])
def test_without_a_tie_to_the_united_states_the_receiver_keeps_the_lead(matter: Mapping[str, str]) -> None:
    decision = ask(matter, **NO_TIE)
    assert chain(decision) == [decide.RECEIVER]
    assert {duty.agency for duty in decision.support} == {"STATE_AID_ABROAD"}
    assert kinds(decision) <= {rules.Kind.SERVICES, rules.Kind.HOTLINE}
    assert "CHILD_WELFARE" not in reached(decision)


@pytest.mark.parametrize("tie", [{"forced_labor_goods": "yes"}, {"federal_award": "dod"}])
def test_goods_and_awards_are_a_tie(tie: Mapping[str, str]) -> None:
    decision = ask({"age": "adult", "labor": "yes"}, **NO_TIE, **tie)
    assert chain(decision)[0] == {"forced_labor_goods": "CBP", "federal_award": "DOD_OIG"}[next(iter(tie))]


@pytest.mark.parametrize("award", ["dod", "other_agency", "none", "unknown"])
@pytest.mark.parametrize("matter", [FORCED, ADULT_SEX, {"age": "under_18", "commercial_sex": "yes"}])
def test_what_another_country_prosecutes_has_no_prosecutor_here(matter: Mapping[str, str], award: str) -> None:
    abroad = {"territory": "abroad", "us_person_abroad": "yes", "federal_award": award}
    assert ask(matter, **abroad, foreign_prosecution="yes").prosecute == ()
    assert "HTPU" in {duty.agency for duty in ask(matter, **abroad).prosecute}
    assert "D17" not in {clock.id for clock in ask(matter, **abroad, foreign_prosecution="yes").clocks}


def test_child_labor_without_force_goes_to_wage_and_hour() -> None:
    child = {"age": "under_18", "labor": "yes", "means": "no", "hazardous_work": "yes"}
    for nationality in ("us_citizen", "foreign", "unknown"):
        decision = ask(child, nationality=nationality)
        assert chain(decision)[:2] == ["WHD", "STATE_LABOR"]
        assert decision.lead.law.citation == "29 USC 212, 216(e)"
        assert decision.prosecute == ()


@pytest.mark.parametrize("source", ["survivor", "proxy", "bystander", "whd_investigator", "unknown"])
def test_a_wage_complaint_goes_to_wage_and_hour_only_and_further_only_by_name(source: str) -> None:
    wages = {"age": "adult", "labor": "yes", "means": "no", "hazardous_work": "yes", "discrimination": "yes"}
    agreed = {"source": source, "wishes": "report_agreed", "nationality": "foreign", "visa": "h2a"}
    decision = ask(wages, **agreed)
    assert chain(decision) == ["WHD", "HHS_OTIP"]
    enforcing = {duty.agency for duty in duties(decision) if KIND[duty.agency] not in rules.HELPS}
    assert enforcing == {"WHD"}
    named = {"osha": "OSHA", "eeoc": "EEOC", "nlrb": "NLRB", "doj_ier": "DOJ_IER", "state_labor": "STATE_LABOR"}
    for answer, agency in {**named, "monitor_advocate": "MONITOR_ADVOCATE"}.items():
        decision = ask(wages, **agreed, also_tell=answer)
        enforcing = {duty.agency for duty in duties(decision) if KIND[duty.agency] not in rules.HELPS}
        assert enforcing == {"WHD", agency}


@pytest.mark.parametrize("matter", [{}, FORCED, {"age": "under_18", "commercial_sex": "yes"}])
def test_in_danger_police_go_first_and_child_protection_with_them(matter: Mapping[str, str]) -> None:
    decision = ask(matter, urgency="immediate_danger")
    assert chain(decision)[0] == "LOCAL_POLICE"
    assert (chain(decision)[1] == "CHILD_WELFARE") is (matter.get("age") == "under_18")
    assert {"EMERGENCY", "LOCAL_POLICE"} <= told(decision)


CRIMES = {
    "online_child_content": "FBI_VCAC",
    "organ_removal": "FBI",
    "child_sale": "FBI_VCAC",
    "forced_marriage": "FBI",
    "forced_criminality": "FBI",
    "begging": "FBI",
    "benefits_captivity": "FBI",
}


@pytest.mark.parametrize("age", ["under_18", "adult", "unknown"])
@pytest.mark.parametrize("crime", CRIMES)
def test_what_is_a_crime_by_itself_is_no_wage_complaint(crime: str, age: str) -> None:
    decision = ask({"labor": "yes", "means": "no"}, age=age, **{crime: "yes"})
    assert decision.lead.agency == CRIMES[crime]
    assert "G12" not in {gate.id for gate in decision.gates}


@pytest.mark.parametrize("crime", ["forced_criminality", "begging", "forced_marriage"])
def test_what_somebody_is_made_to_do_has_the_fbi_beside_work_or_sex_of_which_nobody_said_how(crime: str) -> None:
    assert "FBI" in chain(ask({"labor": "yes", crime: "yes", "wish_immigration": "no"}))


CARED_FOR = {"child_in_care": "yes", "missing_child": "yes", "commercial_sex": "yes", "wishes": "services_only"}


@pytest.mark.parametrize("age", ["adult", "unknown"])
@pytest.mark.parametrize("source", SHIPPED.vocabulary.attribute("source").codes)
def test_a_duty_that_binds_a_state_goes_past_a_wish_only_where_an_official_tells(source: str, age: str) -> None:
    decision = ask(CARED_FOR, source=source, age=age)
    is_bound = source in ("child_welfare", "government", "law_enforcement")
    assert ({"LOCAL_POLICE", "NCMEC"} <= told(decision)) is is_bound
    assert kinds(decision, "notify-care-police", "notify-care-missing-police", "notify-care-missing-ncmec") <= (
        rules.HELPS
    )


@pytest.mark.parametrize("source", SHIPPED.vocabulary.attribute("source").codes)
def test_police_and_ncmec_hear_of_a_child_in_care_whoever_tells_but_a_provider_and_a_lawyer(source: str) -> None:
    decision = ask({**CARED_FOR, "wishes": "unknown"}, source=source, age="under_18")
    assert ({"LOCAL_POLICE", "NCMEC"} <= told(decision)) is (source not in ("provider", "lawyer"))


def test_an_online_provider_s_duty_to_report_goes_past_a_wish_and_nobody_else_s() -> None:
    content = {"online_child_content": "yes", "wishes": "services_only"}
    tip = [notice for notice in ask(content, source="online_provider").notices if notice.duty.agency == "NCMEC"]
    assert [(notice.duty.rule, notice.clock and notice.clock.limit.words) for notice in tip] == [
        ("notify-cybertip-provider", "promptly")
    ]
    for source in ("hotline", "bystander", "unknown"):
        assert "NCMEC" not in told(ask(content, source=source))
        assert "NCMEC" in told(ask(content, source=source, age="under_18"))


@pytest.mark.parametrize(
    "child",
    [
        {"source": "school", "labor": "yes", "nationality": "foreign"},
        {"school": "yes"},
        {"federal_facility": "yes"},
        {"labor": "yes", "means": "yes"},
    ],
)
def test_child_protection_hears_of_a_child(child: Mapping[str, str]) -> None:
    assert "CHILD_WELFARE" in told(ask(child, age="under_18"))
    assert "CHILD_WELFARE" not in told(ask(child, age="adult", wishes="report_agreed"))


@pytest.mark.parametrize(("day", "rule"), [("2024-08-27", "8 CFR 214.11"), ("2024-08-28", "8 CFR 214.200")])
@pytest.mark.parametrize("source", ["survivor", "law_enforcement"])
def test_the_rules_on_relief_moved_for_everybody_on_one_day(source: str, day: str, rule: str) -> None:
    agreed = facts.parse(
        {**FORCED, "source": source, "wishes": "report_agreed", "wish_immigration": "yes"}, SHIPPED.vocabulary
    )
    decision = DECIDER.decide(agreed, datetime.date.fromisoformat(day))
    assert [rule in duty.law.citation for duty in decision.aid if duty.agency == "USCIS"] == [True]


# --- where it was noticed ---

WHERE = {
    "aircraft_or_airport": "airport",
    **{each: each for each in ("rail", "bus", "truck", "vessel", "port_of_entry", "school", "federal_facility")},
}


@pytest.mark.parametrize("setting", WHERE)
def test_where_it_was_noticed_is_read_from_an_older_answer(setting: str) -> None:
    reading = facts.read_strictly({"setting": setting}, SHIPPED.vocabulary)
    assert reading.facts.known() == {WHERE[setting]: "yes"}
    assert [dict(each.was) for each in reading.read_as] == [{"setting": setting}]


def test_elsewhere_is_read_as_none_of_them() -> None:
    reading = facts.read_strictly({"setting": "elsewhere"}, SHIPPED.vocabulary)
    assert reading.facts.known() == dict.fromkeys(WHERE.values(), "no")


def test_more_than_one_place_can_be_said_and_each_counts() -> None:
    decision = ask({"vessel": "yes", "port_of_entry": "yes", "truck": "yes", "age": "adult"})
    assert decision.lead.agency == "CBP"
    assert {"USCG", "CBP", "LOCAL_POLICE", "FMCSA"} <= reached(decision)


@pytest.mark.parametrize("age", ["under_18", "adult", "unknown"])
def test_in_danger_in_indian_country_tribal_police_go_first_and_local_police_next(age: str) -> None:
    danger = {"urgency": "immediate_danger", "territory": "indian_country", "age": age}
    assert chain(ask(danger))[:2] == ["TRIBAL_POLICE", "LOCAL_POLICE"]
    assert {"EMERGENCY", "LOCAL_POLICE"} <= told(ask(danger))
    suspect = ask(danger, offender="public_official")
    assert "TRIBAL_POLICE" not in reached(suspect)


# --- who is telling ---


@pytest.mark.parametrize("urgency", ["immediate_danger", "none"])
@pytest.mark.parametrize("age", ["under_18", "adult", "unknown"])
@pytest.mark.parametrize(
    "agreed",
    [
        {},
        {"wishes": "report_agreed"},
        {"written_release": "yes"},
        {"written_release": "yes", "wishes": "services_only"},
    ],
)
def test_past_a_provider_s_consent_goes_nothing_but_what_identifies_nobody(
    urgency: str, age: str, agreed: Mapping[str, str]
) -> None:
    matter = {"labor": "yes", "commercial_sex": "yes", "missing_child": "yes", "child_in_care": "yes"}
    decision = ask(matter, source="provider", age=age, urgency=urgency, **agreed)
    calls = IN_DANGER if urgency == "immediate_danger" else set()
    assert chain(decision) == ["HOTLINE", "HHS_OTIP"]
    assert kinds(decision, *calls) <= {rules.Kind.SERVICES, rules.Kind.HOTLINE}
    assert calls <= {duty.rule for duty in duties(decision)}
    assert "D01" not in {clock.id for clock in decision.clocks}  # binds officials, not a provider


def test_a_provider_s_release_and_the_person_s_yes_open_the_way_together() -> None:
    decision = ask(FORCED, source="provider", written_release="yes", wishes="report_agreed")
    assert chain(decision)[:2] == ["HSI", "FBI"]


def test_a_clinician_may_tell_of_a_child_and_not_of_a_silent_adult() -> None:
    child = ask({"commercial_sex": "yes", "source": "clinician"}, age="under_18")
    assert {"CHILD_WELFARE", "FBI_VCAC"} <= reached(child)
    assert kinds(ask(ADULT_SEX, source="clinician")) <= rules.HELPS


def test_where_nobody_said_who_tells_nor_what_is_wanted_it_is_an_official_s_own_finding() -> None:
    assert chain(ask(FORCED)) == chain(ask(FORCED, source="law_enforcement"))


# --- the wish by kind of agency ---

BARRED = {
    "wish_police": {rules.Kind.STATE_AND_LOCAL},
    "wish_federal": set(rules.Kind) - {*rules.HELPS, rules.Kind.STATE_AND_LOCAL, rules.Kind.REGULATOR},
    "wish_immigration": {rules.Kind.IMMIGRATION, rules.Kind.IMMIGRATION_ENFORCEMENT},
}
MATTERS: Sequence[Mapping[str, str]] = (
    FORCED,
    {**ADULT_SEX, "cross_border": "yes"},
    {"setting": "port_of_entry"},
    {"territory": "indian_country", "labor": "yes"},
    {"visa": "a3_g5", "labor": "yes"},
    {"missing_child": "yes"},
)


@pytest.mark.parametrize("urgency", ["immediate_danger", "none"])
@pytest.mark.parametrize("wishes", [*itertools.combinations(BARRED, 1), *itertools.combinations(BARRED, 2), (*BARRED,)])
@pytest.mark.parametrize("matter", MATTERS)
def test_each_kind_that_the_person_refuses_is_neither_asked_nor_told(
    matter: Mapping[str, str], wishes: Sequence[str], urgency: str
) -> None:
    decision = ask(matter, source="survivor", wishes="report_agreed", urgency=urgency, **dict.fromkeys(wishes, "no"))
    barred = set().union(*(BARRED[name] for name in wishes))
    assert kinds(decision, *(IN_DANGER if urgency == "immediate_danger" else ())) & barred == set()


def test_immigration_is_a_question_by_itself_for_a_child_too() -> None:
    child = {"age": "under_18", "labor": "yes", "means": "yes", "nationality": "foreign"}
    assert "HSI" in chain(ask(child))
    assert chain(ask(child, wish_immigration="no"))[0] == "FBI"
    assert BARRED["wish_immigration"] & kinds(ask(child, wish_immigration="no")) == set()


def test_relief_is_explained_to_whoever_speaks_for_themselves_only_with_a_yes_on_immigration() -> None:
    agreed = {**FORCED, "source": "survivor", "wishes": "report_agreed"}
    assert {"USCIS", "CCHT"} & reached(ask(agreed)) == set()
    assert {"USCIS", "CCHT"} <= reached(ask(agreed, wish_immigration="yes"))


points = st.tuples(*(st.integers(0, len(a.values) - 1) for a in SHIPPED.vocabulary.attributes))


@settings(max_examples=600, deadline=None)
@given(points, st.sampled_from(SHIPPED.epochs))
def test_whatever_is_said_nobody_whom_a_gate_bars_is_asked_told_or_held_to_a_deadline(
    point: tuple[int, ...], day: datetime.date
) -> None:
    decision = DECIDER.decide(facts.Facts(point, SHIPPED.vocabulary), day)
    commanded = {rule.id for rule in SHIPPED.rules if rule.required_by_law}
    for gate in decision.gates:
        past = {duty.rule for duty in duties(decision) if KIND[duty.agency] in gate.bars}
        assert past <= commanded | set(gate.passes)
        assert {duty.rule for duty in decision.chain if KIND[duty.agency] in gate.bars} == set()
        held = {KIND[clock.holder] for clock in decision.clocks if clock.holder in KIND}
        assert held & set(gate.bars) == set()


# --- where the suspect may sit ---

SITS = {"COMMAND", "STATE_PROTOCOL"}


@settings(max_examples=300, deadline=None)
@given(points)
def test_the_suspect_s_side_is_told_only_after_a_person_decided_it(point: tuple[int, ...]) -> None:
    case = facts.Facts(point, SHIPPED.vocabulary)
    for said in ("no", "unknown"):
        assert SITS & reached(DECIDER.decide(case.changed({"tell_suspects_side": said}), ON)) == set()


def test_the_suspect_s_side_can_be_told() -> None:
    both = {"military_nexus": "service_member", "visa": "a3_g5"}
    assert reached(ask(both, tell_suspects_side="yes")) >= SITS
    assert "exchange_sponsor" not in SHIPPED.agencies  # a sponsor is nobody whom the table could tell


def test_police_are_not_told_of_one_of_their_own() -> None:
    decision = ask(FORCED, offender="public_official", source="bystander")
    assert decision.lead.agency == "FBI"
    assert rules.Kind.STATE_AND_LOCAL not in kinds(decision)
    danger = ask(FORCED, offender="public_official", urgency="immediate_danger")
    assert {d.rule for d in duties(danger) if KIND[d.agency] is rules.Kind.STATE_AND_LOCAL} == {"notify-emergency"}


def test_every_duty_of_a_statute_names_whom_it_binds() -> None:
    for rule in SHIPPED.rules:
        if rule.required_by_law:
            assert any(word in rule.why for word in ("binds", "department", "officer", "contractor")), rule.id


def test_that_hsi_is_asked_before_the_fbi_is_called_a_practice() -> None:
    for rule in SHIPPED.rules:
        if rule.agency == "HSI" and rule.role in rules.IN_ORDER:
            assert rules.Evidence.POLICY in rule.law.evidence, rule.id
    assert not [rule.id for rule in SHIPPED.rules if "645a" in rule.law.citation]


# --- what people bring ---

BRING = [
    ({"organ_removal": "yes"}, "FBI"),
    ({"child_sale": "yes"}, "FBI_VCAC"),
    ({"forced_marriage": "yes"}, "FBI"),
    ({"forced_criminality": "yes"}, "FBI"),
    ({"begging": "yes"}, "FBI"),
    ({"benefits_captivity": "yes"}, "FBI"),
    ({"offender": "public_official"}, "FBI"),
]


@pytest.mark.parametrize(("brought", "lead"), BRING)
def test_what_people_bring_has_somebody_who_leads(brought: Mapping[str, str], lead: str) -> None:
    assert ask(brought).lead.agency == lead
    assert kinds(ask(brought, source="survivor")) <= rules.HELPS


@pytest.mark.parametrize(
    ("more", "agency"),
    [
        ({"age": "under_18", "offender": "family"}, "CHILD_WELFARE"),
        ({"age": "adult", "dependent_adult": "yes"}, "ADULT_PROTECTION"),
        ({"offender": "organized_group"}, "HSI"),
        ({"missing_child": "yes", "age": "adult", "age_18_to_20": "yes"}, "LOCAL_POLICE"),
        ({"benefits_captivity": "yes"}, "SSA_OIG"),
    ],
)
def test_what_people_bring_calls_for_whoever_can_help(more: Mapping[str, str], agency: str) -> None:
    (last, _), rest = list(more.items())[-1], dict(list(more.items())[:-1])
    assert agency in reached(ask(more))
    assert last
    assert agency not in told(ask(rest))


# --- public cases: who really investigated first, with the facts of day one ---

REAL = {
    "R03": (
        {**FORCED, "visa": "other", "diplomat_employer": "yes", "territory": "united_states"},
        {"FBI"},
    ),
    "R06": ({**FORCED, "visa": "other", "document_fraud": "yes", "territory": "united_states"}, {"DSS"}),
    "R08": (
        {"age": "adult", "commercial_sex": "yes", "nationality": "foreign", "source": "third_party"}
        | {"territory": "united_states"},
        {"LOCAL_POLICE"},
    ),
    "R12": (
        {"age": "adult", "commercial_sex": "yes", "nationality": "foreign", "source": "third_party"}
        | {"setting": "aircraft_or_airport", "territory": "united_states"},
        {"HSI"},
    ),
    "R14": (
        {"age": "adult", "commercial_sex": "no", "labor": "no", "nationality": "foreign", "cross_border": "yes"}
        | {"territory": "united_states", "source": "third_party"},
        {"FBI"},
    ),
    "R17": (
        {"labor": "yes", "means": "yes", "nationality": "foreign", "visa": "none", "hazardous_work": "yes"}
        | {"territory": "united_states", "source": "third_party"},
        {"LOCAL_POLICE"},
    ),
    "R18": (
        {"age": "adult", "commercial_sex": "no", "labor": "no", "nationality": "foreign", "cross_border": "yes"}
        | {"territory": "united_states"},
        {"FBI"},
    ),
    "R20": (
        {"age": "under_18", "missing_child": "yes", "child_in_care": "yes", "territory": "united_states"},
        {"USMS"},
    ),
    "R26": (
        {"commercial_sex": "yes", "urgency": "immediate_danger", "setting": "truck", "source": "third_party"}
        | {"territory": "united_states"},
        {"LOCAL_POLICE"},
    ),
    "R29": (
        {"age": "adult", "labor": "yes", "nationality": "foreign", "federal_award": "dod", "territory": "abroad"}
        | {"military_nexus": "civilian_on_installation"},
        {"SIGAR"},
    ),
    "R33": (
        {"age": "adult", "labor": "yes", "nationality": "foreign", "visa": "none", "setting": "vessel"}
        | {"territory": "united_states"},
        {"CBP"},
    ),
    "R35": (
        {"age": "under_18", "setting": "aircraft_or_airport", "source": "air_carrier", "territory": "united_states"},
        {"AIRPORT_POLICE", "FBI"},
    ),
    "R36": (
        {"age": "under_18", "setting": "aircraft_or_airport", "source": "air_carrier", "territory": "united_states"}
        | {"nationality": "us_citizen"},
        {"AIRPORT_POLICE", "LOCAL_POLICE"},
    ),
    "R38": (
        {"age": "under_18", "commercial_sex": "yes", "nationality": "foreign", "territory": "abroad"}
        | {"us_person_abroad": "yes"},
        {"HSI"},
    ),
}


# Further public cases and what law or practice gives to whom: none of these could be asked before.
ASKABLE = {
    "a cannabis grow with foreign workers": ({"age": "adult", "forced_criminality": "yes", **FOREIGN}, "HSI"),
    "a foreign child who begs": ({"age": "under_18", "begging": "yes", **FOREIGN}, "HSI"),
    "a foreign national of whom nothing else is known": ({"age": "adult", **FOREIGN}, "HSI"),
    "sexual content of a child, at the cyber crimes center": (
        {"age": "under_18", "online_child_content": "yes"},
        "HSI",
    ),
    "sexual content of a child, at a task force": (
        {"age": "under_18", "online_child_content": "yes", "means": "no"},
        "LOCAL_POLICE",
    ),
    "a checkpoint of the Border Patrol": ({"cross_border": "yes", "truck": "yes"}, "CBP"),
    "an airport where nobody knows what it is": ({"airport": "yes"}, "HSI"),
    "contractors' workers abroad": ({"labor": "yes", "federal_award": "dod", "territory": "abroad"}, "MCIO"),
    "children bought for adoption": ({"child_sale": "yes"}, "STATE_AG"),
    "a garment shop": ({"age": "adult", "labor": "yes", **FOREIGN}, "STATE_LABOR"),
    "men with disabilities at a plant": ({"age": "adult", "labor": "yes", "discrimination": "yes"}, "EEOC"),
    "farmworkers": ({"labor": "yes", "visa": "h2a"}, "MONITOR_ADVOCATE"),
    "a dangerous workplace": ({"labor": "yes", "hazardous_work": "yes"}, "OSHA"),
}


def near(decision: decide.Decision) -> set[str]:
    """The first two of a chain, and whoever is asked when those before declined."""
    return {duty.agency for duty in decision.chain[:2]} | {
        duty.agency for duty in decision.chain if duty.role is rules.Role.NEXT
    }


@pytest.mark.parametrize("name", ASKABLE)
def test_whoever_law_or_practice_gives_it_to_can_be_asked(name: str) -> None:
    known, agency = ASKABLE[name]
    assert agency in near(ask(known))
    assert agency not in chain(ask(known, age="adult", wishes="services_only"))


@pytest.mark.parametrize("name", REAL)
def test_who_really_investigated_first_is_asked_among_the_first_two_or_is_next(name: str) -> None:
    known, first = REAL[name]
    decision = ask(known)
    askable = near(decision)
    assert first & askable
    if known.get("source") == "bystander" and known.get("age") != "under_18":
        assert "LOCAL_POLICE" in told(decision)


def test_the_special_inspector_general_is_not_asked_after_it_closed() -> None:
    known = facts.parse(REAL["R29"][0], SHIPPED.vocabulary)
    assert "SIGAR" in chain(DECIDER.decide(known, datetime.date(2026, 1, 31)))
    assert "SIGAR" not in chain(DECIDER.decide(known, datetime.date(2026, 2, 1)))


# --- what cannot all be true, and how older facts are read ---


def entries(file: str, key: str) -> Sequence[Mapping[str, Mapping[str, Sequence[str]]]]:
    found: Sequence[Mapping[str, Mapping[str, Sequence[str]]]] = tomllib.loads(jurisdictions.text(file))[key]
    return found


def test_what_cannot_all_be_true_has_a_sentence_and_is_never_about_a_wish() -> None:
    sentences = tomllib.loads(jurisdictions.text("words/en.toml"))["impossible"]
    impossible = entries("facts.toml", "impossible")
    assert {each["id"] for each in impossible} == sentences.keys()
    wishes = {"wishes", "wish_police", "wish_federal", "wish_immigration", "written_release", "source"}
    for each in impossible:
        assert wishes & each["when"].keys() == set()
        for name, codes in each["when"].items():
            assert set(codes) <= set(SHIPPED.vocabulary.attribute(name).codes[:-1])


@pytest.mark.parametrize(
    ("wish", "reads_as"),
    [({}, "bystander"), ({"wishes": "services_only"}, "proxy"), ({"wishes": "report_agreed"}, "proxy")],
)
def test_a_third_party_of_an_older_table_speaks_for_the_person_where_a_wish_was_passed_on(
    wish: Mapping[str, str], reads_as: str
) -> None:
    reading = facts.read_strictly({**ADULT_SEX, **wish, "source": "third_party"}, SHIPPED.vocabulary)
    assert reading.facts["source"] == reads_as
    assert {name: reading.facts[name] for name in wish} == wish
