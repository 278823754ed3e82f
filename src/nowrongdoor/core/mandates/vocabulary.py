"""The facts that United States law asks about a case, in plain questions and plain answers.

The promise: an attribute is here only because a rule, a clock or a gate of the shipped table turns on it, and it
names the law that asks. Each ends with `unknown`, the honest answer at the start of most cases.

There is no attribute for a T, U or VAWA application or any other immigration relief, and there must never be one:
8 USC 1367(a)(2) forbids Homeland Security, Justice and State to tell anybody else about such an application, so
it cannot be a field that agencies share (gate G04). `visa` is the visa a person came on, nothing later.
"""

from __future__ import annotations

from nowrongdoor.core.mandates import facts


def _ask(name: str, question: str, law: str, evidence: str, **words: str) -> facts.Attribute:
    values = tuple(facts.Value(code, text) for code, text in words.items())
    return facts.Attribute(
        name,
        question,
        law,
        evidence,
        (*values, facts.Value(facts.UNKNOWN, f"{_PLAIN[name]} unknown")),
    )


def _yes_no(
    name: str, question: str, law: str, evidence: str, yes: str, no: str
) -> facts.Attribute:
    return _ask(name, question, law, evidence, yes=yes, no=no)


# How a sentence names the attribute itself: "nationality unknown".
_PLAIN = {
    "urgency": "urgency",
    "age": "age",
    "commercial_sex": "whether commercial sex",
    "labor": "whether labor",
    "means": "means",
    "nationality": "nationality",
    "unaccompanied_child": "whether an unaccompanied child",
    "visa": "visa",
    "diplomat_employer": "whether the employer is a diplomat",
    "document_fraud": "whether passport or visa fraud",
    "federal_award": "whether a federal contract or grant",
    "military_nexus": "military connection",
    "setting": "setting",
    "territory": "territory",
    "native_person": "whether a Native person",
    "us_person_abroad": "whether a U.S. person abroad",
    "foreign_prosecution": "whether prosecuted abroad",
    "online_child_content": "whether child content online",
    "missing_child": "whether a missing child",
    "child_in_care": "whether a child in care",
    "forced_labor_goods": "whether goods made by forced labor",
    "financial_flag": "whether a financial flag",
    "cross_border": "whether across a border",
    "hazardous_work": "whether hazardous work",
    "discrimination": "whether discrimination",
    "labor_racketeering": "whether labor racketeering",
    "source": "source",
    "wishes": "wishes",
}

