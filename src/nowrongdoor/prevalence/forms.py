"""What the form of a new estimate sends: a file or a pasted table, and how to estimate. Nothing typed is lost."""

from __future__ import annotations

from django import forms
from django.core.files import uploadedfile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

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


ORDERS = (("2", gettext_lazy("pairs of lists")), ("3", gettext_lazy("pairs, and three lists at once")))
FIRST = {"method": "stepwise", "order": "2", "threshold": "0.02", "replicates": "", "seed": f"{running.SEED}"}


def _typed(label: str, help_text: str = "", **attrs: str) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, required=False, widget=forms.TextInput(attrs=attrs))


class EstimateForm(forms.Form):
    """A table, what its columns mean, and how to estimate. A field that was not sent has its first value."""

    says_optional = False
    file = forms.FileField(
        label=gettext_lazy("The table, as a CSV file"),
        help_text=gettext_lazy(
            "A row for each history (1 or 0 for each list, then how many people), a row for each person, or a row for "
            "each record with the columns person and list."
        ),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv,text/plain"}),
    )
    table = forms.CharField(
        label=gettext_lazy("The table"),
        help_text=gettext_lazy(
            "A first line with the lists’ names, like Police,Shelters,people, then a line for each history."
        ),
        required=False,
        widget=forms.Textarea(attrs={"class": "mono tall", "spellcheck": "false"}),
    )
    counts = _typed(gettext_lazy("Column of counts"))
    leave_out = _typed(
        gettext_lazy("Columns to leave out, separated by commas"),
        gettext_lazy("Anything that isn’t a list, such as an age or a year."),
    )
    people = forms.BooleanField(label=gettext_lazy("Each row is one person"), required=False)
    method = forms.ChoiceField(
        label=gettext_lazy("How is a model chosen?"),
        choices=METHODS,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose one of the methods.")),
    )
    threshold = _typed(gettext_lazy("Stepwise: the largest p-value that still takes a pair in"), inputmode="decimal")
    order = forms.ChoiceField(
        label=gettext_lazy("Best of all models: terms"),
        choices=ORDERS,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Choose pairs, or pairs and three lists at once.")
        ),
    )
    replicates = _typed(
        gettext_lazy("Replicates"),
        gettext_lazy("Leave blank for 20,000 (1,000 for the best of all models). 0 means no bootstrap."),
        inputmode="numeric",
    )
    seed = _typed(gettext_lazy("Seed: the same one gives the same figures"), inputmode="numeric")

    def __init__(
        self, sent: QueryDict | None = None, files: MultiValueDict[str, uploadedfile.UploadedFile[bytes]] | None = None
    ) -> None:
        if sent is not None:
            sent = sent.copy()
            for name, value in FIRST.items():
                sent.setdefault(name, value)
        super().__init__(sent, files, auto_id="%s", initial=FIRST)

    def clean_threshold(self) -> float:
        """Return the p-value."""
        try:
            threshold = float(self.cleaned_data["threshold"])
        except ValueError:
            threshold = 0.0
        if not 0.0 < threshold < 1.0:
            raise forms.ValidationError(gettext("The threshold is a p-value: a number between 0 and 1, like 0.02."))
        return threshold

    def clean_seed(self) -> int:
        """Return the seed."""
        seed = _whole(self.cleaned_data["seed"], MOST_SEED)
        if seed is None:
            raise forms.ValidationError(
                gettext("The seed is a whole number from 0 to %(most_seed)s.") % {"most_seed": f"{MOST_SEED:,}"}
            )
        return seed

    def clean_replicates(self) -> int | None:
        """Return how many, or None where the method says it."""
        typed = self.cleaned_data["replicates"]
        replicates = _whole(typed, actions.MOST_REPLICATES)
        if replicates is None and typed:
            raise forms.ValidationError(
                gettext("Replicates: a whole number from 0 to %(most_replicates)s.")
                % {"most_replicates": f"{actions.MOST_REPLICATES:,}"}
            )
        return replicates

    def clean(self) -> dict[str, object]:
        """Take the table out of the file, if there is one, and show it so that it can be mended."""
        known: dict[str, object] = super().clean() or self.cleaned_data
        sent, text = self.cleaned_data.get("file"), str(self.cleaned_data.get("table", ""))
        if sent is not None:
            try:
                text = _text_of(sent)
            except refusing.Refused as refusal:
                self.add_error("file", str(refusal))
            else:
                self._show(text)
        if not text and "file" not in self.errors:
            self.add_error(
                "file",
                gettext(
                    "Choose a file, or paste a table: a first line with the lists' names, then a line for each history."
                ),
            )
        known["text"] = text
        return known

    def _show(self, text: str) -> None:
        assert isinstance(self.data, QueryDict)
        again = self.data.copy()
        again["table"] = text if len(text) <= TEXT_LIMIT else ""
        self.data = again

    @property
    def wanted(self) -> actions.Wanted:
        """Return what a form that is right asks for."""
        known = self.cleaned_data
        method = estimating.Method(known["method"])
        order = int(known["order"]) if method is estimating.Method.BIC else 2
        settings = estimating.Settings(method, known["threshold"], order)
        replicates = running.replicates_for(method) if known["replicates"] is None else known["replicates"]
        leave_out = tuple(name for each in known["leave_out"].split(",") if (name := each.strip()))
        declared = reading.Declared(known["counts"], known["people"], leave_out)
        return actions.Wanted(known["text"], settings, replicates, known["seed"], declared)

    @property
    def has_table(self) -> bool:
        """Return whether a table was pasted, or came in a file."""
        return bool(self["table"].value())

    @property
    def is_declared(self) -> bool:
        """Return whether anything is said of the columns, or may have to be."""
        return bool(self.errors) or any(self[name].value() for name in ("counts", "leave_out", "people"))

    @property
    def is_more_set(self) -> bool:
        """Return whether a field that is folded away was changed."""
        names = ("order", "threshold", "replicates", "seed")
        return any(str(self[name].value() or "") != FIRST[name] for name in names)


def _text_of(sent: uploadedfile.UploadedFile[bytes]) -> str:
    clean = checking.check(str(sent.name), sent.read())
    if clean.kind not in (kinds.Kind.CSV, kinds.Kind.TEXT):
        raise refusing.Refused(gettext("A table of lists comes as CSV. Save the sheet as CSV (UTF-8) and send that."))
    return clean.content.decode()


def _whole(words: str, most: int) -> int | None:
    return int(words) if words.isdecimal() and len(words) <= len(str(most)) and int(words) <= most else None
