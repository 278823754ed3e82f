"""The public pages on which somebody writes to us: what is sent, what is not, and what stays in the browser."""

from __future__ import annotations

import datetime
import gzip
import html
import pathlib
import re

import pytest
from django.db import connection
from django.test import Client
from django.test import utils as test_utils
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.core import doors, receipts, short_codes
from nowrongdoor.door import flow, forms, kept, telling
from nowrongdoor.mailbox import openers, unfinished
from nowrongdoor.mailbox.models import Mailbox, Unfinished
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals import reaching
from nowrongdoor.signals.models import Signal
from nowrongdoor.ui import kept_language
from nowrongdoor.vault import keys
from tests.door import walking
from tests.leads import stories

WROTE = "They keep my passport. Zuzana knows."
pytestmark = pytest.mark.django_db


def the_signal() -> Signal:
    with row_security.system():
        return Signal.objects.get()


def told_of(signal: Signal) -> reaching.Telling:
    return reaching.of(signal.id, by=stories.person("HOTLINE"), at=timezone.now())


def written(stance: str = "person", **answers: str) -> walking.Visitor:
    """Somebody who answered what is named and skipped the rest, and has their answers before them."""
    visitor = walking.Visitor()
    visitor.answer(stance=stance)
    while visitor.at != "check":
        names = forms.FORMS[_screen(visitor.at)].base_fields if "agency" not in visitor.at else [visitor.at[7:]]
        typed = {name: answers[name] for name in names if name in answers}
        visitor.answer(**typed) if typed else visitor.send(do="skip")
        assert visitor.page.status_code == 200
    return visitor


def _screen(name: str) -> flow.Screen:
    return flow.Screen(name.partition("-")[0])


def test_what_a_person_sends_arrives_at_the_hotline_and_its_receipt_opens_the_mailbox() -> None:
    visitor = written(words=WROTE, place="Elko, NV", urgency="within_24h")
    visitor.send(do="send")
    signal = the_signal()
    assert (signal.receiver.code, signal.channel, signal.state, signal.district) == ("HOTLINE", "web", "NV", "")
    assert signal.facts == {"source": "survivor", "urgency": "within_24h"}
    assert len(visitor.receipt.split()) == 8
    receipt = visitor.receipt
    visitor.page = visitor.client.get("/mailbox")
    visitor.send("/mailbox", receipt=receipt.replace(" ", "-").upper())
    assert visitor.page.status_code == 200
    assert "We got what you sent" in visitor.words


def test_silence_is_no_wish_and_the_choice_of_help_alone_is_said() -> None:
    written(words=WROTE).send(do="send")
    assert "wishes" not in the_signal().facts
    with row_security.system():
        assert Mailbox.objects.get().stance == "person"


@pytest.mark.parametrize(
    ("answers", "facts"),
    [
        ({"wish": "help"}, {"wishes": "services_only"}),
        (
            {"wish": "report"},
            {"wishes": "report_agreed", "wish_police": "no", "wish_federal": "no", "wish_immigration": "no"},
        ),
        (
            {"wish": "report", "wish_police": "yes", "wish_immigration": "no"},
            {"wishes": "report_agreed", "wish_police": "yes", "wish_federal": "no", "wish_immigration": "no"},
        ),
    ],
)
def test_no_agency_may_be_told_that_nobody_said_yes_to(answers: dict[str, str], facts: dict[str, str]) -> None:
    written(words=WROTE, **answers).send(do="send")
    assert the_signal().facts == {"source": "survivor", **facts}


def test_a_wish_that_was_taken_back_before_sending_is_not_sent() -> None:
    visitor = written(words=WROTE, wish="report", wish_police="yes")
    visitor.send(change="wish")
    visitor.answer(wish="help")
    assert visitor.at == "check"
    assert "Do you want the police" not in visitor.words
    visitor.send(do="send")
    assert the_signal().facts == {"source": "survivor", "wishes": "services_only"}