US = facts.Vocabulary(
    (
        _ask(
            "urgency",
            "How soon must somebody act?",
            "hotline definitions: a crisis needs a response within 24 hours",
            "secondary",
            immediate_danger="immediate danger",
            within_24h="a response needed within 24 hours",
            none="no urgency",
        ),
        _ask(
            "age",
            "Is the person under 18?",
            "22 USC 7102 (no means needed under 18); 22 USC 7105(b)(1)(G),(H)",
            "statute",
            under_18="under 18",
            adult="adult",
        ),
        _yes_no(
            "commercial_sex",
            "Is a commercial sex act asked of the person?",
            "22 USC 7102; 18 USC 1591",
            "statute",
            "commercial sex",
            "no commercial sex",
        ),
        _yes_no(
            "labor",
            "Is the person made to work or serve?",
            "22 USC 7102; 18 USC 1589",
            "statute",
            "labor",
            "no labor",
        ),
        _yes_no(
            "means",
            "Is there force, fraud or coercion?",
            "22 USC 7102",
            "statute",
            "force, fraud or coercion",
            "no force, fraud or coercion",
        ),
        _ask(
            "nationality",
            "Is the person a U.S. citizen, a permanent resident, or a foreign national?",
            "22 USC 7105(b)(1)(E),(G) (what a foreign national may be certified for)",
            "statute",
            us_citizen="U.S. citizen",
            permanent_resident="lawful permanent resident",
            foreign="foreign national",
        ),
        _yes_no(
            "unaccompanied_child",
            "Is this a child without status and without a parent or guardian here?",
            "6 USC 279; 8 USC 1232(b)",
            "statute",
            "unaccompanied child",
            "not an unaccompanied child",
        ),
        _ask(
            "visa",
            "On which visa did the person come? (Never what was applied for later.)",
            "8 USC 1375c; 8 USC 1188; 29 CFR 503; 22 CFR 62.13(d)",
            "statute+secondary",
            a3_g5="A-3 or G-5 visa",
            h2a="H-2A visa",
            h2b="H-2B visa",
            j1="J-1 visa",
            other="another visa",
            none="no visa",
        ),
        _yes_no(
            "diplomat_employer",
            "Does the person work for a diplomat or an official of an international organisation?",
            "8 USC 1375c; 22 USC 2709",
            "statute+secondary",
            "employed by a diplomat or an international official",
            "not employed by a diplomat",
        ),
        _yes_no(
            "document_fraud",
            "Is there passport or visa fraud?",
            "18 USC 1541-1546",
            "statute",
            "passport or visa fraud",
            "no passport or visa fraud",
        ),
        _ask(
            "federal_award",
            "Did it happen under a federal contract or grant, and whose?",
            "22 USC 7104b, 7104c; FAR 52.222-50",
            "statute+secondary",
            dod="Defense Department contract or grant",
            other_agency="another agency's contract or grant",
            none="no federal contract or grant",
        ),
        _ask(
            "military_nexus",
            "Is the armed forces' own law or ground involved?",
            "UCMJ; 18 USC 3261, 3271",
            "statute+unverified",
            service_member="service member involved",
            civilian_on_installation="civilian on a military installation",
            none="no military connection",
        ),
        _ask(
            "setting",
            "Where was it noticed?",
            "49 USC 44734, 40118(g); 49 USC 31310; 14 USC 522; 8 USC 1232(a); 34 USC 20341",
            "statute+secondary+unverified",
            aircraft_or_airport="on an aircraft or at an airport",
            rail="on a train or at a station",
            bus="on a bus",
            truck="in a commercial truck or at a truck stop",
            vessel="on a vessel",
            port_of_entry="at a port of entry",
            school="at a school",
            federal_facility="on federal land or in a federal facility",
            elsewhere="somewhere else",
        ),
        _ask(
            "territory",
            "On whose ground?",
            "18 USC 1152, 1153, 1596; 25 USC 2802",
            "statute",
            united_states="in the United States",
            indian_country="in Indian country",
            abroad="abroad",
        ),
        _yes_no(
            "native_person",
            "Is the person American Indian or Alaska Native?",
            "25 USC 1304, 2802",
            "statute+secondary",
            "Native person",
            "not a Native person",
        ),
        _yes_no(
            "us_person_abroad",
            "Is an offender or a victim abroad a U.S. person?",
            "18 USC 1596, 3271",
            "statute",
            "U.S. person involved abroad",
            "no U.S. person abroad",
        ),
        _yes_no(
            "foreign_prosecution",
            "Is another country already prosecuting it?",
            "18 USC 1596, 3271 (no U.S. case then without the Attorney General's approval)",
            "statute",
            "prosecuted by another country",
            "not prosecuted abroad",
        ),
        _yes_no(
            "online_child_content",
            "Is there sexual content of a child, or its trade, online?",
            "18 USC 2258A",
            "statute",
            "child sexual content online",
            "no child content online",
        ),
        _yes_no(
            "missing_child",
            "Is the child missing?",
            "34 USC 41308, 11293; 42 USC 671(a)(35)",
            "statute",
            "missing child",
            "child not missing",
        ),
        _yes_no(
            "child_in_care",
            "Is the child in the care of a child-welfare agency?",
            "42 USC 671(a)(9),(34),(35)",
            "statute",
            "child in care",
            "child not in care",
        ),
        _yes_no(
            "forced_labor_goods",
            "Are goods made by forced labor brought into the country?",
            "19 USC 1307; 19 CFR 12.42",
            "statute",
            "goods made by forced labor",
            "no goods made by forced labor",
        ),
        _yes_no(
            "financial_flag",
            "Did money movements raise the suspicion?",
            "31 USC 5318(g); 18 USC 1956",
            "secondary+unverified",
            "suspicious financial activity",
            "no financial flag",
        ),
        _yes_no(
            "cross_border",
            "Does it reach across a national border?",
            "6 USC 645a; 8 USC 1324",
            "statute",
            "across a border",
            "within one country",
        ),
        _yes_no(
            "hazardous_work",
            "Is the work a danger to life or health?",
            "29 USC 651 ff",
            "secondary",
            "hazardous work",
            "no hazardous work",
        ),
        _yes_no(
            "discrimination",
            "Is there discrimination or harassment at work?",
            "42 USC 2000e-5; 42 USC 1981",
            "secondary+unverified",
            "discrimination or harassment",
            "no discrimination",
        ),
        _yes_no(
            "labor_racketeering",
            "Is there labor racketeering?",
            "18 USC 1351; Inspector General Act",
            "secondary+unverified",
            "labor racketeering",
            "no labor racketeering",
        ),
        _ask(
            "source",
            "Who tells us?",
            "22 USC 7104b, 7104c; 22 CFR 62.13(d); 18 USC 2258A; 34 USC 20341; hotline policy",
            "statute+secondary",
            survivor="told by the survivor",
            third_party="told by somebody else",
            contractor="told by a contractor or grantee",
            contracting_officer="told by a contracting or grant officer",
            exchange_sponsor="told by an exchange sponsor",
            online_provider="told by an online provider",
            financial_institution="told by a bank",
            facility_professional="told by a professional on federal land or in a federal facility",
            child_welfare="told by a child-welfare agency",
            law_enforcement="told by law enforcement",
            air_carrier="told by an air carrier",
            hotline="told by the national hotline",
        ),
        _ask(
            "wishes",
            "What does the survivor want? (Counts only when the survivor is the one who tells us.)",
            "hotline policy: the caller's consent decides, except child abuse or imminent harm",
            "secondary",
            services_only="wants services only",
            report_agreed="agrees to a report",
        ),
    )
)
