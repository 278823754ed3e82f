"""Files as people make them: each is read for what it says, or refused with a sentence that says what to do."""

from __future__ import annotations

import contextlib
import json
import pathlib

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.core.prevalence import reading, refitting, tables
from nowrongdoor.core.prevalence.estimating import Method, Settings
from nowrongdoor.prevalence import commands
from tests.prevalence import published

pytestmark = pytest.mark.filterwarnings("error")

ROWS = ((1, 0, 0, 5), (0, 1, 0, 6), (0, 0, 1, 7), (1, 1, 0, 2))
MEANT = tables.of_histories(("A", "B", "C"), {1: 5, 2: 6, 4: 7, 3: 2}).digest


def written(header: str, order: tuple[int, ...] = (0, 1, 2, 3), *, by: str = ",", end: str = "\n") -> str:
    return end.join([header, *(by.join(str(row[at]) for at in order) for row in ROWS)]) + end


@pytest.mark.parametrize(
    "text",
    [
        written("A,B,C,n"),
        "\ufeff" + written("A,B,C,count"),
        written("A,B,C,Frequency", end="\r\n"),
        written("A,B,C,n", end="\r"),
        written("A;B;C;COUNT", by=";"),
        written("A\tB\tC\tfreq", by="\t"),
        written("count,A,B,C", (3, 0, 1, 2)),
        written("A,people,B,C", (0, 3, 1, 2)),
        written('"A"," B ",C,total'),
        written("A,B,C,n") + " , , , \n\n",
        written("A,B,C,n").replace(",5", ",5.0").replace(",6", ",6e0"),
        written("A,B,C,n").replace("1,0,0,5", "0,0,0,0\n1,0,0,2\n1,0,0,3"),
        '"","A","B","C","n"\n' + "".join(f'"{at}",{row}\n' for at, row in enumerate(written("x").split()[1:], start=1)),
        "A,B,C,n,,\n" + "".join(f"{row},,\n" for row in written("x").split()[1:]),
    ],
)
def test_a_layout_changes_nothing(text: str) -> None:
    assert reading.read(text).table.digest == MEANT


def test_names_may_hold_the_separator() -> None:
    assert reading.read('"Police, x, y, z";B;count\n1;0;5\n0;1;6\n1;1;7\n').table.names == ("Police, x, y, z", "B")


