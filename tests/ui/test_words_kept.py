"""What somebody types into a form of ours is kept when a session ends (ui/unsent.py), so each field has its words."""

from __future__ import annotations

import importlib
import pathlib

from django import forms

import nowrongdoor
from nowrongdoor.ui import unsent
from tests import claims

SOURCE = pathlib.Path(nowrongdoor.__file__).parent
# Forms that take a password, which is never shown again, or that are sent again in one line.
NOT_KEPT = {
    "LinkForm",
    "PasswordForm",
    "SignIn",
    "Code",
    "CodeAgain",
    "CodeForm",
    "ChangePassword",
    "Example",
    "FormOfPerson",
    "TrailForm",
}
# The public door has no session that could end: what is typed travels in its own page (door/kept.py).
WITHOUT_SESSION = "nowrongdoor.door."
# Numbers, carried on with what was picked.
NUMBERS = {"threshold", "replicates", "seed"}


def forms_of_ours() -> list[type[forms.Form]]:
    found: list[type[forms.Form]] = []
    for file in sorted(SOURCE.rglob("*forms.py")):
        module = importlib.import_module(".".join(file.relative_to(SOURCE.parent).with_suffix("").parts))
        found += [
            each
            for each in vars(module).values()
            if isinstance(each, type) and issubclass(each, forms.Form) and each.__module__ == module.__name__
        ]
    return found


def test_every_field_to_write_in_has_its_words_for_when_the_session_ends() -> None:
    written = {
        name
        for form in forms_of_ours()
        if form.__name__ not in NOT_KEPT and not form.__module__.startswith(WITHOUT_SESSION)
        for name, field in form.base_fields.items()
        if isinstance(field.widget, forms.TextInput | forms.Textarea) and not isinstance(field.widget, forms.DateInput)
    }
    assert {"narrative", "because", "purpose", "q", "table"} <= written
    assert claims.every(name in unsent.TEXTS for name in written - NUMBERS), written - NUMBERS - set(unsent.TEXTS)
