"""What the form of a new estimate sends: a file or a pasted table, and how to estimate. Nothing typed is lost."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence

from django import http
from django.core.files import uploadedfile

from nowrongdoor.core.language import gettext, gettext_lazy
from nowrongdoor.core.prevalence import estimating, reading, running
from nowrongdoor.prevalence import actions
from nowrongdoor.uploads import checking, kinds, refusing

MOST_SEED = 10**15
TEXT_LIMIT = 1_000_000  # characters that are shown again; a longer file is chosen again
METHODS = (
    ("stepwise", gettext_lazy("Stepwise: take in pairs of lists one by one, by p-value. Start with this.")),
    ("bic", gettext_lazy("Best of all models, by BIC. Up to six lists with pairs, five with three lists at once.")),
    ("dga", gettext_lazy("Average over all decomposable graphs. Up to six lists.")),
    (
        "independence",
        gettext_lazy(
            "I know that nobody on one list is more or less likely to be on another. The only way with two lists."
        ),
    ),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """The fields as they are shown, with what was typed."""

    table: str = ""
    counts: str = ""
    leave_out: str = ""
    people: str = ""
    method: str = "stepwise"
    order: str = "2"
    threshold: str = "0.02"
    replicates: str = ""
    seed: str = f"{running.SEED}"

    @property
    def methods(self) -> Sequence[tuple[str, str, bool]]:
        """Return each method, its words, and whether it is chosen."""
        return [(code, words, code == self.method) for code, words in METHODS]

    @property
    def is_declared(self) -> bool:
        """Return whether anything is said of the columns."""
        return bool(self.counts or self.leave_out or self.people)

    @property
    def is_more_set(self) -> bool:
        """Return whether a field that is folded away was changed."""
        first = Form()
        return (self.order, self.threshold, self.replicates, self.seed) != (
            first.order,
            first.threshold,
            first.replicates,
            first.seed,
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    """The fields, what they ask for, and what is wrong with them; `wanted` is None where something is."""

    form: Form
    wanted: actions.Wanted | None
    problems: tuple[str, ...]


def empty() -> Form:
    """Return the form as it is first shown."""
    return Form()


def read(request: http.HttpRequest) -> Sent:
    """Read the form."""
    first = Form()
    fields = {name: str(request.POST.get(name, getattr(first, name))).strip() for name in Form.__dataclass_fields__}
    problems: list[str] = []
    sent = request.FILES.get("file")
    text = fields["table"]
    if isinstance(sent, uploadedfile.UploadedFile):
        try:
            text = _text_of(sent)
        except refusing.Refused as refusal:
            problems.append(str(refusal))
    fields["table"] = text if len(text) <= TEXT_LIMIT else ""
    form = Form(**fields)
    if not text and not problems:
        problems.append(
            gettext(
                "Choose a file, or paste a table: a first line with the lists' names, then a line for each history."
            )
        )
    settings, replicates, seed = _settings(form, problems)
    if problems or settings is None:
        return Sent(form, None, tuple(problems))
    leave_out = tuple(name for each in form.leave_out.split(",") if (name := each.strip()))
    declared = reading.Declared(form.counts, form.people == "yes", leave_out)
    return Sent(form, actions.Wanted(text, settings, replicates, seed, declared), ())


def _text_of(sent: uploadedfile.UploadedFile[bytes]) -> str:
    clean = checking.check(str(sent.name), sent.read())
    if clean.kind not in (kinds.Kind.CSV, kinds.Kind.TEXT):
        raise refusing.Refused(gettext("A table of lists comes as CSV. Save the sheet as CSV (UTF-8) and send that."))
    return clean.content.decode()


def _settings(form: Form, problems: list[str]) -> tuple[estimating.Settings | None, int, int]:
    threshold = 0.0
    with contextlib.suppress(ValueError):
        threshold = float(form.threshold)
    if not 0.0 < threshold < 1.0:
        problems.append(gettext("The threshold is a p-value: a number between 0 and 1, like 0.02."))
    order = _whole(form.order, 3)
    if order not in (2, 3):
        problems.append(gettext("Choose pairs, or pairs and three lists at once."))
    if form.method not in {code for code, _ in METHODS}:
        problems.append(gettext("Choose one of the methods."))
    seed = _whole(form.seed, MOST_SEED)
    if seed is None:
        problems.append(
            gettext("The seed is a whole number from 0 to %(most_seed)s.") % {"most_seed": f"{MOST_SEED:,}"}
        )
    replicates = _whole(form.replicates, actions.MOST_REPLICATES)
    if replicates is None and form.replicates:
        problems.append(
            gettext("Replicates: a whole number from 0 to %(most_replicates)s.")
            % {"most_replicates": f"{actions.MOST_REPLICATES:,}"}
        )
    if problems or order is None or seed is None:
        return None, 0, 0
    method = estimating.Method(form.method)
    settings = estimating.Settings(method, threshold, order if method is estimating.Method.BIC else 2)
    return settings, running.replicates_for(method) if replicates is None else replicates, seed


def _whole(words: str, most: int) -> int | None:
    return int(words) if words.isdecimal() and len(words) <= len(str(most)) and int(words) <= most else None