def test_a_file_of_persons_may_name_them_and_a_file_of_records_may_repeat_itself() -> None:
    persons = reading.read("id,A,B\n17,1,0\n18,0,1\n19,1,1\n")
    records = reading.read("agency,entity_id\nA,17\nB,18\nA,19\nB,19\nB,19\n")
    assert (persons.source.form, records.source.form) == (reading.Form.PERSON, reading.Form.RECORD)
    assert persons.table.digest == records.table.digest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("  \n \n", "is empty"),
        ("A,B,n\n", "nothing below"),
        ("A B C n\n1 0 0 5\n", "one column"),
        ("1,0,5\n0,1,6\n1,1,7\n", "first line holds numbers"),
        (written("A,B,C,n").replace(",5", ',"1,234"'), "without separators"),
        (written("A,B,C,n").replace(",5", ",1_234"), "without separators"),
        (written("A,B,C,n").replace(",5", ",NA"), "'NA' is not a number"),
        (written("A,B,C,n").replace(",5", ","), "'' is not a number"),
        (written("A,B,C,n").replace(",5", ",5.5"), "not a whole number"),
        (written("A,B,C,n").replace(",5", ",-5"), "negative"),
        (written("A,B,C,n").replace(",5", ",inf"), "not a number"),
        (written("A,B,C,n").replace(",5", ",1e16"), "too large"),
        (written("A,B,C,n").replace("1,0,0,5", "1,,0,5"), "'B' says ''"),
        (written("A,B,C,n").replace("1,0,0,5", "0,0,0,5"), "on no list"),
        (written("A,B,C,n").replace("1,0,0,5", "1,0,5"), "Line 2 has 3 columns"),
        ("A,B,C\n1,0,NA\n0,1,0\n0,0,1\n", "Line 2: 'C' says 'NA'"),
        ("A,n\n1,5\n", "one list"),
        ("A,A,n\n1,0,5\n0,1,5\n", "Two columns are named 'A'"),
        ("A,,n\n1,0,5\n0,1,5\n", "no name"),
        (",".join(f"L{at}" for at in range(25)) + "\n" + ",".join("1" * 25) + "\n", "25 lists"),
        ("A,B,C,n\n1,0,0,5\n0,1,0,6\n1,1,0,2\n", "Nobody is on the list 'C'"),
        ("A,B,n\n1,0,5\n1,1,6\n", "Everybody is on the list 'A'"),
        ("A,B,C,n\n1,1,0,5\n0,0,1,4\n", "contain the same people"),
        ("A,B,n\n1,0,0\n0,1,0\n", "every count is zero"),
        ("L,M,N\n1,0,0\n0,1,0\n1,1,0\n0,0,1\n", "The column 'N' holds only 0 and 1"),
        ("id,A,B\n17,1,0\n17,0,1\n", "Line 3: this person has a row already"),
        ("person,list\n1,A\n1,\n2,B\n", "Line 3: a person and a list are needed"),
        ("person,list,day\n1,A,1\n1,B,2\n", "two columns, the person and the list"),
        ('A,B,n\n"1"x,0,5\n', "(line 2)"),
        ('A,B,n\n"1,0,5\n', "unexpected end of data"),
        ("A\x1b[2J,B,n\n1,0,5\n0,1,4\n1,1,1\n", "cannot be shown"),
        ('"A\nB",C,n\n1,0,5\n0,1,4\n1,1,1\n', "cannot be shown"),
        ("A,B,n\n1\x00,0,5\n0,1,4\n", "'A' says '1\\x00'"),
        ("A,B,n\n" + "x" * 200_000 + ",0,1\n", "field larger"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(tables.TableError) as error:
        reading.read(text)
    assert said in str(error.value)


@given(text=st.text(alphabet='01,;\t\n\r" nAB.-e\x00\ufeff', max_size=80))
@settings(max_examples=300)
def test_no_text_makes_it_stumble(text: str) -> None:
    with contextlib.suppress(tables.TableError):
        assert reading.read(text).table.people > 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("a,b,c\n1,2,3\n", "have 3 columns; the table has 4 rows"),
        ("1,2,3,4\n5,6,7,8\n", "first line holds counts"),
        ("a,b,c,d\n1,2,3,x\n", "'x' is not a number"),
        ("a,b,c,d\n0,0,0,0\n", "Line 2: every count is zero"),
        ("estimate,a,b,c,d\nNA,1,2,3,4\n", "'NA' is not a number. Write Inf"),
    ],
)
def test_wrong_replicates_are_refused(text: str, said: str) -> None:
    read = reading.read(written("A,B,C,n"))
    with pytest.raises(tables.TableError) as error:
        refitting.refit(read, text, Settings())
    assert said in str(error.value)


def test_replicates_without_an_end_are_compared() -> None:
    text = "estimate,a,b,c,d\nInf,5,6,7,0\n12,5,6,7,0\n0,5,6,7,2\nInf,5,6,7,2\n"
    found = refitting.refit(reading.read(written("A,B,C,n")), text, Settings(method=Method.INDEPENDENCE))
    assert found.differences is not None
    assert np.isinf(found.estimates[:2]).all()
    assert found.differences.tolist() == [0.0, np.inf, np.inf, np.inf]
    json.dumps(found.as_plain(), allow_nan=False)


@pytest.mark.parametrize(
    ("content", "arguments", "code"),
    [
        (written("A,B,C,n").encode(), ["--bootstrap", "20"], 0),
        (written("A,B,C,n").encode("utf-16"), ["--bootstrap", "20"], 0),
        (b"A\xff,B,n\n1,0,5\n", [], 2),
        (b"", [], 2),
        (b"A,B,C,n\n1,0,0,5\n0,1,0,6\n0,0,1,7\n", [], 1),
        (b"A,B,n\n1,0,5\n0,1,6\n1,1,2\n", [], 1),
        (b"A,B,n\n1,0,5\n0,1,6\n1,1,2\n", ["--method", "independence", "--bootstrap", "20"], 0),
        (b"A,B,n\n1,0,5\n0,1,6\n", ["--method", "independence"], 1),
    ],
)
def test_the_command_ends_with_a_result_or_a_sentence(
    tmp_path: pathlib.Path, content: bytes, arguments: list[str], code: int
) -> None:
    file = tmp_path / "lists.csv"
    file.write_bytes(content)
    result = CliRunner().invoke(commands.prevalence, ["estimate", str(file), "--json", *arguments])
    assert result.exit_code == code
    assert not isinstance(result.exception, Exception)
    if code < 2:
        assert (json.loads(result.stdout)["estimate"] is None) == (code == 1)
    else:
        assert "lists.csv cannot be" in result.stderr