@pytest.mark.parametrize(("safe", "is_kept"), [("yes", True), ("no", False), ("", False)])
def test_how_to_reach_somebody_is_kept_only_where_they_said_that_it_is_safe(safe: str, *, is_kept: bool) -> None:
    visitor = written(words=WROTE, reach_safe="yes", reach_number="555 0100", reach_until="7")
    visitor.send(change="reach")
    visitor.answer(reach_safe=safe)
    visitor.send(do="send")
    known = told_of(the_signal())
    assert (known.way_back.get("reach_number") == "555 0100") is is_kept
    assert (known.until is not None) is is_kept


def test_who_speaks_for_a_person_says_whether_they_know_and_are_safe() -> None:
    written("proxy", words=WROTE, proxy_knows="no", proxy_police="no", proxy_children="yes").send(do="send")
    assert the_signal().facts["source"] == "proxy"
    answers = told_of(the_signal()).answers
    assert answers == {"proxy_knows": "no", "proxy_police": "no", "proxy_children": "yes"}


def test_an_official_says_where_they_work_and_hears_that_their_own_report_stays_theirs() -> None:
    visitor = written("official", words=WROTE, job="school")
    assert "doesn’t replace a report that a law requires" in visitor.words
    visitor.send(do="send")
    assert the_signal().facts["source"] == "school"
    assert "doesn’t replace a report that a law requires" in visitor.words


def test_an_official_of_another_line_of_work_is_shown_that_answer_and_it_is_no_fact() -> None:
    visitor = written("official", words=WROTE, job=forms.OTHER_JOB)
    assert "Where do you work? Something else" in visitor.words
    visitor.send(do="send")
    assert visitor.receipt
    assert "source" not in the_signal().facts


def test_a_bystander_is_told_what_they_will_learn_and_no_agency_by_name() -> None:
    visitor = written("bystander", words=WROTE)
    visitor.send(do="send")
    main = visitor.words.partition("We got it")[2].partition("In danger now")[0]
    assert "we can’t tell you more than that" in main
    assert "Hotline" not in main.partition("I’d rather keep nothing")[0]


def test_the_same_page_sent_again_is_one_signal_and_the_same_receipt() -> None:
    visitor = written(words=WROTE)
    before = dict(visitor.hidden)
    first = visitor.send(do="send").content
    receipt = visitor.receipt
    visitor.send(**before, do="send")
    assert visitor.page.status_code == 200
    assert (visitor.receipt, bool(first)) == (receipt, True)
    assert the_signal().channel == "web"  # there is one


def test_whoever_sent_it_before_with_other_words_can_send_these_as_a_correction() -> None:
    visitor = written(words=WROTE)
    before = dict(visitor.hidden)
    visitor.send(do="send")
    visitor.send(**before, change="what")
    visitor.answer(words="It was another house.")
    visitor.send(do="send")
    assert visitor.page.status_code == 409
    assert "It was another house." in visitor.words
    visitor.send("/mailbox", do="correct", words="It was another house.")
    assert visitor.page.status_code == 200
    assert "Your correction was sent." in visitor.words


def test_nothing_is_written_before_it_is_sent_and_nothing_stays_in_the_browser() -> None:
    with test_utils.CaptureQueriesContext(connection) as captured:
        visitor = written(words=WROTE, place="Elko, NV", wish="report", reach_safe="no")
    wrote = [each["sql"] for each in captured if re.match(r"\s*(INSERT|UPDATE|DELETE)", each["sql"])]
    assert [each for each in wrote if "rate_limit" not in each] == []  # how often an address knocked
    assert visitor.client.cookies == {}
    assert "csrfmiddlewaretoken" not in visitor.page.content.decode()
    assert "no-store" in visitor.page["Cache-Control"]
    visitor.send(do="send")
    assert visitor.client.cookies == {}


