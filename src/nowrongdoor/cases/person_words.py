"""The words for what a person is in a case, and for how two people are related, by the codes that their rows hold."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

ROLES: Mapping[str, str | Promise] = {
    "victim": pgettext_lazy("what a person is in a case", "Survivor"),
    "offender": pgettext_lazy("what a person is in a case", "Suspect or offender"),
    "witness": pgettext_lazy("what a person is in a case", "Witness"),
    "family": pgettext_lazy("what a person is in a case", "Family member"),
    "other": pgettext_lazy("what a person is in a case", "Something else"),
}
RELATIONS: Mapping[str, str | Promise] = {
    "parent": pgettext_lazy("of somebody", "Parent"),
    "partner": pgettext_lazy("of somebody", "Partner"),
    "sibling": pgettext_lazy("of somebody", "Sibling"),
    "relative": pgettext_lazy("of somebody", "Relative"),
    "friend": pgettext_lazy("of somebody", "Friend"),
    "employer": pgettext_lazy("of somebody", "Employer"),
    "recruiter": pgettext_lazy("of somebody", "Recruiter"),
    "interpreter": pgettext_lazy("of somebody", "Interpreter"),
}
