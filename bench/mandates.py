"""The pure core: deciding, assessing, proving."""

from __future__ import annotations

import dataclasses
import datetime
import random
import time
from collections.abc import Iterator, Sequence

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

    for widest, words in ((1, "one value each"), (2, "two values each")):
        for attributes in (16, 28):
            made = conditioned(6, attributes=attributes, widest=widest)
            name = f"prove {len(made.rules):,} rules of six conditions over {attributes} facts"
            yield result.timed(name, lambda made=made: _limited(made), runs=3, note=words + _said(_limited(made)))  # type: ignore[misc]


def _limited(content: table.Table) -> prove.Proof:
    return prove.prove(content, prove.Watch(clock=time.process_time, seconds=prove.LIMIT))


def _said(proof: prove.Proof) -> str:
    if proof.unfinished is None:
        return f", {len(proof.faults):,} never come first" if proof.faults else ""
    return f", not finished: {len(proof.unfinished.rules):,} rules left"


def conditioned(conditions: int, *, attributes: int, widest: int) -> table.Table:
    """A table of 3,000 leads at random, of so many conditions each, and one behind them that catches the rest."""
    dice = random.Random(1)
    vocabulary = _vocabulary([dice.choice((3, 3, 3, 4, 5)) for _ in range(attributes)])
    leads = []
    for number in range(3_000):
        box = [(1 << len(a.values)) - 1 for a in vocabulary.attributes]
        for n in dice.sample(range(attributes), conditions):
            size = len(vocabulary.attributes[n].values)
            box[n] = sum(1 << v for v in dice.sample(range(size), min(widest, size - 1)))
        leads.append(_lead(vocabulary, number, box))
    leads.append(dataclasses.replace(leads[0], id="rest", when=(), precedence=9_999))
    return _table(vocabulary, leads)


def generated(*, has_gap: bool) -> table.Table:
    """A table of about 2,000 leads: the space cut into boxes at random, many widened over their neighbors, and those
    that would never come first taken out again. With a gap, nothing is widened and one box lacks one value."""
    dice = random.Random(5)
    vocabulary = _vocabulary([VALUES] * ATTRIBUTES)
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
    made = _table(vocabulary, leads)
    dead = {rule for fault in prove.prove(made).faults for rule in fault.rules}
    return dataclasses.replace(made, rules=tuple(each for each in made.rules if each.id not in dead))


def _vocabulary(sizes: Sequence[int]) -> facts.Vocabulary:
    """A space with one fact for each size, `unknown` being one of its values."""
    return facts.Vocabulary(
        tuple(
            facts.Attribute(
                f"a{n}",
                "",
                "",
                "",
                (*(facts.Value(f"v{v}", "") for v in range(size - 1)), facts.Value("unknown", "")),
            )
            for n, size in enumerate(sizes)
        )
    )


def _table(vocabulary: facts.Vocabulary, leads: list[rules.Rule]) -> table.Table:
    """A table of these leads with one backstop behind them."""
    backstop = dataclasses.replace(leads[0], id="backstop", role=rules.Role.BACKSTOP, when=(), precedence=1, agency="B")
    return table.Table(
        name="generated",
        version="1",
        covers_from=datetime.date(2024, 1, 1),
        covers_to=None,
        vocabulary=vocabulary,
        agencies={
            "A": rules.Agency("A", "A", "", rules.Kind.SERVICES, rules.ByPlace.NONE, True, ""),
            "B": rules.Agency("B", "B", "", rules.Kind.SERVICES, rules.ByPlace.NONE, False, ""),
        },
        rules=(*leads, backstop),
        clocks=(),
        gates=(),
        left_out=(),
        digest="",
    )


def _lead(vocabulary: facts.Vocabulary, number: int, box: list[int]) -> rules.Rule:
    when = tuple(
        (a.name, tuple(code for v, code in enumerate(a.codes) if mask >> v & 1))
        for a, mask in zip(vocabulary.attributes, box, strict=True)
        if mask != (1 << len(a.values)) - 1
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
