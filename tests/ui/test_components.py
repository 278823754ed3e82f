"""Components as templates use them, and forms as the renderer writes them."""

from __future__ import annotations

import html.parser
import re
from collections.abc import Mapping

import pytest
from django import forms, template
from django.template import engines

from nowrongdoor.ui import components, rendering


def made(source: str, **context: object) -> str:
    """What a template makes of a component."""
    return engines["django"].from_string(source).render(context)


class Tags(html.parser.HTMLParser):
    """The tags of a page, each with what it carries."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, Mapping[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[Mapping[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    def ids(self) -> set[str | None]:
        return {attrs.get("id") for _, attrs in self.tags}


class Asked(forms.Form):
    name = forms.CharField(label="Full name", help_text="As they say it.")
    urgent = forms.ChoiceField(
        label="How soon?", choices=[("now", "Now"), ("later", "Later")], widget=forms.RadioSelect
    )
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.Select)
    words = forms.CharField(label="Words", widget=forms.Textarea, required=False)
    agrees = forms.BooleanField(label="Agrees", error_messages={"required": "Ask whether they agree."})


@pytest.mark.parametrize("kind", components.ALERTS)
def test_an_alert_says_its_kind_and_its_words(kind: str) -> None:
    page = made("{% alert kind heading=heading %}<p>Words</p>{% endalert %}", kind=kind, heading="A & B")
    assert f"usa-alert--{kind}" in page
    assert "A &amp; B</h2>" in page
    assert "<p>Words</p>" in page
    assert "role=" not in page


def test_a_state_that_no_component_has_is_refused_with_those_there_are() -> None:
    with pytest.raises(components.NoSuchState, match="info, success, warning, error, emergency"):
        made('{% alert "urgent" %}x{% endalert %}')
    with pytest.raises(components.NoSuchState, match="outline"):
        made('{% action_form "/" "Accept" "red" %}{% endaction_form %}')


def test_what_people_wrote_is_never_markup() -> None:
    bad = "<script>alert(1)</script>"
    page = made(
        "{% card bad %}{{ bad }}{% endcard %}{% status_tag bad %}{% breadcrumbs here=bad %}{% crumb '/' bad %}"
        "{% endbreadcrumbs %}{% data_table bad bad %}{% row %}{% cell bad %}{{ bad }}{% endcell %}{% endrow %}"
        "{% enddata_table %}{% evidence bad %}{% empty_state bad %}{% endempty_state %}",
        bad=bad,
    )
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 11


def test_each_word_of_evidence_explains_itself_once_on_the_page() -> None:
    page = Tags(made('{% evidence "statute+unverified" %}{% evidence "statute" %}{% evidence_explained %}'))
    leads = [button["popovertarget"] for button in page.of("button")]
    assert leads == ["explained-statute", "explained-unverified", "explained-statute"]
    assert set(leads) <= page.ids()
    assert [each["type"] for each in page.of("button")] == ["button"] * 3  # so that none sends a form
    assert len(page.of("p")) == len(components.EVIDENCE)


def test_evidence_that_nobody_knows_is_shown_as_it_is() -> None:
    assert made('{% evidence "rumor" %}') == '<span class="usa-tag">rumor</span>'
    assert made('{% evidence "" %}') == ""


def test_every_cell_of_a_table_has_the_words_of_its_column() -> None:
    page = Tags(
        made(
            '{% data_table "Duties" "Agency" "#Cases" %}{% row %}{% row_heading "Agency" %}HSI{% endrow_heading %}'
            '{% cell "#Cases" %}3{% endcell %}{% endrow %}{% enddata_table %}'
        )
    )
    assert [each["data-label"] for each in (*page.of("td"), *page.of("th")) if "data-label" in each] == [
        "Cases",
        "Agency",
    ]
    assert page.of("td")[0]["class"] == "number"


def test_a_pager_of_one_page_is_nothing() -> None:
    assert made("{% pager %}") == ""
    assert 'rel="next"' in made('{% pager next="?page=2" %}')


def test_a_form_says_beside_each_field_and_at_its_top_what_is_wrong() -> None:
    form = Asked({"name": "", "kind": "z", "urgent": ""}, auto_id="x-%s")
    page = made("{{ form }}", form=form)
    tags = Tags(page)
    described = [each["aria-describedby"] for _, each in tags.tags if "aria-describedby" in each]
    assert described == ["x-name_helptext x-name_error", "x-urgent_error", "x-kind_error", "x-agrees_error"]
    assert {each for words in described if words for each in words.split()} <= tags.ids()
    leads = [str(each["href"]) for each in tags.of("a")]
    assert leads == ["#x-name", "#x-urgent_0", "#x-kind", "#x-agrees"]
    assert {each.removeprefix("#") for each in leads} <= {str(each) for each in tags.ids()}
    # What Django says in general is said of the field; a sentence of its own stands alone.
    assert "Full name: This field is required." in page
    assert "How soon? This field is required." in page
    assert '<a href="#x-agrees">Ask whether they agree.</a>' in page


def test_the_first_wrong_field_alone_has_the_focus() -> None:
    page = Tags(made("{{ form }}", form=Asked({"name": "Ada"}, auto_id="x-%s")))
    assert [each["id"] for _, each in page.tags if "autofocus" in each] == ["x-urgent_0"]
    page = Tags(made("{{ form }}", form=Asked(auto_id="x-%s")))
    assert [each["id"] for _, each in page.tags if "autofocus" in each] == []


def test_an_error_summary_says_each_sentence_once() -> None:
    form = Asked({"name": "Ada"}, auto_id="x-%s")
    form.is_valid()
    for name in ("urgent", "kind"):
        form.add_error(name, "These two cannot both be true.")
    page = made("{% error_summary form %}{% fields form %}", form=form)
    top, _, fields = page.partition("<fieldset")
    assert top.count("These two cannot both be true.") == 1
    assert fields.count("These two cannot both be true.") == 2


def test_a_form_that_is_right_has_no_summary() -> None:
    assert made("{% error_summary form none %}", form=Asked(), none=None) == ""


def test_a_field_that_may_stay_empty_says_so_unless_its_form_does() -> None:
    assert re.findall(r"(\w+) <span class=\"usa-hint\">\(optional\)", made("{{ form }}", form=Asked())) == ["Words"]
    quiet = Asked()
    quiet.says_optional = False  # type: ignore[attr-defined]
    assert "(optional)" not in made("{{ form }}", form=quiet)


def test_a_choice_may_bring_its_law() -> None:
    class Grounds(forms.Form):
        ground = forms.ChoiceField(
            widget=forms.RadioSelect,
            choices=[("court", rendering.Described("A court orders it", "Attach it.", "28 CFR 94.115", "statute"))],
        )

    page = made("{{ form }}", form=Grounds())
    assert "A court orders it<span" in page
    assert '28 CFR 94.115 <button type="button" class="usa-tag explained statute"' in page
    label = page.partition("<label")[2].partition("</label>")[0]
    assert "<button" not in label  # a button in a label would answer the question


def test_an_act_carries_the_token_and_the_way_back() -> None:
    page = Tags(made('{% action_form "/x" "Accept lead" back="/worklist" %}{% endaction_form %}', csrf_token="t" * 64))
    hidden = {each["name"]: each["value"] for each in page.of("input")}
    assert hidden == {"csrfmiddlewaretoken": "t" * 64, "back": "/worklist"}


def test_a_component_that_is_not_closed_is_a_fault_of_the_template() -> None:
    with pytest.raises(template.TemplateSyntaxError):
        made('{% alert "info" %}')