def test_every_published_file_is_read() -> None:
    assert [published.table(name).people for name in published.NAMES] == [4400, 185, 185, 2744, 2744]


PEOPLE = [f"{row},{19 + at % 40}" for at, row in enumerate(["1,0,0", "0,1,0", "0,0,1", "1,1,0"] * 30)]


@pytest.mark.parametrize("name", ["age", "year", "children", "n", "people", "total"])
def test_a_number_about_a_person_is_never_taken_for_a_count(name: str) -> None:
    text = "\n".join([f"Police,NGO,Health,{name}", *PEOPLE])
    with pytest.raises(tables.TableError) as error:
        reading.read(text)
    assert f'--counts "{name}"' in str(error.value)
    assert f'--leave-out "{name}"' in str(error.value)
    person = reading.read(text, reading.Declared(leave_out=(name,)))
    assert (person.source.form, person.table.people) == (reading.Form.PERSON, 120)
    counted = reading.read(text, reading.Declared(counts=name))
    assert (counted.source.form, counted.table.people > 2_000) == (reading.Form.HISTORY, True)
    assert name in person.source.words
    assert "Check that a row is not one person" in counted.source.words


def test_distinct_rows_with_an_unnamed_number_are_no_counts_either() -> None:
    text = "A,B,C,x\n1,0,0,33\n0,1,0,19\n0,0,1,52\n1,1,0,40\n"
    with pytest.raises(tables.TableError, match="could say how many people each row stands for"):
        reading.read(text)
    assert reading.read(text.replace(",x", ",count")).table.people == 144


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (written("A,B,C,n") + "Total,,,20\n", "Line 6 looks like a total of the other rows (it says 'Total')"),
        (written("A,B,C,n") + ",,,20\n", "Line 6 looks like a total of the other rows (it has a count and no lists)"),
        (written("A,B,C,n").replace("1,0,0,5", "1,,0,5"), "may mean that nobody looked"),
        (written("A,B,C,n").replace(",5", ',"1,234"'), "(1234?)"),
        ("history,count\n1,30\n10,80\n100,9\n101,5\n", "drops zeros in front"),
        ("Police,age,NGO\n1,33,0\n0,19,1\n1,52,1\n", "The column 'age' is not a list: it holds '33', '19' and '52'"),
        ("Police,police,n\n1,0,5\n0,1,4\n1,1,2\n", "named alike"),
    ],
)
def test_the_real_cause_is_said(text: str, said: str) -> None:
    with pytest.raises(tables.TableError) as error:
        reading.read(text)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (written("A,B,C,n").replace("1,", "TRUE,").replace("0,", "FALSE,"), "TRUE was read as 1."),
        (written("A,B,C,n").replace("1,", "yes,").replace("0,", "no,"), "no was read as 0."),
        ("A,B,C,n\n1.0,0,0,5\n0,1.0,0,6\n0,0,1.0,7\n1.0,1.0,0,2\n", "1.0 was read as 1."),
    ],
)
def test_other_words_for_1_and_0_are_read_and_said(text: str, said: str) -> None:
    found = reading.read(text)
    assert found.table.digest == MEANT
    assert said in found.source.words


def test_histories_as_strings_and_ids_and_two_spellings_are_read_and_said() -> None:
    strings = reading.read("history,count\n100,5\n010,6\n001,7\n110,2\n")
    assert strings.table.counts.tolist() == reading.read(written("A,B,C,n")).table.counts.tolist()
    assert "Each digit of 'history' was read as one list, in order." in strings.source.words
    named = reading.read("Case Number,A,B\nP1,1,0\nP2,0,1\nP3,1,1\n")
    assert "'Case Number' differs on every row" in named.source.words
    last = reading.read("A,B,id\n1,0,17\n0,1,18\n1,1,19\n")
    assert last.table.digest == named.table.digest
    records = reading.read(
        "person_id,agency\n1,Police\n1,ngo\n2,police \n3,NGO\n3,Police\n2,NGO\n4,Police\n5,NGO\n5,ngo\n"
    )
    assert records.table.names == ("NGO", "Police")
    assert "'police' was read as 'Police' (1 records)." in records.source.words


def test_utf_16_is_read_and_other_bytes_are_refused_with_the_place() -> None:
    assert reading.read(reading.decode(written("A,B,C,n").encode("utf-16"))).table.digest == MEANT
    with pytest.raises(reading.NotText, match="Byte 2 is not UTF-8"):
        reading.decode(b"A\xff,B,n\n")
