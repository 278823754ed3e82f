"""How every form of the product is written: one renderer, on the U.S. Web Design System.

The promise: a field has its label, hint and error beside it, and all three are read out with it; a form that was
not taken says at its top what is wrong, each error leads to its field, and the first of them has the focus.
"""

from __future__ import annotations

import dataclasses

from django import forms
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


class Day(forms.DateInput):
    """A day, as browsers let one pick it and send it."""

    input_type = "date"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


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
    def is_first_wrong(self) -> bool:
        """Return whether this is the first field of its form that was not taken."""
        return bool(self.errors) and next(field.name for field in self.form if field.errors) == self.name

    def build_widget_attrs(self, attrs: dict[str, object], widget: forms.Widget | None = None) -> dict[str, object]:
        """Add the class, and the focus where the form begins to be wrong."""
        shown = widget or self.field.widget
        built: dict[str, object] = super().build_widget_attrs(attrs, widget)
        own = next((words for kind, words in CLASSES.items() if isinstance(shown, kind)), "")
        if own and self.errors and own in ("usa-input", "usa-textarea", "usa-select"):
            own = f"{own} usa-input--error"
        classes = [str(each) for each in (shown.attrs.get("class"), built.get("class"), own) if each]
        if classes:
            built["class"] = " ".join(classes)
        if not shown.is_hidden and self.is_first_wrong:
            built["autofocus"] = True
        return built


class Renderer(renderers.TemplatesSetting):
    """Writes forms with the templates of the product (templates/ui/forms, templates/django/forms)."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"
    bound_field_class = Field
