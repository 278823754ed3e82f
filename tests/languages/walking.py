"""Every page of the demonstration, opened in process by whoever may, in the language that is asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from django.test import Client

from nowrongdoor.access import guards
from nowrongdoor.agencies import entrance as signing
from nowrongdoor.agencies import setting_up
from nowrongdoor.agencies.models import User
from nowrongdoor.site import entrance
from tests import signing_in
from tests.access.test_doors import ROUTES
from tests.journeys import furnishing

# As whom each page is opened; "" is a visitor, `ina` has no second factor of her own yet, Kim's agency is passed over.
PEOPLE = ("", "ada", "hope", "ina", "adam", "vera", "mia", "lena", "luz")
COMING_IN = {name for _, _, names in entrance.PAGES for name in names}
BETWEEN_THEM = ("ada", "hope", "ina", "adam", "mia")  # who open nearly everything
# The page of every component shows made-up words, to whoever builds pages.
FOR_BUILDERS = {"components"}
# What only a wrong word brings up: whatever is asked, and by whom.
ASKED = (
    ("ada", "/cases/AAAA-BBBB-CCCC"),
    ("hope", "/worklist?kind=clock"),
    ("hope", "/worklist?kind=notice&urgency=immediate_danger&due=late"),
    ("hope", "/worklist?kind=offer&search=zzz"),
    ("hope", "/worklist?due=nonsense"),
    ("hope", "/find?search=zzz"),
    ("hope", "/mandates/what-if?labour=yes&on=1999-01-01"),
    ("hope", "/mandates/what-if?labor=yes&means=yes&nationality=foreign&age=under_18&place=NY-S"),
    ("ada", "/mandates/what-if?commercial_sex=yes&age=under_18&state=TX"),
    ("ina", "/trail?case=AAAA-BBBB-CCCC"),
    ("ina", "/trail?kind=nonsense&from=1999-99-99"),
    ("vera", "/people?search=99"),
)


# What people wrote in the demonstration, where no mark can stand: in a document, and between commas.
WRITTEN = {
    *("None.", "A motel clerk says that a girl of about fifteen is visited by men all day. (Fictional.)"),
    *("Police", "Hotline", "Backup", "Shelters", "Labor", "Border"),
    *("Elmwood County Sheriff (fictional)", "Elmwood City Police (fictional)", "Elmwood (fictional)"),
    *("State child-protection hotline (fictional)", "Trafficking tips, State attorney general (fictional)"),
    "The address, who is there now, and whether there are weapons.",
    "The child’s age, where the child is tonight, and who else lives there.",
    "What was seen, where, and when. They don’t ask for callers who don’t want a report.",
    # The columns of a file of recipients, and the codes in them.
    *("state", "county", "kind", "choice", "agency", "unit", "person", "telephone", "email", "hours", "wants"),
    *("immigration", "police", "child_protection", "attorney_general", "federal", "homeland"),
}


def client(name: str) -> Client:
    """Somebody who passed both steps, and said again who they are a moment ago."""
    made = Client()
    if name:
        person = User.objects.get(name=name)
        made.force_login(person)
        session = made.session
        password = {"method": "password", "at": time.time(), "reauthenticated": True}
        session[guards.STEPS] = [password, {"method": "mfa", "at": time.time()}]
        session[f"{guards.STEPS}_user"] = str(person.id)
        if name == "ina":  # who has no second factor yet, and has entered her setup code
            session[signing.SETUP] = setting_up.read(signing_in.setup_code(person))
        session.save()
    return made


def pages(house: furnishing.House, code: str, people: Sequence[str] = PEOPLE) -> Iterator[tuple[str, str]]:
    """Every page that these people may open, with who opened it and where."""
    for name in people:
        somebody = client(name)
        for address in shown_to(house, name):
            yield from _answer(somebody, name, address, code)


def shown_to(house: furnishing.House, name: str) -> Iterator[str]:
    """The addresses that somebody tries."""
    for route, address in _addresses(house):
        if route not in FOR_BUILDERS and (route not in COMING_IN or name in ("", "ada", "ina")):
            yield address
    yield from (address for who, address in ASKED if who == name)


def _answer(somebody: Client, name: str, address: str, code: str) -> Iterator[tuple[str, str]]:
    answer = somebody.get(address, headers={"accept-language": code})
    if "text/html" in answer.headers.get("content-type", "") and answer.status_code not in (301, 302, 303):
        yield f"{name or 'visitor'} {address.partition('#')[0]}", answer.content.decode()


def _addresses(house: furnishing.House) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for path, route in ROUTES:
        if guards.guard_of(route.callback) == guards.TOKEN or path in seen:
            continue
        seen.add(path)
        yield str(route.name), house.address(path)
