"""Answers to the questions of an older table are read as the new one asks, and each reading is said; nothing is
rewritten, and what nobody can read is told as not asked any more."""

from __future__ import annotations

import itertools
import json
import pathlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowrongdoor.core.mandates import changes, compare, facts, prove, table
from tests import claims
from tests.core.mandates import tables

NWD = pathlib.Path(sys.executable).parent / "nwd"
FILES = table.shipped_files()


def vocabulary(*read_as: facts.ReadAs) -> facts.Vocabulary:
    """Asks who tells us (proxy, bystander), the wish, and whether it is on a vessel. It used to ask for a setting, and
    who tells us could be a third party."""
    asked = {"source": ("proxy", "bystander"), "wish": ("services", "report"), "vessel": ("yes", "no")}
    attributes = tuple(
        facts.Attribute(name, name, "", "", tuple(facts.Value(code, code) for code in (*codes, "unknown")))
        for name, codes in asked.items()
    )
    return facts.Vocabulary(attributes, read_as=read_as)


def older(was: dict[str, str], means: dict[str, str]) -> facts.ReadAs:
    return facts.ReadAs(tuple(was.items()), tuple(means.items()))


BYSTANDER = older({"source": "third_party"}, {"source": "bystander"})
PROXY = older({"source": "third_party", "wish": "services"}, {"source": "proxy"})
VESSEL = older({"setting": "vessel"}, {"vessel": "yes"})
TRUCK = older({"setting": "truck"}, {"vessel": "no"})
NOTHING = older({"debt": "yes"}, {})
ASKED = vocabulary(BYSTANDER, PROXY, VESSEL, TRUCK, NOTHING)


READ = {
    "what is asked still": ({"vessel": "yes", "wish": "unknown"}, {"vessel": "yes"}, []),
    "one answer": ({"setting": "vessel"}, {"vessel": "yes"}, [VESSEL]),
    "an answer of a question that is asked still": ({"source": "third_party"}, {"source": "bystander"}, [BYSTANDER]),
    "the reading that names more": (
        {"source": "third_party", "wish": "services"},
        {"source": "proxy", "wish": "services"},
        [PROXY],
    ),
    "another wish is another reading": (
        {"source": "third_party", "wish": "report"},
        {"source": "bystander", "wish": "report"},
        [BYSTANDER],
    ),
    "two readings": (
        {"source": "third_party", "setting": "truck"},
        {"source": "bystander", "vessel": "no"},
        [BYSTANDER, TRUCK],
    ),
    "what is said in the new questions counts": (
        {"setting": "vessel", "vessel": "no"},
        {"vessel": "no"},
        [older({"setting": "vessel"}, {})],
    ),
    "what nobody reads": ({"moon": "full"}, {}, [older({"moon": "full"}, {})]),
    "what is read as nothing": ({"debt": "yes"}, {}, [NOTHING]),
    "unknown": ({"setting": "unknown", "source": "unknown"}, {}, []),
}


@pytest.mark.parametrize(("told", "known", "readings"), READ.values(), ids=READ)
def test_facts_are_read_as_the_table_asks(
    told: dict[str, str], known: dict[str, str], readings: list[facts.ReadAs]
) -> None:
    kept = dict(told)
    reading = facts.read(told, ASKED)
    assert (reading.facts.known(), list(reading.read_as)) == (known, readings)
    assert told == kept


answers = st.sampled_from(["proxy", "bystander", "third_party", "services", "report", "yes", "no", "vessel", "truck"])
names = st.sampled_from(["source", "wish", "vessel", "setting", "debt", "moon"])


