"""The doors by occupation are strictly read; each sign, number and duty names what it rests on."""

from __future__ import annotations

import re

import pytest

from nowrongdoor.core import country, doors, entries, short_codes
from nowrongdoor.core.mandates import rules
from tests import claims

TEXT = """
version = "1"
[[door]]
id = "pilots"
code = "M367WD"
name = "For river pilots"
stance = "bystander"
[[door.sign]]
words = "A passenger is locked in."
source = "river guide"
evidence = "secondary"
[[door.sign]]
words = "Nobody aboard has papers."
source = "river guide"
evidence = "secondary"
[[door.call]]
when = "On the river"
name = "River police"
telephone = "116 100"
dial = "116100"
source = "river.rt"
evidence = "unverified"
[[door.call]]
when = "In port"
name = "The harbor master"
source = "river.rt"
evidence = "policy"
[[door.report]]
to = "the harbor office"
words = "A pilot owes it a report the same day."
source = "River Act art. 7"
evidence = "statute"
[[door.duty]]
words = "A ship keeps a log of it."
source = "River Act art. 8"
evidence = "statute"
[[door.ask]]
id = "ship"
words = "Name of the ship"
"""
OCCUPATIONS = (
    ("flight", "bystander"),
    ("drivers", "bystander"),
    ("rail", "bystander"),
    ("hotels", "bystander"),
    ("teachers", "bystander"),
    ("clinicians", "bystander"),
    ("fire", "official"),
    ("wages", "official"),
    ("consular", "official"),
    ("contracting", "official"),
    ("children", "official"),
    ("faith", "bystander"),
)


def test_a_door_is_read_with_what_each_sentence_rests_on() -> None:
    read = doors.read(TEXT)
    (door,) = read.each
    assert (read.version, door.id, door.code, door.name) == ("1", "pilots", "M367WD", "For river pilots")
    assert door.stance is doors.Stance.BYSTANDER
    assert door.signs[0] == doors.Statement("A passenger is locked in.", "river guide", "secondary")
    police, master = door.calls
    assert (police.telephone, police.dial, police.is_unverified) == ("116 100", "116100", True)
    assert (master.telephone, master.dial, master.is_unverified) == ("", "", False)
    assert door.reports == [
        doors.Report(
            "the harbor office", "A pilot owes it a report the same day.", "", "", "River Act art. 7", "statute"
        )
    ]
    assert door.duties == [doors.Statement("A ship keeps a log of it.", "River Act art. 8", "statute")]
    assert door.asks == [doors.Ask("ship", "Name of the ship")]
    assert read.by_code("M367WD") is door
    assert read.by_code("K7QM2D") is None


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ('code = "M367WD"', 'code = "M367WC"', "'code' cannot be 'M367WC'; write a short code"),
        ('code = "M367WD"', 'code = "m367wd"', "'code' cannot be 'm367wd'; write a short code"),
        ('stance = "bystander"', 'stance = "witness"', "write one of bystander, official"),
        ('name = "For river pilots"', "", "'name' is missing"),
        ('id = "pilots"', 'id = "River Pilots"', "write small letters, digits and underscores"),
        ('source = "river guide"', "", "'source' is missing"),
        ('evidence = "secondary"', 'evidence = "sure"', "'evidence' cannot be 'sure'"),
        ('source = "River Act art. 7"', "", "'source' is missing"),
        ('source = "River Act art. 8"', "", "'source' is missing"),
        ('dial = "116100"', "", "'dial' is missing; write 'telephone' and 'dial', or neither"),
        ('telephone = "116 100"', "", "'telephone' is missing; write 'telephone' and 'dial', or neither"),
        ('dial = "116100"', 'dial = "116 100"', "write the number in digits alone"),
        ('dial = "116100"', 'dial = "116100"\nagency = "RIVER"', "'agency' is no part of this"),
        ('stance = "bystander"', 'stance = "bystander"\nagency = "RIVER"', "'agency' is no part of this"),
        ('version = "1"', 'version = "1"\nflag = "x"', "flag"),
        ('[[door.ask]]', '[[door.ask]]\nid = "ship"\nwords = "Ship"\n[[door.ask]]', "one field has it already"),
        (TEXT[TEXT.index("[[door.report]]"):TEXT.index("[[door.duty]]")], "", "'report' is missing; say which report"),
        (TEXT[TEXT.index("[[door.sign]]"):TEXT.index('[[door.sign]]\nwords = "Nobody')], "", "write 2 to 6 of them"),
        ("[[door.call]]", 5 * '[[door.sign]]\nwords = "x"\nsource = "x"\nevidence = "policy"\n' + "[[door.call]]",
         "write 2 to 6 of them"),
    ],
)  # fmt: skip
def test_what_does_not_belong_is_refused_by_name(right: str, wrong: str, named: str) -> None:
    assert right in TEXT
    with pytest.raises(entries.Unreadable, match=re.escape(named)):
        doors.read(TEXT.replace(right, wrong, 1))


