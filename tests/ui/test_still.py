"""What is the same for everybody is made once for each language, and holds nothing of a page but what it names."""

from __future__ import annotations

import pytest
from django import template
from django.template import engine as engines
from django.test import RequestFactory
from django.utils import translation

from nowrongdoor.core import language
from nowrongdoor.ui import kept_language, still


def page(source: str) -> template.Template:
    return engines.Engine.get_default().from_string(source)


def test_its_content_sees_what_is_named_and_nothing_else_of_the_page() -> None:
    made = page("{% still seen=name %}{{ seen }}, {{ name }}{{ request.path }}{{ viewer }}{% endstill %}")
    request = RequestFactory().get("/secret")
    context = template.RequestContext(request, {"name": "Ada", "viewer": "Zuzana"})
    with context.bind_template(made):
        assert made.render(context) == "Ada, "


def test_it_is_made_once_for_equal_values_and_anew_for_others_and_in_another_language() -> None:
    made = page("{% load i18n %}{% still name=name %}{{ name }} {% translate 'Yes' %} {% now 'u' %}{% endstill %}")

    def shown(name: str) -> str:
        return made.render(template.Context({"name": name}))

    assert shown("Ada") == shown("Ada") != shown("Bea")
    english = shown("Ada")
    with translation.override("es-us"):
        spanish = shown("Ada")
        assert "Sí" in spanish
    assert shown("Ada") == english


@pytest.mark.parametrize("other", [lambda: language.withholding("en-us"), lambda: kept_language.keep("vi")])
def test_a_language_that_safety_is_said_in_or_an_address_asked_for_is_another_page(other: object) -> None:
    made = page("{% still %}{% now 'u' %}{% public_url 'about' %}{% endstill %}")
    first = made.render(template.Context())
    with other():  # type: ignore[operator]
        assert made.render(template.Context()) != first
    assert made.render(template.Context()) == first


def test_two_places_keep_apart_what_they_hold() -> None:
    made = page("{% still %}one{% endstill %} {% still %}two{% endstill %}")
    assert made.render(template.Context()) == made.render(template.Context()) == "one two"


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(still, "LIMIT", 3)
    made = page("{% still number=number %}{{ number }}{% endstill %}")
    assert [made.render(template.Context({"number": number})) for number in range(10)] == list("0123456789")
    assert len(still._kept) <= 3


def test_a_value_without_a_name_is_refused() -> None:
    with pytest.raises(template.TemplateSyntaxError, match="name=value"):
        page("{% still viewer %}{% endstill %}")
