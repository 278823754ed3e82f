"""The pure core: deciding, assessing, proving."""

from __future__ import annotations

import dataclasses
import datetime
import random
from collections.abc import Iterator

from bench import result
from nowrongdoor.core.mandates import decide, facts, prove, rules, table
from nowrongdoor.core.triage import answers, instruments

TODAY = datetime.date(2026, 11, 24)
ATTRIBUTES, VALUES, RULES = 16, 5, 2_000
LAW = rules.Law("a law", (rules.Evidence.POLICY,), ("B",))


def run() -> Iterator[result.Result]:
    """Measure each in turn."""
    shipped = table.shipped()
    dice = random.Random(1)
    cases = [_case(shipped.vocabulary, dice) for _ in range(20_000)]
    decider = decide.Decider(shipped)

    def decide_all() -> None:
        for each in cases:
            decider.decide(each, TODAY)

    yield result.rate("decide", decide_all, count=len(cases), note="facts parsed, 20,000 different cases")
    questions = answers.questions()
    asked = [answers.answers_of(dict.fromkeys(dice.sample(questions, 6), answers.Answer.YES)) for _ in cases]
    known = [each.known() for each in cases]

    def assess_and_decide() -> None:
        for each, said, plain in zip(cases, asked, known, strict=True):
            instruments.assess(said, plain)
            decider.decide(each, TODAY)

    yield result.rate("assess and decide", assess_and_decide, count=len(cases), note="all different, then remembered")
    space = f"{shipped.vocabulary.size:.1e} possible cases"
    yield result.timed("prove the shipped table", lambda: prove.prove(shipped), note=space)
    for gap in (False, True):
        made = generated(has_gap=gap)
        proof = prove.prove(made)
        assert proof.holds is not gap, proof.faults[:3]
        name = f"prove {len(made.rules):,} rules over {ATTRIBUTES} facts" + (", one point missing" if gap else "")
        yield result.timed(name, lambda made=made: prove.prove(made), runs=3)  # type: ignore[misc]


def generated(*, has_gap: bool) -> table.Table:
    """A table of about 2,000 leads: the space cut into boxes at random, many widened over their neighbors, and those
    that would never come first taken out again. With a gap, nothing is widened and one box lacks one value."""
    dice = random.Random(5)
    vocabulary = facts.Vocabulary(
        tuple(
            facts.Attribute(
                f"a{n}",
                "",
                "",
                "",
                (*(facts.Value(f"v{v}", "") for v in range(VALUES - 1)), facts.Value("unknown", "")),
            )
            for n in range(ATTRIBUTES)
        )
    )
    full = (1 << VALUES) - 1
    boxes = [[full] * ATTRIBUTES]
    while len(boxes) < RULES + 100:
        box = boxes.pop(dice.randrange(len(boxes)))
        wide = [n for n in range(ATTRIBUTES) if box[n].bit_count() > 1]
        n = dice.choice(wide)
        bits = [v for v in range(VALUES) if box[n] >> v & 1]
        part = sum(1 << v for v in dice.sample(bits, dice.randint(1, len(bits) - 1)))
        for half in (part, box[n] & ~part):
            boxes.append([*box[:n], half, *box[n + 1 :]])
    leads = []
    for number, box in enumerate(boxes):
        if has_gap and number == 0:
            n = max(range(ATTRIBUTES), key=lambda n: box[n].bit_count())
            box = [*box[:n], box[n] & (box[n] - 1), *box[n + 1 :]]
        wider = (
            list(box) if has_gap else [mask | (full if dice.random() < 0.02 * number / RULES else 0) for mask in box]
        )
        leads.append(_lead(vocabulary, number, wider))
    backstop = dataclasses.replace(leads[0], id="backstop", role=rules.Role.BACKSTOP, when=(), precedence=1, agency="B")
    made = table.Table(
        name="generated",
        version="1",
        covers_from=datetime.date(2024, 1, 1),
        covers_to=None,
        vocabulary=vocabulary,
        agencies={
            "A": rules.Agency("A", "A", "", rules.Kind.OTHER, rules.ByPlace.NONE, True, ""),
            "B": rules.Agency("B", "B", "", rules.Kind.OTHER, rules.ByPlace.NONE, False, ""),
        },
        rules=(*leads, backstop),
        clocks=(),
        gates=(),
        left_out=(),
        digest="",
    )
    dead = {rule for fault in prove.prove(made).faults for rule in fault.rules}
    return dataclasses.replace(made, rules=tuple(each for each in made.rules if each.id not in dead))


def _lead(vocabulary: facts.Vocabulary, number: int, box: list[int]) -> rules.Rule:
    full = (1 << VALUES) - 1
    when = tuple(
        (a.name, tuple(code for v, code in enumerate(a.codes) if mask >> v & 1))
        for a, mask in zip(vocabulary.attributes, box, strict=True)
        if mask != full
    )
    return rules.Rule(
        id=f"r{number}",
        role=rules.Role.LEAD,
        when=when,
        agency="A",
        law=LAW,
        dates=rules.Dates(None, None),
        why="",
        precedence=number + 1,
        ends_chain=False,
        clocks=(),
        required_by_law=False,
    )


def _case(vocabulary: facts.Vocabulary, dice: random.Random) -> facts.Facts:
    choices = tuple(
        len(a.values) - 1 if dice.random() < 0.6 else dice.randrange(len(a.values)) for a in vocabulary.attributes
    )
    return facts.Facts(choices, vocabulary)