@given(st.dictionaries(names, answers), st.permutations([BYSTANDER, PROXY, VESSEL, TRUCK, NOTHING]))
def test_everything_told_is_kept_read_or_told_and_the_order_of_the_file_is_no_matter(
    told: dict[str, str], entries: list[facts.ReadAs]
) -> None:
    reading = facts.read(told, vocabulary(*entries))
    assert reading.facts.known() == facts.read(told, ASKED).facts.known()
    kept = {name: code for name, code in told.items() if ASKED.asks(name, code)}
    assert kept.items() <= reading.facts.known().items()
    said = {pair for each in reading.read_as for pair in each.was}
    assert set(told.items()) - set(kept.items()) <= said <= set(told.items())
    means = dict(itertools.chain.from_iterable(each.means for each in reading.read_as))
    assert {**kept, **means} == reading.facts.known()


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"vesel": "yes"}, "There is no fact called 'vesel': did you mean 'vessel'?"),
        ({"setting": "boat"}, "There is no fact called 'setting'"),
        ({"source": "thirdparty"}, "'source' cannot be 'thirdparty': write one of proxy, bystander, unknown."),
        ({"vessel": True}, "'vessel' cannot be true"),
        ({"setting": ["vessel"]}, "There is no fact called 'setting'"),
    ],
)
def test_a_mistake_of_a_sender_is_no_older_answer(told: dict[str, object], problem: str) -> None:
    with pytest.raises(facts.FactsError) as refused:
        facts.read_strictly(told, ASKED)
    assert [problem in each for each in refused.value.problems] == [True]


@pytest.mark.parametrize("told", [told for told, _, _ in READ.values() if "moon" not in told])
def test_a_sender_may_still_answer_an_older_table(told: dict[str, str]) -> None:
    assert facts.read_strictly(told, ASKED) == facts.read(told, ASKED)


# --- the file ---

EXTRA = FILES["facts.toml"].replace(
    "# What cannot be true together",
    """[[fact]]
name = "on_vessel"
values = ["yes", "no"]
law = "14 USC 522"
evidence = "statute"

# What cannot be true together""",
)
WORDS = FILES["words/en.toml"].replace(
    "[urgency]",
    """[on_vessel]
question = "Is it on a vessel?"
yes = "on a vessel"
no = "not on a vessel"
unknown = "whether on a vessel unknown"

[urgency]""",
    1,
)
MAPPING = """
[[read_as]]
was = { ship = "yes" }
is = { on_vessel = "yes", vessel = "yes" }

[[read_as]]
was = { debt_bondage = "yes" }
is = {}
"""


def newer(mapping: str = MAPPING) -> dict[str, str]:
    """The shipped table with a question more, and how older answers are read."""
    return FILES | {"facts.toml": EXTRA, "words/en.toml": WORDS, "read_as.toml": mapping}


def test_the_file_is_read_proved_and_counts_in_the_digest() -> None:
    content = table.read(newer())
    assert content.vocabulary.read_as == (
        older({"ship": "yes"}, {"on_vessel": "yes", "vessel": "yes"}),
        older({"debt_bondage": "yes"}, {}),
    )
    assert prove.prove(content).holds
    without = table.read({name: text for name, text in newer().items() if name != "read_as.toml"})
    assert without.digest != content.digest
    assert table.read(newer("")).digest == without.digest
    assert without.vocabulary.digest == content.vocabulary.digest


FAULTS = {
    'was = { labor = "yes" }\nis = { age = "adult" }': "is still one of this table, which would change what people",
    'was = { ship = "yes" }\nis = { vesel = "yes" }': "There is no fact called 'vesel'",
    'was = { ship = "yes" }\nis = { on_vessel = "maybe" }': "'on_vessel' cannot be 'maybe': write one of yes, no",
    'was = { ship = "unknown" }\nis = {}': "'unknown' is read as unknown by itself",
    'was = { ship = "yes" }\nis = { on_vessel = "unknown" }': "'unknown' is read as unknown by itself",
    "was = {}\nis = {}": "'was' names one at least",
    'was = { ship = ["yes"] }\nis = {}': "are answers, like",
    'was = { ship = "yes" }': "and nothing else.",
    'was = { ship = "yes" }\nis = {}\nwhy = "x"': "and nothing else.",
    'was = { ship = "yes" }\nis = {}\n[[read_as]]\nwas = { ship = "yes" }\nis = {}': "are read twice",
}