def test_a_page_tells_nothing_of_earlier_answers_in_its_source() -> None:
    visitor = walking.Visitor()
    visitor.answer(stance="person")
    visitor.answer(words=WROTE)
    assert visitor.at == "where"
    assert "Zuzana" not in visitor.page.content.decode()
    assert "survivor" not in visitor.page.content.decode()
    state = kept.open_field(visitor.hidden["kept"], at=timezone.now())
    assert state.answers["words"] == WROTE


@pytest.mark.parametrize("how", ["changed", "too old", "of a mailbox", "missing"])
def test_a_field_that_is_not_ours_or_too_old_begins_again_with_what_was_typed(how: str) -> None:
    visitor = walking.Visitor()
    visitor.answer(stance="person")
    now = timezone.now()
    state = kept.open_field(visitor.hidden["kept"], at=now)
    field = {
        "changed": visitor.hidden["kept"][:-4] + "AAA=",
        "too old": kept.seal(state, at=now - kept.LASTS - datetime.timedelta(minutes=1)),
        "of a mailbox": kept.seal_visit(kept.Visit(openers.of(state.receipt)), at=now),
        "missing": "",
    }[how]
    visitor.answer(kept=field, words=WROTE)
    assert visitor.page.status_code == 422
    assert "open for too long" in visitor.words
    assert "<title>Error:" in visitor.page.content.decode()
    visitor.answer(stance="person")
    assert WROTE in html.unescape(visitor.page.content.decode())


def test_a_field_of_almost_a_day_ago_still_opens() -> None:
    state = kept.begun()
    sealed = kept.seal(state, at=timezone.now() - kept.LASTS + datetime.timedelta(minutes=1))
    assert kept.open_field(sealed, at=timezone.now()) == state


