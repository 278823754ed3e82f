"""A small table of a country that there is not, whole and without a fault: what tests of the reader break."""

from __future__ import annotations

import pathlib

GOOD = {
    "table.toml": """name = "Elsewhere"
version = "2026.1"
covers_from = 2024-01-01
covers_to = 2030-12-31
""",
    "facts.toml": """safety = "urgency"
first = ["age", "labor"]

[[fact]]
name = "urgency"
values = ["immediate_danger", "within_24h", "none"]
law = "policy of the country"
evidence = "policy"

[[fact]]
name = "age"
values = ["under_18", "adult"]
law = "Act of 2000, s. 1"
evidence = "statute"

[[fact]]
name = "labor"
values = ["yes", "no"]
law = "Act of 2000, s. 2"
evidence = "statute+secondary"

[[fact]]
name = "visa"
values = ["work", "none"]
law = "Act of 2000, s. 3"
evidence = "statute"

[[impossible]]
id = "child-worker"
when = { age = ["under_18"], visa = ["work"] }
authority = "Act of 2000, s. 3"
evidence = "statute"
sources = ["S1"]
""",
    "words/en.toml": """version = "2026.1"

[urgency]
question = "How soon?"
immediate_danger = "now"
within_24h = "today"
none = "later"
unknown = "urgency unknown"

[age]
question = "How old is the person?"
under_18 = "a child"
adult = "an adult"
unknown = "age unknown"

[labor]
question = "Is it work?"
yes = "work"
no = "no work"
unknown = "work unknown"

[visa]
question = "Which visa?"
work = "a work visa"
none = "no visa"
unknown = "visa unknown"

[impossible.child-worker]
sentence = "A child has no work visa."
""",
    "read_as.toml": """[[read_as]]
was = { work = "forced" }
is = { labor = "yes" }

[[read_as]]
was = { work = "free" }
is = { labor = "no" }
""",
    "agencies.toml": """[[agency]]
code = "POLICE"
name = "National police"
department = "Interior"
kind = "law_enforcement"
by_place = "local"

[[agency]]
code = "CHILD"
name = "Children's services"
department = "Welfare"
kind = "child_welfare"
note = "Day and night."

[[agency]]
code = "LABOR"
name = "Labor inspectors"
department = "Labor"
kind = "regulator"
valid_to = 2025-12-31

[[agency]]
code = "LABOR"
name = "Inspectorate of labor"
department = "Labor"
kind = "regulator"
valid_from = 2026-01-01

[[agency]]
code = "DESK"
name = "The desk"
department = "Interior"
kind = "coordination"
can_decline = false
""",
    "leads.toml": """[[rule]]
id = "lead-child"
role = "lead"
precedence = 10
agency = "CHILD"
when = { age = ["under_18"] }
authority = "Act of 2000, s. 1"
evidence = "statute"
sources = ["S1"]
why = "A child goes to those who protect children."
ends_chain = true

[[rule]]
id = "lead-labor"
role = "lead"
precedence = 20
agency = "LABOR"
when = { labor = ["yes"], age = ["adult"] }
authority = "Act of 2000, s. 2"
evidence = "statute"
sources = ["S2"]
why = "Work is for the inspectors."
valid_from = 2024-06-01

[[rule]]
id = "lead-rest"
role = "lead"
precedence = 90
agency = "POLICE"
when = {}
authority = "Act of 2000, s. 9"
evidence = "statute"
sources = ["S2"]
why = "Everything else is for the police."

[[rule]]
id = "next-police"
role = "next"
precedence = 5
agency = "POLICE"
when = { urgency = ["none", "unknown"] }
authority = "Act of 2000, s. 9"
evidence = "policy"
sources = ["S2"]
why = "The police help where it is not urgent."

[[rule]]
id = "backstop"
role = "backstop"
precedence = 1
agency = "DESK"
when = {}
authority = "Act of 2000, s. 9"
evidence = "policy"
sources = ["S2"]
why = "The desk answers where nobody else does."
""",
    "supports.toml": """[[rule]]
id = "support-labor"
role = "support"
agency = "LABOR"
when = { labor = ["yes"] }
authority = "Act of 2000, s. 2"
evidence = "statute"
sources = ["S2"]
why = "The inspectors help."
""",
    "notices.toml": """[[rule]]
id = "notify-danger"
role = "notify"
agency = "POLICE"
when = { urgency = ["immediate_danger"] }
authority = "Act of 2000, s. 4"
evidence = "statute"
sources = ["S2"]
why = "Somebody is in danger."

[[rule]]
id = "notify-child"
role = "notify"
agency = "CHILD"
when = { age = ["under_18"] }
authority = "Act of 2000, s. 1"
evidence = "statute"
sources = ["S1"]
why = "A child is reported."
clocks = ["C1"]
required_by_law = true
""",
    "clocks.toml": """[[clock]]
id = "C1"
when = { age = ["under_18"] }
holder = "lead"
told = "CHILD"
duty = "Report the child."
starts = "discovery"
unit = "hours"
amount = 24
basis = "statute"
authority = "Act of 2000, s. 1"
evidence = "statute"
sources = ["S1"]

[[clock]]
id = "C2"
when = { labor = ["yes"] }
holder = "the employer"
duty = "Answer the inspectors."
starts = "event"
event = "the inspectors asked"
unit = "promptly"
basis = "policy"
authority = "Act of 2000, s. 2"
evidence = "policy"
sources = ["S2"]
""",
    "gates.toml": """[[gate]]
id = "G1"
when = { age = ["adult"], urgency = ["immediate_danger"], visa = ["none"], labor = ["no"] }
effect = "Only those who help are told."
lets_through = ["services", "child_welfare", "law_enforcement", "coordination"]
passes = ["notify-danger"]
authority = "Act of 2000, s. 5"
evidence = "policy"
sources = ["S2"]
""",
    "left_out.toml": """[[left_out]]
source = "S3"
reason = "It is a yearly report."
""",
    "sources.toml": """version = "2026.1"

[[source]]
id = "S1"
kind = "mandate"
who = "Children's services"
says = "Protect children"
citation = "Act of 2000, s. 1"
evidence = ["statute"]
links = ["https://law.example.org/2000/1"]

[[source]]
id = "S2"
kind = "route"
about = "Work"
rests_on = ["S1"]

[[source]]
id = "S3"
kind = "mandate"
says = "Report each year"
citation = "Act of 2000, s. 8"
evidence = ["secondary"]
""",
}


def write(folder: pathlib.Path, files: dict[str, str]) -> pathlib.Path:
    """Write a table's files into a folder."""
    (folder / "words").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