@pytest.mark.parametrize(("entry", "sentence"), FAULTS.items(), ids=range(len(FAULTS)))
def test_an_entry_that_cannot_be_used_is_refused_in_words(entry: str, sentence: str) -> None:
    with pytest.raises(table.TableError) as refused:
        table.read(newer(f"[[read_as]]\n{entry}\n"))
    (problem,) = refused.value.problems
    assert problem.startswith("read_as.toml, entry ")
    assert sentence in problem


def test_another_section_of_the_file_is_refused() -> None:
    with pytest.raises(table.TableError, match="under \\[\\[read_as\\]\\], and nothing else"):
        table.read(newer("[[readas]]\nwas = {}\n"))


OF_IMPOSSIBLE = """
[[impossible]]
id = "x"
when = { age = ["adult"], visa = ["j1"] }
authority = "none"
evidence = "policy"
sources = []
"""
SAID = '\n[impossible.x]\nsentence = "No."\n'
IMPOSSIBLE_FAULTS = {
    "a misspelt fact": (OF_IMPOSSIBLE.replace("age =", "aeg ="), SAID, "There is no fact called 'aeg'"),
    "a misspelt value": (OF_IMPOSSIBLE.replace("adult", "adlt"), SAID, "'age' cannot be 'adlt'"),
    "no list": (OF_IMPOSSIBLE.replace('["adult"]', '"adult"'), SAID, "'age' needs a list of values"),
    "an empty list": (OF_IMPOSSIBLE.replace('["adult"]', "[]"), SAID, "'age' needs a list of values"),
    "no condition": (OF_IMPOSSIBLE.replace("when =", "if ="), SAID, "'if' is no part of it"),
    "no law": (OF_IMPOSSIBLE.replace('"none"', '""'), SAID, "'authority' is missing"),
    "no evidence": (OF_IMPOSSIBLE.replace('"policy"', '"hearsay"'), SAID, "'evidence' is one or more of"),
    "sources that are no list": (OF_IMPOSSIBLE.replace("[]", '"M01"'), SAID, "'sources' is a list"),
    "no sentence": (OF_IMPOSSIBLE, "", "words/en.toml needs its sentence: write [impossible.x]"),
    "an empty sentence": (OF_IMPOSSIBLE, SAID.replace("No.", " "), "words/en.toml needs its sentence"),
    "the same id twice": (OF_IMPOSSIBLE + OF_IMPOSSIBLE, SAID, "there are two of this id"),
    "words of no entry": (OF_IMPOSSIBLE, SAID + SAID.replace(".x", ".y"), "[impossible.y] is no impossible entry"),
}


@pytest.mark.parametrize(("entry", "words", "sentence"), IMPOSSIBLE_FAULTS.values(), ids=IMPOSSIBLE_FAULTS)
def test_a_declaration_that_cannot_be_read_is_refused_in_words(entry: str, words: str, sentence: str) -> None:
    good = FILES | {
        "facts.toml": FILES["facts.toml"] + OF_IMPOSSIBLE,
        "words/en.toml": FILES["words/en.toml"] + SAID,
    }
    assert table.read(good).vocabulary.impossible[-1].sentence == "No."
    with pytest.raises(table.TableError) as refused:
        table.read(good | {"facts.toml": FILES["facts.toml"] + entry, "words/en.toml": FILES["words/en.toml"] + words})
    assert any(sentence in each for each in refused.value.problems)


def test_a_fact_is_not_called_as_a_section_of_the_words() -> None:
    named = FILES["facts.toml"].replace('name = "labor"', 'name = "impossible"')
    with pytest.raises(table.TableError, match="'impossible' has another meaning"):
        table.read(FILES | {"facts.toml": named})


# --- what the commands and the documents say ---


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "words").mkdir()
    for name, text in newer().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def nwd(told: dict[str, str], folder: pathlib.Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(NWD), "mandates", "decide", "--facts", "-", "--on", "2026-01-15", "--table", str(folder)]
    return subprocess.run([*command, *arguments], input=json.dumps(told), capture_output=True, text=True)


