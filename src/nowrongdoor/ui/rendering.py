"""How every form of the product is written: one renderer, on the design system (USWDS).

The promise: a field has its label, hint and error beside it, and all three are read out with it; a form that was
not taken says at its top what is wrong, each error leads to its field, and the first of them has the focus.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from django import forms
from django.core import exceptions
from django.forms import renderers

# The design system's class for what a widget writes; what is not listed is written as Django does.
CLASSES: dict[type[forms.Widget], str] = {
    forms.CheckboxSelectMultiple: "usa-checkbox__input usa-checkbox__input--tile",
    forms.RadioSelect: "usa-radio__input usa-radio__input--tile",
    forms.CheckboxInput: "usa-checkbox__input",
    forms.Select: "usa-select",
    forms.Textarea: "usa-textarea",
    forms.FileInput: "chosen-file",
    forms.HiddenInput: "",
    forms.widgets.Input: "usa-input",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Described:
    """The words of a choice with a line below them: `Described("Court order", "A judge signed it.")`. `citation` and
    `evidence` name the law it rests on."""

    words: str
    hint: str = ""
    citation: str = ""
    evidence: str = ""

    def __str__(self) -> str:
        return str(self.words)


DAY = "%Y-%m-%d"  # as browsers send a day, whatever they show


class Day(forms.DateInput):
    """A day, as browsers let one pick it and send it."""

    input_type = "date"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs, format=DAY)


class DayField(forms.DateField):
    """A day, read as browsers send it and in no other way: what 03/04 means is never guessed."""

    widget = Day
    input_formats = (DAY,)


class Moment(forms.DateTimeInput):
    """A day and a time, in the zone of the pages, as browsers let one pick and send them."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class Field(forms.BoundField):
    """A field as the design system has it."""

    @property
    def is_optional(self) -> bool:
        """Return whether the label says that the field may stay empty. A form with `says_optional = False` tells it in
        its own words."""
        return not self.field.required and bool(getattr(self.form, "says_optional", True))

    @property
    def first_id(self) -> str:
        """Return the id of what an error leads to: the field, or the first of its choices."""
        subwidgets = self.subwidgets if self.use_fieldset else ()
        return str(subwidgets[0].id_for_label) if subwidgets else str(self.id_for_label)

    @property
    def has_focus(self) -> bool:
        """Return whether the page begins here: the first field that was not taken, else what the form says
        (`focus_on`)."""
        if self.form.errors:
            return bool(self.errors) and next(field.name for field in self.form if field.errors) == self.name
        return getattr(self.form, "focus_on", "") == self.name

    @property
    def problems(self) -> Sequence[str]:
        """Return what is wrong with the field as sentences that can stand away from it: what Django says in general
        ("This field is required.") is said of the field by its name."""
        defaults: dict[str, object] = {}
        for kind in reversed(type(self.field).__mro__):
            defaults |= getattr(kind, "default_error_messages", {})

        def sentence(error: exceptions.ValidationError) -> str:
            own = self.field.error_messages.get(str(error.code))
            is_general = error.code is not None and (own is None or own is defaults.get(error.code))
            if not is_general:
                return str(error.messages[0])
            colon = "" if str(self.label).endswith(("?", "？", "؟")) else ":"
            return f"{self.label}{colon} {error.messages[0]}"

        return [sentence(error) for error in self.errors.as_data()]

    def build_widget_attrs(
        self, attrs: dict[str, str | bool], widget: forms.Widget | None = None
    ) -> dict[str, str | bool]:
        """Add the class, and the focus where the form begins to be wrong."""
        shown = widget or self.field.widget
        built = super().build_widget_attrs(attrs, widget)
        own = next((words for kind, words in CLASSES.items() if isinstance(shown, kind)), "")
        if own and self.errors and own in ("usa-input", "usa-textarea", "usa-select"):
            own = f"{own} usa-input--error"
        classes = [str(each) for each in (shown.attrs.get("class"), built.get("class"), own) if each]
        if classes:
            built["class"] = " ".join(classes)
        if own:
            built["placeholder"] = False  # the label says it, and stays while somebody types
        if not shown.is_hidden and self.has_focus:
            built["autofocus"] = True
        return built


class Renderer(renderers.TemplatesSetting):
    """Writes forms with the templates of the product (templates/ui/forms, templates/django/forms)."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"
    bound_field_class = Field
