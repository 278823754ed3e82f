"""The file of lines: what reads lets nobody wait for ever, and what does not is refused with what to write instead."""

from __future__ import annotations

import datetime

import pytest

from nowrongdoor.core import entries, line, line_plan

FILE = "line.toml"
PROVIDER = """
[provider.telephone]
kind = "null"
"""
GROUP = """
[[group]]
code = "night"
agency = "HOTLINE"
name = "Night"
longest_minutes = 10
answers_within_hours = 2
"""
BACKUP = GROUP.replace('"night"', '"backup"')
LINE = """
[[line]]
code = "voice"
agency = "HOTLINE"
medium = "voice"
provider = "telephone"
address = "+15550100"
group = "night"
language = "en"
use = "live"
"""
CHAT = """
[[line]]
code = "chat"
agency = "HOTLINE"
medium = "chat"
group = "night"
language = "en"
use = "live"
"""
ALL = PROVIDER + GROUP + LINE + CHAT


def test_a_plan_has_its_lines_groups_and_providers() -> None:
    plan = line_plan.read(ALL, FILE)
    assert set(plan.lines) == {"voice", "chat"}
    assert plan.providers == {"telephone": {"kind": "null"}}
    assert plan.groups["night"].answers_within == datetime.timedelta(hours=2)
    assert plan.groups["night"].queue.longest == datetime.timedelta(minutes=10)
    assert plan.queues("HOTLINE") == {"night": plan.groups["night"].queue}
    assert plan.queues("ANOTHER") == {}


def test_a_line_is_where_its_provider_and_address_say() -> None:
    plan = line_plan.read(ALL, FILE)
    assert plan.at("telephone", "+15550100", line.Medium.VOICE) == plan.lines["voice"]
    assert plan.at("telephone", "+15550100", line.Medium.TEXT) is None
    assert plan.at("telephone", "+15550199", line.Medium.VOICE) is None
    assert plan.at("mail", "+15550100", line.Medium.VOICE) is None


def test_one_address_carries_calls_and_texts() -> None:
    texts = LINE.replace('code = "voice"', 'code = "texts"').replace('medium = "voice"', 'medium = "text"')
    plan = line_plan.read(ALL + texts, FILE)
    assert plan.at("telephone", "+15550100", line.Medium.TEXT) == plan.lines["texts"]


def test_an_empty_file_has_no_lines() -> None:
    assert line_plan.read("", FILE) == line_plan.NOTHING


# What is wrong with the file, and what the refusal has to name.
REFUSED = {
    "no TOML": ("[[", FILE),
    "a key that nobody reads": (ALL + '\n[something]\na = "b"\n', "something"),
    "a misspelt key of a group": (ALL.replace("longest_minutes", "longest_minute"), "longest_minutes"),
    "one key too many in a group": (ALL.replace('name = "Night"', 'name = "Night"\ncolor = "red"'), "color"),
    "one key too many in a line": (ALL.replace('use = "live"', 'use = "live"\ncolor = "red"'), "color"),
    "a provider with a name that is none": (ALL.replace("provider.telephone", 'provider."A B"'), "name it in small"),
    "a provider of no kind": (ALL.replace('kind = "null"', 'host = "x"'), "name the kind of provider"),
    "a provider with a number": (ALL.replace('kind = "null"', 'kind = "null"\nport = 25'), "write it as text"),
    "a group with a code that is none": (ALL.replace('code = "night"', 'code = "The night"'), "small letters"),
    "a group twice": (ALL + GROUP, "one group has it already"),
    "a group of no agency": (ALL.replace('agency = "HOTLINE"\nname', "name"), "agency"),
    "a wait of none": (ALL.replace("longest_minutes = 10", "longest_minutes = 0"), "from 1 to 60"),
    "a wait of more than an hour": (ALL.replace("longest_minutes = 10", "longest_minutes = 61"), "from 1 to 60"),
    "a list for more than three days": (ALL.replace("within_hours = 2", "within_hours = 73"), "from 1 to 72"),
    "a wait that is true": (ALL.replace("longest_minutes = 10", "longest_minutes = true"), "from 1 to 60"),
    "overflow without when": (
        ALL.replace("within_hours = 2", 'within_hours = 2\noverflow = "night"'),
        "overflow_after",
    ),
    "overflow after more than an hour": (
        ALL.replace("within_hours = 2", 'within_hours = 2\noverflow = "night"\noverflow_after_minutes = 61'),
        "from 1 to 60",
    ),
    "overflow into a group that is not there": (
        ALL.replace("within_hours = 2", 'within_hours = 2\noverflow = "day"\noverflow_after_minutes = 2'),
        "day",
    ),
    "overflow into a group of another agency": (
        ALL.replace("within_hours = 2", 'within_hours = 2\noverflow = "backup"\noverflow_after_minutes = 2')
        + BACKUP.replace("HOTLINE", "ANOTHER"),
        "backup",
    ),
    "a line with a code that is none": (ALL.replace('code = "voice"', 'code = "voice!"'), "small letters"),
    "a line twice": (ALL + LINE.replace("+15550100", "+15550101"), "one line has it already"),
    "an address twice": (ALL + LINE.replace('"voice"\nagency', '"other"\nagency'), "one line has it already"),
    "a medium that is none": (ALL.replace('medium = "voice"', 'medium = "fax"'), "voice, text, chat, mail"),
    "a line of no provider": (ALL.replace('provider = "telephone"\n', ""), "provider"),
    "a line of a provider that is not there": (ALL.replace('"telephone"', '"other"'), "stands under"),
    "a line without an address": (ALL.replace('address = "+15550100"\n', ""), "address"),
    "a chat with an address": (ALL + CHAT.replace('"chat"\na', '"other"\naddress = "x"\na'), "address"),
    "a line of a group that is not there": (
        ALL.replace('group = "night"', 'group = "day"'),
        "group of the same agency",
    ),
    "a line of another agency's group": (
        ALL.replace('agency = "HOTLINE"\nmedium', 'agency = "ANOTHER"\nmedium'),
        "group of the same agency",
    ),
    "a line for a use that is none": (ALL.replace('use = "live"', 'use = "fun"'), "live, test, trainee"),
    "a line of no language": (ALL.replace('language = "en"\n', ""), "language"),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_a_file_that_is_wrong_is_refused_with_what_is_wrong(wrong: str) -> None:
    text, named = REFUSED[wrong]
    with pytest.raises(entries.Unreadable) as refusal:
        line_plan.read(text, FILE)
    assert named in str(refusal.value)
    assert FILE in str(refusal.value)