def test_what_another_site_sends_without_our_field_is_not_put_on_the_page() -> None:
    answer = Client().post("/tell", {"at": "what", "words": WROTE}, headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 422
    hidden = html.unescape(re.findall(r'name="kept" value="([^"]*)"', answer.content.decode())[0])
    assert kept.open_field(hidden, at=timezone.now()).answers == {}


def test_what_was_saved_opens_with_its_receipt_on_another_device_and_goes_when_it_is_sent() -> None:
    visitor = walking.Visitor()
    visitor.answer(stance="person")
    visitor.send(do="save", words=WROTE)
    receipt = visitor.receipt
    with row_security.system():
        assert Signal.objects.count() == 0
    other = walking.Visitor("/tell/resume")
    other.send("/tell/resume", receipt=receipt)
    assert other.at == "where"  # what was typed when it was saved is answered
    while other.at != "check":
        other.send(do="skip")
    assert WROTE in other.words
    other.send(do="send")
    assert other.receipt == receipt
    again = walking.Visitor("/tell/resume")
    again.send("/tell/resume", receipt=receipt)
    assert again.page.status_code == 422


def test_the_answer_to_her_own_question_is_not_saved_so_whoever_finds_the_receipt_does_not_read_it() -> None:
    visitor = walking.Visitor()
    visitor.answer(stance="person")
    while visitor.at != "safety":
        visitor.send(do="skip")
    visitor.send(do="save", question="What was the hen called?", answer="Cinnamon")
    assert "anybody who has this receipt can read what you saved" in visitor.words
    assert "Cinnamon" not in unfinished.open_again(openers.of(receipts.read(visitor.receipt)))
    other = walking.Visitor("/tell/resume")
    other.send("/tell/resume", receipt=visitor.receipt)
    assert other.at == "safety"  # the question is still there; whoever wrote it answers it again
    assert "What was the hen called?" in html.unescape(other.page.content.decode())
    assert "Cinnamon" not in other.page.content.decode()
    other.answer(question="What was the hen called?", answer="")
    assert "Enter the answer to your question" in other.words
    visitor.send(do="", change="safety", at="check")
    assert "Cinnamon" in visitor.page.content.decode()  # on her own page, it is as she typed it


def test_only_whoever_speaks_of_others_is_asked_what_they_saw() -> None:
    own, other = walking.Visitor(), walking.Visitor()
    own.answer(stance="person")
    other.answer(stance="bystander")
    assert own.at == other.at == "what"
    assert "What did you see or hear?" in other.words
    assert "What did you see or hear?" not in own.words


def test_a_stop_takes_away_what_was_saved_too() -> None:
    visitor = walking.Visitor()
    visitor.answer(stance="person")
    visitor.send(do="save", words=WROTE)
    receipt = receipts.read(visitor.receipt)
    opener = openers.of(receipt)
    assert WROTE in unfinished.open_again(opener)
    visitor.send(do="stop")
    assert "You stopped" in visitor.words
    assert WROTE not in visitor.page.content.decode()
    assert visitor.hidden == {}
    with pytest.raises(unfinished.NothingKept):
        unfinished.open_again(opener)
    assert not Unfinished.objects.exists()


def test_every_question_but_the_first_can_be_skipped() -> None:
    visitor = walking.Visitor()
    visitor.send(do="skip")
    assert visitor.page.status_code == 422
    assert visitor.at == "who"
    for stance in ("person", "proxy", "bystander", "official"):
        written(stance).send(do="send")
    with row_security.system():
        assert Signal.objects.count() == 4


def test_a_receipt_is_not_shown_to_whoever_wants_none() -> None:
    visitor = written(words=WROTE)
    visitor.send(do="quiet")
    assert visitor.page.status_code == 200
    assert visitor.receipt == ""
    assert "We show you no receipt" in visitor.words
    assert the_signal().channel == "web"


def test_what_does_not_fit_is_said_beside_the_field_and_nothing_typed_is_lost() -> None:
    visitor = walking.Visitor()
    visitor.answer(stance="person")
    long = "x" * (forms.WORDS_LIMIT + 1)
    for do in ("next", "back", "save", "show"):
        page = walking.Visitor.send(visitor, do=do, words=long)
        assert page.status_code == 422
        assert long in page.content.decode()
        assert "<title>Error:" in page.content.decode()
        assert 'href="#id_words"' in page.content.decode()


def test_a_place_that_fits_several_is_asked_about_and_one_that_fits_none_is_kept_as_written() -> None:
    visitor = walking.Visitor()
    visitor.answer(stance="bystander")
    visitor.send(do="skip")
    visitor.answer(place="Springfield")
    assert (visitor.page.status_code, visitor.at) == (422, "where")
    visitor.answer(place="Springfield", place_code="IL")
    assert visitor.at == "urgency"
    visitor.send(do="back")
    assert 'value="IL"' in visitor.page.content.decode()
    visitor.answer(place="The old mill")
    assert visitor.at == "urgency"


def test_the_code_of_a_door_is_kept_with_the_mailbox_and_anything_else_is_not() -> None:
    code = short_codes.complete("K7QM2")
    for given, heard in ((code, code), (code[:-1] + "?", ""), ("<script>", "")):
        visitor = walking.Visitor(f"/tell?d={given}")
        visitor.answer(stance="bystander")
        while visitor.at != "check":
            visitor.send(do="skip")
        visitor.send(do="send")
        with row_security.system():
            assert Mailbox.objects.latest("opened_at").heard == heard


def test_the_language_of_the_address_stays_without_a_cookie() -> None:
    visitor = walking.Visitor("/tell?in=es-us")
    page = visitor.page.content.decode()
    assert 'lang="es-us"' in page
    action = re.search(r'action="([^"]*)"[^>]*id="screen"', page)
    assert action is not None
    assert html.unescape(action[1]) == "/tell?in=es-us"
    visitor.send("/tell?in=es-us", do="next", stance="person")
    assert visitor.page["Content-Language"] == "es-us"
    visitor.send("/tell?in=en-us", do="show", words=WROTE)
    assert visitor.page["Content-Language"] == "en-us"
    assert WROTE in visitor.words
    assert visitor.client.cookies == {}


def test_the_way_in_is_on_the_front_page_and_danger_and_the_word_to_minors_come_before_the_first_question() -> None:
    home = Client().get("/").content.decode()
    assert 'href="/tell"' in home
    assert "doesn’t take reports" not in home
    words = walking.Visitor().words
    order = [words.index(each) for each in ("Call 911", "not everywhere", "under 18", "Who are you?")]
    assert order == sorted(order)
    assert order[-1] > 0


def test_the_first_page_is_light_enough_for_a_slow_phone() -> None:
    page = Client().get("/tell").content
    static = pathlib.Path(kept_language.__file__).parent / "static" / "nwd"
    loaded = re.findall(r'(?:src|href)="/static/nwd/([^"]+)"', page.decode())
    files = [gzip.compress((static / each).read_bytes()) for each in loaded]
    assert len(files) >= 3
    assert len(gzip.compress(page)) + sum(map(len, files)) < 100_000


def at_the_flight_door(stance: str = "bystander", **headers: str) -> tuple[walking.Visitor, doors.Door]:
    door = next(each for each in doors.installed().each if each.id == "flight")
    visitor = walking.Visitor(f"/tell?d={door.code}", **headers)
    visitor.answer(stance=stance)
    return visitor, door


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_the_form_of_a_door_asks_arrives_under_its_questions_in_the_words_of_the_agencies(language: str) -> None:
    visitor, door = at_the_flight_door(**{"accept-language": language})
    assert visitor.at == f"details-{door.code}"
    asked = {forms.detail(ask): ask.words for ask in door.asks}
    for words in asked.values():
        assert (words in visitor.words) is (language == "en")
    visitor.answer(detail_flight="Blue Air 12", detail_seat="23C")
    assert visitor.at == "what"
    visitor.answer(words=WROTE)
    while visitor.at != "check":
        visitor.send(do="skip")
    assert "Blue Air 12" in visitor.words
    visitor.send(do="send")
    signal = the_signal()
    place = signals.place_of(signal.id, "narrative", signal.receiver_id)
    narrative = keys.open_all([signal.id])[signal.id].open(signal.narrative, place)
    with row_security.system():
        assert Mailbox.objects.get().heard == door.code
    assert narrative == f"{WROTE}\n\n{asked['detail_flight']}: Blue Air 12\n{asked['detail_seat']}: 23C"
    assert signal.facts == {"source": "bystander"}


@pytest.mark.parametrize("stance", ["person", "proxy"])
def test_whoever_needs_help_is_asked_nothing_more_because_of_the_card_they_found(stance: str) -> None:
    visitor, _door = at_the_flight_door(stance)
    assert "details" not in visitor.at


def test_details_typed_on_a_page_that_was_open_for_too_long_come_up_again() -> None:
    visitor, door = at_the_flight_door()
    visitor.answer(kept="older", detail_flight="Blue Air 12")
    assert "open for too long" in visitor.words
    visitor.answer(stance="bystander")
    assert visitor.at == f"details-{door.code}"
    assert "Blue Air 12" in visitor.page.content.decode()


def test_a_way_back_that_nobody_called_safe_is_kept_neither_by_the_way_nor_by_the_contact() -> None:
    """Two guards, of which each alone is enough: the screen is not on the way, and its answers are not kept."""
    answers = {"stance": "bystander", "reach_safe": "no", "reach_number": "775-555-0100", "reach_until": "7"}
    asked = {step.screen for step in telling.steps_of(kept.State("key", b"", answers=answers))}
    assert flow.Screen.HOW not in asked
    assert telling.way_back(answers, timezone.now()) is None
    assert telling.way_back({**answers, "reach_safe": "yes"}, timezone.now()) is not None
