"""Is a box covered by a union of boxes? Exact, for finite spaces too large to count through.

A cube allows some values of each attribute (a mask per attribute). To cover a box means that each of its points lies in
some cube. A point outside all cubes must escape each one in some attribute; the search is the one that satisfiability
solvers use (Davis, Logemann and Loveland 1962): a cube that can be escaped in one attribute only forces that
attribute's values (unit propagation); a cube that cannot be escaped covers the box; no cube left means that every
point of the box is a witness; otherwise split the box on a cube with the fewest ways out and try both halves.
Cubes are the bits of Python integers, so that one step looks at all of them at once; what a set of values of one
attribute means for all cubes is worked out once and remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Box = tuple[int, ...]  # for each attribute, the mask of the values that are allowed


class TooLong(RuntimeError):
    """A search took more steps than it was given."""


class Cubes:
    """Many cubes over one space, ready to be asked. `allow[a][v]`: the mask of the cubes that allow value v of a."""

    def __init__(self, allow: Sequence[Sequence[int]], count: int, look: Callable[[], None] | None = None) -> None:
        """Make them ready. `look` is called at every step of a search, and stops it by raising."""
        self.allow = [list(values) for values in allow]
        self.every = (1 << count) - 1
        self.space: Box = tuple((1 << len(values)) - 1 for values in allow)
        self._look = look or (lambda: None)
        self._known: list[dict[int, tuple[int, int]]] = [{} for _ in allow]

    def meeting(self, box: Box, among: int) -> int:
        """Return the mask of the cubes that share a point with a box."""
        alive = among
        for attribute, mask in enumerate(box):
            alive &= self._of(attribute, mask)[0]
        return alive

    def witness(self, box: Box, among: int, *, steps: int | None = None) -> Box | None:
        """Find a part of the box that lies outside all of the cubes `among`, or None when they cover it.
        Every point of the part is a witness. TooLong when that takes more than so many steps."""
        waiting = [(list(box), among)]
        while waiting:
            self._look()
            if steps is not None:
                steps -= 1
                if steps < 0:
                    raise TooLong
            masks, alive = waiting.pop()
            settled = self._settle(masks, alive)
            if settled is None:
                continue
            alive, ways, fewest = settled
            if not alive:
                return tuple(masks)
            waiting += self._split(masks, alive, ways, fewest)
        return None

    def count_outside(self) -> int:
        """Count the points that lie outside all cubes.

        The attributes are settled one after the other. All points so far that lie within the same cubes are counted as
        one, and a cube whose every condition was met takes its points out; so the work grows with the cubes that are
        open at once, and not with the points.
        """
        asks = [self._asked_by(attribute) for attribute in range(len(self.allow))]
        waiting = set(range(len(self.allow)))
        order: list[int] = []
        while waiting:  # first what the cubes begun so far ask about, so that few are open at once
            begun = sum({1 << number for each in order for number in asks[each]})
            order.append(min(waiting, key=lambda a: (sum(1 for n in asks[a] if not begun >> n & 1), a)))
            waiting.remove(order[-1])
        counts = {self.every: 1}
        for at, attribute in enumerate(order):
            later = {number for each in order[at + 1 :] for number in asks[each]}
            closed = sum(1 << number for number in range(self.every.bit_length()) if number not in later)
            following: dict[int, int] = {}
            for within, count in counts.items():
                for value in self.allow[attribute]:
                    still = within & value
                    if not still & closed:
                        following[still] = following.get(still, 0) + count
            counts = following
        return sum(counts.values())

    def _asked_by(self, attribute: int) -> frozenset[int]:
        """Return the numbers of the cubes that leave some value of an attribute out."""
        always = self.every
        for value in self.allow[attribute]:
            always &= value
        return frozenset(number for number in range(self.every.bit_length()) if not always >> number & 1)

    def _of(self, attribute: int, mask: int) -> tuple[int, int]:
        """Return which cubes allow one of these values, and which of them do not allow every one."""
        known = self._known[attribute].get(mask)
        if known is None:
            reach, contain = 0, self.every
            for value in _values(mask):
                reach |= self.allow[attribute][value]
                contain &= self.allow[attribute][value]
            known = self._known[attribute][mask] = (reach, self.every & ~contain)
        return known

    def _settle(self, masks: list[int], alive: int) -> tuple[int, dict[int, int], int] | None:
        """Narrows the box by everything that is forced. None: it is covered. Else the cubes still to escape, in which
        attributes each can be escaped, and those with the fewest ways out."""
        known = self._known
        while True:
            missing = []
            for attribute, mask in enumerate(masks):
                of = known[attribute].get(mask) or self._of(attribute, mask)
                alive &= of[0]
                if mask & (mask - 1):  # with one value left, a cube allows it or is not alive any more
                    missing.append((attribute, of[1]))
            if not alive:
                return 0, {}, 0
            ways = {}
            one = two = three = 0
            for attribute, misses in missing:
                way = misses & alive
                if way:
                    ways[attribute] = way
                    three |= two & way
                    two |= one & way
                    one |= way
            if alive & ~one:
                return None  # a cube that cannot be escaped
            forced = one & ~two
            if not forced:
                return alive, ways, (two & ~three) or alive
            for attribute, way in ways.items():
                must = forced & way
                if must:
                    values = self.allow[attribute]
                    for value in _values(masks[attribute]):
                        if values[value] & must:
                            masks[attribute] &= ~(1 << value)
                    if not masks[attribute]:
                        return None

    def _split(self, masks: list[int], alive: int, ways: dict[int, int], fewest: int) -> list[tuple[list[int], int]]:
        cube = fewest & -fewest
        out = [attribute for attribute, way in ways.items() if way & cube]
        attribute = max(out, key=lambda a: ways[a].bit_count())
        outside = 0
        for value in _values(masks[attribute]):
            if not self.allow[attribute][value] & cube:
                outside |= 1 << value
        away, into = list(masks), list(masks)
        away[attribute] = outside
        into[attribute] = masks[attribute] & ~outside
        return [(into, alive), (away, alive)]


def _values(mask: int) -> Sequence[int]:
    """The positions of the bits of a small mask."""
    known = _POSITIONS.get(mask)
    if known is None:
        known = _POSITIONS[mask] = tuple(i for i in range(mask.bit_length()) if mask >> i & 1)
    return known


_POSITIONS: dict[int, tuple[int, ...]] = {}
