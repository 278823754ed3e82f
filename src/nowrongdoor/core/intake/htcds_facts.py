"""What a case record of the Human Trafficking Case Data Standard says in the words of the law.

Promise: only what the record says; what it leaves out stays unknown; every step beyond its words is
named in a note. The mappings and how sure each is: docs/import.md.
"""

from __future__ import annotations

import dataclasses
import datetime
import types
from collections.abc import Iterable, Mapping

from nowrongdoor.core.intake import htcds_cells, row
from nowrongdoor.core.triage import answers

LABOUR = frozenset({"ForcedLabour", "ChildLabour", "Servitude"})
UNITED_STATES = frozenset({"US", "USA"})

# Only the methods that say the same as one indicator; each of the others covers several, or none.
INDICATORS: Mapping[str, str] = types.MappingProxyType(
    {
        "PhysicalThreats": "ilo.5.threats",
        "ThreatsLawEnforcement": "ilo.5.denunciation",
        "DebtBondage": "ilo.5.debt",
        "PhysicalAbuse": "ilo.5.violence",
        "SexualAbuse": "ilo.5.violence",
        "ExcessiveWorkingHours": "ilo.4.hours",
        "WithholdsDocuments": "ilo.5.documents",
    }
)

IDENTITY = (
    "prs_Salutation",
    "prs_FirstName",
    "prs_MiddleName",
    "prs_SecondName",
    "prs_Birthdate",
    "prs_IdentityNumber",
    "prs_Email",
    "prs_HomePhone",
    "prs_MobilePhone",
    "prs_MailingStreet",
    "prs_MailingCity",
    "prs_MailingState",
    "prs_MailingPostalCode",
    "prs_MailingCountry",
    "prs_MailingLongitude",
    "prs_MailingLatitude",
)
NARRATIVE = (
    "cco_CaseComment",
    "hte_Description",
    "cas_IncomingReferralDetails",
    "vic_DetailsOfVulnerabilities",
)

NOTE_THEN = "Adult today but under 18 when trafficked: taken as under 18, as 22 USC 7102 asks."
NOTE_NOW = "Age is the age on the day of import; the age when trafficked is not recorded."
NOTE_MEANS = "A recorded method of control is taken as force, fraud or coercion (policy)."
NOTE_SEX = "Sexual exploitation is taken as a commercial sex act; the record does not say so (policy)."
NOTE_FOREIGN = (
    "Foreign means that the record names a citizenship and none of them is the United States; "
    "the standard has no field for lawful permanent residence (policy)."
)
NOTE_ANY = "The record holds several people: a fact is taken when it holds for any of them."

Understood = Mapping[str, tuple[str, ...]]
"""Full field name -> its values in normal form, for one person."""


@dataclasses.dataclass(frozen=True, slots=True)
class Meaning:
    facts: Mapping[str, str]
    answers: answers.Answers
    notes: tuple[str, ...]


class ContradictoryAgeError(ValueError):
    """The birth date and the age when trafficked cannot both be right."""


def meaning(victims: Iterable[Understood], on: datetime.date) -> Meaning:
    """This will read the facts of a case from its victims, as known `on` the day of import."""
    notes: dict[str, None] = {}
    ages: list[str] = []
    nations: list[str] = []
    facts: dict[str, str] = {}
    yes: dict[str, answers.Answer] = {}
    count = 0
    for victim in victims:
        count += 1
        age, age_notes = _age(victim, on)
        ages.append(age)
        notes.update(dict.fromkeys(age_notes))
        citizenship = frozenset(victim.get("prs_Citizenship", ()))
        if citizenship:
            nations.append("us_citizen" if citizenship & UNITED_STATES else "foreign")
        kinds = frozenset(victim.get("vic_TypeOfExploitation", ()))
        if victim.get("vic_TypeOfSexExploitation") or "SexualExploitation" in kinds:
            facts["commercial_sex"] = "yes"
            notes[NOTE_SEX] = None
        if kinds & LABOUR or victim.get("vic_ForcedLabourIndustry"):
            facts["labor"] = "yes"
        methods = [m for m in victim.get("vic_MethodsOfControl", ()) if m != "Other"]
        if methods:
            facts["means"] = "yes"
            notes[NOTE_MEANS] = None
        yes.update({INDICATORS[m]: answers.Answer.YES for m in methods if m in INDICATORS})
    # The law protects the child and the foreign national first: one of them decides for the case.
    _take_first(facts, "age", ages, ("under_18", "unknown", "adult"))
    _take_first(facts, "nationality", nations, ("foreign", "us_citizen"))
    if facts.get("nationality") == "foreign":
        notes[NOTE_FOREIGN] = None
    if count > 1:
        notes[NOTE_ANY] = None
    return Meaning(types.MappingProxyType(facts), answers.answers_of(yes), tuple(notes))


def _take_first(facts: dict[str, str], attribute: str, found: list[str], order: tuple[str, ...]) -> None:
    for value in order:
        if value in found:
            if value != "unknown":
                facts[attribute] = value
            return


def _age(victim: Understood, on: datetime.date) -> tuple[str, tuple[str, ...]]:
    then = _first(victim, "vic_AgeWhenTrafficked")
    born = _first(victim, "prs_Birthdate")
    now: int | None = None
    if born:
        birth = datetime.date.fromisoformat(born)
        now = on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
        if now < 0:
            raise ContradictoryAgeError("the birth date lies after the day of import")
        if then and int(then) > now:
            raise ContradictoryAgeError("the age when trafficked is more than the age today")
    if now is not None and now < 18:
        return "under_18", ()
    if then:
        if int(then) >= 18:
            return "adult", ()
        return "under_18", (NOTE_THEN,) if now is not None else ()
    if now is not None:
        return "adult", (NOTE_NOW,)
    return "unknown", ()


def _first(values: Understood, name: str) -> str:
    found = values.get(name, ())
    return found[0] if found else ""


def identity(person: Understood) -> Mapping[str, str]:
    """This will pick what names a person, in a fixed order."""
    return types.MappingProxyType({name: "; ".join(person[name]) for name in IDENTITY if person.get(name)})


def narrative(entries: Iterable[row.Entry]) -> str:
    """This will gather the comments and descriptions, each under its label."""
    known = htcds_cells.fields()
    return "\n\n".join(
        f"{known[name.lower()].label}: {text}" for entry in entries for name, text in entry.values if name in NARRATIVE
    )
