"""What a case record of the Human Trafficking Case Data Standard says in the words of the law.

Promise: only what the record says; what it leaves out stays unknown; every step beyond its words is
named in a note. The mappings and how sure each is: docs/import.md.
"""

from __future__ import annotations

import dataclasses
import datetime
import types
from collections.abc import Iterable, Mapping

from nowrongdoor.core.intake import country, htcds_cells, row
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.triage import answers

LABOUR = frozenset({"ForcedLabour", "ChildLabour", "Servitude"})

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

NOTE_NOW = gettext_lazy("Age is the age on the day of import; the age when trafficked is not recorded.")
NOTE_MEANS = gettext_lazy("A recorded method of control is taken as force, fraud or coercion (policy).")
NOTE_SEX = gettext_lazy("Sexual exploitation is taken as a commercial sex act; the record does not say so (policy).")
NOTE_ANY = gettext_lazy("The record holds several people: a fact is taken when it holds for any of them.")

Understood = Mapping[str, tuple[str, ...]]
"""Full field name -> its values in normal form, for one person."""


@dataclasses.dataclass(frozen=True, slots=True)
class Meaning:
    facts: Mapping[str, str]
    answers: answers.Answers
    notes: tuple[str, ...]


ADULT = 18
OLDEST = 120
"""Years; nobody in a case file is older, but a spreadsheet writes 1899 or 1900 for an empty or zero date."""


class ContradictoryAgeError(ValueError):
    """What a record says of an age cannot be right; `column` is the field to look at."""

    def __init__(self, column: str, reason: str) -> None:
        self.column = column
        super().__init__(reason)


def meaning(victims: Iterable[Understood], on: datetime.date, happened: Iterable[datetime.date] = ()) -> Meaning:
    """Read the facts of a case from its victims, as known `on` the day of import. `happened`: the days that the
    record gives for what happened. ContradictoryAgeError."""
    here = country.installed()
    first_day = min(happened, default=on)
    notes: dict[str, None] = {}
    ages: list[str] = []
    nations: list[str] = []
    facts: dict[str, str] = {}
    yes: dict[str, answers.Answer] = {}
    count = 0
    for victim in victims:
        count += 1
        age, age_notes = _age(victim, on, min(first_day, on))
        ages.append(age)
        notes.update(dict.fromkeys(age_notes))
        citizenship = frozenset(victim.get("prs_Citizenship", ()))
        if citizenship:
            nations.append(here.citizen if citizenship & here.codes else here.foreign)
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
    _take_first(facts, "nationality", nations, (here.foreign, here.citizen))
    if facts.get("nationality") == here.foreign:
        notes[here.note_foreign] = None
    if count > 1:
        notes[NOTE_ANY] = None
    return Meaning(types.MappingProxyType(facts), answers.answers_of(yes), tuple(notes))


def _take_first(facts: dict[str, str], attribute: str, codes: list[str], order: tuple[str, ...]) -> None:
    for value in order:
        if value in codes:
            if value != "unknown":
                facts[attribute] = value
            return


def _age(victim: Understood, on: datetime.date, first_day: datetime.date) -> tuple[str, tuple[str, ...]]:
    then = _first(victim, "vic_AgeWhenTrafficked")
    born = _first(victim, "prs_Birthdate")
    if not born:
        return _of_age(int(then)) if then else "unknown", ()
    birth = datetime.date.fromisoformat(born)
    now = _years(birth, on)
    if birth > on:
        raise ContradictoryAgeError("prs_Birthdate", _("the birth date lies after the day of import"))
    if now > OLDEST:
        reason = _(
            "the birth date is more than %(oldest)s years ago; a spreadsheet writes such a day for an empty date"
        ) % {"oldest": OLDEST}
        raise ContradictoryAgeError("prs_Birthdate", reason)
    if then and int(then) > now:
        raise ContradictoryAgeError("vic_AgeWhenTrafficked", _("the age when trafficked is more than the age today"))
    if now < ADULT:
        return "under_18", ()
    if then:
        age = _of_age(int(then))
        return age, (country.installed().note_child_then,) if age == "under_18" else ()
    if birth <= first_day and _years(birth, first_day) < ADULT:
        return "under_18", (country.installed().note_child_at_event,)
    return "adult", (NOTE_NOW,)


def _years(birth: datetime.date, on: datetime.date) -> int:
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def _of_age(years: int) -> str:
    return "under_18" if years < ADULT else "adult"


def _first(values: Understood, name: str) -> str:
    cells = values.get(name, ())
    return cells[0] if cells else ""


def identity(person: Understood) -> Mapping[str, str]:
    """Return what names a person, in a fixed order."""
    return types.MappingProxyType({name: "; ".join(person[name]) for name in IDENTITY if person.get(name)})


def narrative(entries: Iterable[row.Entry]) -> str:
    """Return the comments and descriptions, each under its label."""
    known = htcds_cells.fields()
    return "\n\n".join(
        f"{known[name.lower()].label}: {text}" for entry in entries for name, text in entry.values if name in NARRATIVE
    )