def test_decide_says_what_was_read_as_what(folder: pathlib.Path) -> None:
    told = {"ship": "yes", "labor": "yes", "debt_bondage": "yes"}
    answer = json.loads(nwd(told, folder, "--json").stdout)
    assert answer["facts"] == {"labor": "yes", "vessel": "yes", "on_vessel": "yes"}
    assert answer["read_as"] == [
        {"was": {"ship": "yes"}, "is": {"on_vessel": "yes", "vessel": "yes"}},
        {"was": {"debt_bondage": "yes"}, "is": {}},
    ]
    same = json.loads(nwd(answer["facts"], folder, "--json").stdout)
    assert {**same, "read_as": answer["read_as"]} == answer
    assert same["read_as"] == []
    words = nwd(told, folder).stdout
    assert "ship yes: read as on a vessel, on a vessel." in words
    assert "debt_bondage yes: this table doesn’t ask this any more." in words


def test_what_is_impossible_is_refused_however_it_was_asked(folder: pathlib.Path) -> None:
    mapping = '[[read_as]]\nwas = { minor_alone = "yes" }\nis = { unaccompanied_child = "yes" }\n'
    (folder / "read_as.toml").write_text(mapping, encoding="utf-8")
    done = nwd({"minor_alone": "yes", "age": "adult"}, folder, "--json")
    assert done.returncode == 2
    assert len(json.loads(done.stdout)["refused"]) == 1


def test_a_folder_with_the_mapping_alone_is_told_what_is_missing(folder: pathlib.Path) -> None:
    (folder / "facts.toml").unlink()
    (folder / "words" / "en.toml").unlink()
    done = nwd({}, folder)
    assert done.returncode == 2
    assert "facts.toml, line 1: the file is missing." in done.stderr


def test_a_comparison_reads_past_cases_as_each_table_asks() -> None:
    before, after = table.shipped(), table.read(newer(MAPPING.replace(', vessel = "yes"', ', labor = "yes"')))
    told = facts.parse({"age": "adult", "unaccompanied_child": "yes"}, before.vocabulary)
    result = compare.compare(before, after, [compare.Past("one", told, tables.START)])
    assert (result.cases, result.moves) == (1, ())


def test_a_comparison_takes_what_cannot_be_true_as_unknown() -> None:
    leads = [tables.rule(1, (("a0", ("v0",)),), precedence=1), tables.rule(2, (), precedence=2)]
    before = tables.of(tables.vocabulary(2, 2), leads)
    after = tables.declaring(before, tables.impossible(0, ("a0", ("v0",)), ("a1", ("v0",))))
    told = facts.parse({"a0": "v0", "a1": "v0"}, before.vocabulary)
    (move,) = compare.compare(before, after, [compare.Past("one", told, tables.START)]).moves
    assert (move.before.agency, move.after.agency) == ("A1", "A2")


def test_the_changes_between_two_tables_name_both_sections() -> None:
    before, after = table.shipped(), table.read(newer())
    listed = {(each.kind, each.what, each.id): each.words for each in changes.between(before, after)}
    assert listed[changes.Kind.READ_AS, changes.What.NEW, "ship: yes"] == ("read as on_vessel: yes, vessel: yes")
    assert listed[changes.Kind.READ_AS, changes.What.NEW, "debt_bondage: yes"] == "read as nothing"
    first, *others = before.vocabulary.impossible
    less = tables.declaring(before, *others)
    (change,) = changes.between(before, less)
    assert (change.kind, change.what, change.id) == (changes.Kind.IMPOSSIBLE, changes.What.GONE, first.id)
    assert change.words == first.sentence


def test_the_document_and_the_json_of_a_table_show_both_sections(folder: pathlib.Path) -> None:
    command = [str(NWD), "mandates", "show", "--table", str(folder)]
    document = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "## What cannot be true together" in document
    assert "| `ship` yes | on a vessel; on a vessel |" in document
    assert "| `debt_bondage` yes | nothing |" in document
    everything = json.loads(subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout)
    assert everything["read_as"][0]["was"] == {"ship": "yes"}
    assert claims.every(each["sentence"] and each["citation"] for each in everything["impossible"])