OTHER = {"id": 'id = "ferries"', "code": 'code = "K7QM2D"', "name": 'name = "For ferry crews"'}


@pytest.mark.parametrize("shared", ["", "id", "code", "name"])
def test_no_two_doors_share_an_id_a_code_or_a_name(shared: str) -> None:
    second = TEXT[TEXT.index("[[door]]") :]
    for key, line in OTHER.items():
        if key != shared:
            second = re.sub(rf"^{key} = .*$", line, second, count=1, flags=re.MULTILINE)
    if not shared:
        assert [door.id for door in doors.read(TEXT + second).each] == ["pilots", "ferries"]
        return
    with pytest.raises(entries.Unreadable, match=f"'{shared}' cannot be .* one door has it already"):
        doors.read(TEXT + second)


def test_a_country_without_the_file_has_no_doors() -> None:
    assert doors.NONE.each == ()
    assert doors.NONE.by_code("M367WD") is None


def test_the_shipped_country_has_a_door_for_each_occupation_that_was_promised() -> None:
    assert tuple((door.id, door.stance.value) for door in doors.installed().each) == OCCUPATIONS


@pytest.mark.parametrize("door", doors.installed().each, ids=lambda door: door.id)
def test_each_shipped_door_says_what_to_look_for_whom_to_call_and_what_it_does_not_replace(door: doors.Door) -> None:
    assert short_codes.read(door.code) == door.code
    assert door.name.startswith("For ")
    assert 1 <= len(door.calls) <= 3
    assert 3 <= len(door.asks) <= 4
    assert claims.every(each.source for each in (*door.signs, *door.calls, *door.reports, *door.duties))


def test_what_nobody_read_is_not_called_law() -> None:
    """A statement that says "not read", or names no rule, is marked so."""
    unread = [
        each
        for door in doors.installed().each
        for each in (*door.signs, *door.calls, *door.reports, *door.duties)
        if re.search(r"not read|[Nn]o (rule|guide) was read", each.source)
    ]
    assert claims.every(each.evidence == rules.Evidence.UNVERIFIED.value for each in unread)


def test_the_duties_that_the_law_names_stand_with_their_citations() -> None:
    cited = {
        door.id: " ".join(each.source for each in (*door.reports, *door.duties)) for door in doors.installed().each
    }
    assert "49 USC 40118(g)" in cited["flight"]
    assert "22 USC 7104b(a)(1)" in cited["contracting"]
    assert "42 USC 671(a)(34)(A)" in cited["children"]
    assert "42 USC 671(a)(35)(B)" in cited["children"]
    for official in ("fire", "wages", "children"):
        assert "22 USC 7105(b)(1)(H)" in cited[official]


def test_no_code_is_within_one_mistake_of_another() -> None:
    codes = [door.code for door in doors.installed().each]
    apart = [
        sum(left != right for left, right in zip(one, other, strict=True))
        for number, one in enumerate(codes)
        for other in codes[:number]
    ]
    assert claims.every(each >= 2 for each in apart)


def test_the_hotline_has_one_number_wherever_a_door_names_it() -> None:
    hotline = country.installed().hotline
    named = [call for door in doors.installed().each for call in door.calls if call.name == hotline.name]
    assert claims.every((call.dial, call.text) == (hotline.dial, hotline.text) for call in named)
