"""What a page shows to everybody alike, made once for each language: `{% still name=value %}…{% endstill %}`.

The promise: nothing of a page, a visitor or a request is kept here but what the tag names, because nothing else is in
the context that its content sees.
"""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.template import base
from django.utils import safestring, translation

from nowrongdoor.core import language
from nowrongdoor.ui import kept_language

register = template.Library()
LIMIT = 1_000  # addresses may hold anything, so what is kept is bounded
_kept: dict[tuple[object, ...], safestring.SafeString] = {}


class Still(template.Node):
    """Content that depends on the language and on what is `named`, and on nothing else."""

    def __init__(self, content: template.NodeList, named: Mapping[str, base.FilterExpression]) -> None:
        self.content, self.named = content, named

    def render(self, context: template.Context) -> safestring.SafeString:
        """Return what was made before for the same values in the same language, or make it."""
        values = {name: value.resolve(context) for name, value in self.named.items()}
        spoken = (translation.get_language(), language.current(), language.said_instead(), kept_language.asked_for())
        key = (self, *spoken, *values.values())
        if (made := _kept.get(key)) is None:
            if len(_kept) >= LIMIT:
                _kept.clear()
            made = _kept[key] = self.content.render(context.new(values))
        return made


@register.tag
def still(parser: base.Parser, token: base.Token) -> Still:
    """Hold what is the same for everybody who reads one language and for whom the named values are equal. They are all
    that the content sees; each is a text, a number, a truth, or a tuple of these."""
    given = token.split_contents()[1:]
    named = base.token_kwargs(given, parser)
    if given:
        raise template.TemplateSyntaxError(
            f"'still' names what its content sees, like name=value, and not {given[0]!r}"
        )
    content = parser.parse(("endstill",))
    parser.delete_first_token()
    return Still(content, named)


def forget() -> None:
    """Make everything anew: for tests, in which countries and settings change within one process."""
    _kept.clear()
