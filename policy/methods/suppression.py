"""Which counts of a table to withhold, so that no small one can be told from the others.

Counts of fewer than k are withheld; then more, until nothing that is shown gives one of them away.
Plain Python, because pages ask too.

A count that is part of two sums at most (a cell of its row and its column, a part of its whole) is
an edge between two sums, and what can change while every shown number and every sum stays is a flow
around the withheld edges (Gusfield 1988, SIAM J. Comput. 17:552). So the smallest and the largest
value that somebody could think of are found exactly, by flows.
"""

from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

Key = Hashable
Sum = tuple[Key, Sequence[Key]]
Arc = tuple[int, int, Key, bool]
OUTSIDE = -1
TOTAL = "total"


@dataclass(frozen=True)
class Table:
    """counts: key → people. sums: (whole, its parts), each count in two of them at most.

    Raises ValueError where a sum does not add up, or a count is in more sums than two.
    """

    counts: Mapping[Key, int]
    sums: Sequence[Sum]

    def __post_init__(self) -> None:
        for whole, parts in self.sums:
            if self.counts[whole] != sum(self.counts[part] for part in parts):
                raise ValueError(f"{whole!r} is not the sum of its parts.")
        if any(count < 0 for count in self.counts.values()):
            raise ValueError("Counts are at least zero.")


def one_way(counts: Mapping[Key, int], total: Key = TOTAL) -> Table:
    """Parts and their total."""
    return Table({**counts, total: sum(counts.values())}, [(total, list(counts))])


def two_way(cells: Mapping[tuple[Key, Key], int]) -> Table:
    """Rows by columns with every margin: keys (row, column), (row, TOTAL), (TOTAL, column), TOTAL.

    A cell that is not given is 0.
    """
    rows = list(dict.fromkeys(row for row, _ in cells))
    columns = list(dict.fromkeys(column for _, column in cells))
    counts: dict[Key, int] = {(r, c): cells.get((r, c), 0) for r in rows for c in columns}
    sums: list[Sum] = []
    for r in rows:
        sums.append(((r, TOTAL), [(r, c) for c in columns]))
    for c in columns:
        sums.append(((TOTAL, c), [(r, c) for r in rows]))
    for whole, parts in sums:
        counts[whole] = sum(counts[part] for part in parts)
    counts[TOTAL] = sum(cells.values())
    sums.append((TOTAL, [(r, TOTAL) for r in rows]))
    sums.append((TOTAL, [(TOTAL, c) for c in columns]))
    return Table(counts, sums)


def suppress(table: Table, k: int) -> frozenset[Key]:
    """The counts to withhold.

    Guaranteed, for whoever sees all other counts and knows which sums there are: every count that
    is shown is 0, or k or more; each withheld count could be any of k + 1 values or more in a row,
    none of which contradicts what is shown; and so what is withheld of any sum is k people or more
    together. 0 is shown: that nobody was there tells of nobody. Of the counts that are large enough
    as few people as possible are withheld in addition, one after the other (not the best of all
    choices). Names and order decide only between equal counts.
    Not covered: who knows some of the withheld people, or reasons from how this rule chooses.
    Raises ValueError for k below 1.
    """
    if k < 1:
        raise ValueError("k must be at least 1.")
    net = _Network(table)
    withheld = {key for key, count in table.counts.items() if 0 < count < k}
    first = frozenset(withheld)
    while (bare := _bare(net, withheld, k)) is not None:
        # What rises by the one way round can fall by it, so less than k may be enough.
        more = net.cover(bare, withheld, max(k + 1 - net.counts[bare], 1))
        withheld |= more or net.cover(bare, withheld, k)
    for key in sorted(withheld - first, key=lambda one: -table.counts[one]):
        if _bare(net, withheld - {key}, k) is None:
            withheld.discard(key)
    return frozenset(withheld)


def possible(table: Table, withheld: Iterable[Key], key: Key, enough: int) -> int:
    """How far apart the smallest and largest value are that a withheld count could have.

    At most `enough`, where looking further is stopped. Values are 1 or more, because 0 is shown.
    """
    return _Network(table).room(key, set(withheld), enough)


def _bare(net: "_Network", withheld: set[Key], k: int) -> Key | None:
    """The smallest withheld count that could be told too closely; None where all are safe."""
    order = sorted(withheld, key=lambda key: net.counts[key])
    return next((key for key in order if net.room(key, withheld, k) < k), None)


class _Network:
    """Sums as nodes, counts as edges: raising a count adds at `up` and takes away at `down`."""

    def __init__(self, table: Table) -> None:
        self.counts = {key: count for key, count in table.counts.items() if count}
        places: dict[Key, list[tuple[int, int]]] = {key: [] for key in table.counts}
        for node, (whole, parts) in enumerate(table.sums):
            places[whole].append((node, 1))
            for part in parts:
                places[part].append((node, -1))
        signs = _signs(places, len(table.sums))
        self.ends: dict[Key, tuple[int, int]] = {}
        for key in self.counts:
            ends = {role * signs[node]: node for node, role in places[key]}
            self.ends[key] = (ends.get(1, OUTSIDE), ends.get(-1, OUTSIDE))

    def room(self, key: Key, withheld: set[Key], enough: int) -> int:
        """How much the count can change, up and down together, but no more than `enough`."""
        up, down = self.ends[key]
        if up == down:
            return enough
        free = withheld - {key}
        raised = self._flow(up, down, free, enough)
        most = min(enough - raised, self.counts[key] - 1)
        return raised + self._flow(down, up, free, most)

    def cover(self, key: Key, withheld: set[Key], by: int) -> set[Key]:
        """Counts to withhold so that this one can rise by so many, by way of the fewest people."""
        up, down = self.ends[key]
        best: dict[int, int] = {up: 0}
        came: dict[int, Arc] = {}
        heap = [(0, up)]
        arcs = self._arcs(set(self.counts) - {key}, by)
        while heap:
            cost, node = heappop(heap)
            if cost > best[node]:
                continue
            for arc in arcs.get(node, ()):
                price = cost + (0 if arc[2] in withheld else self.counts[arc[2]])
                if price < best.get(arc[1], price + 1):
                    best[arc[1]], came[arc[1]] = price, arc
                    heappush(heap, (price, arc[1]))
        found: set[Key] = set()
        node = down
        while node != up:
            node, _, used, _ = came[node]
            found.add(used)
        return found - withheld

    def _arcs(self, keys: Iterable[Key], least: int) -> dict[int, list[Arc]]:
        """Node → arcs (from, to, key, rises) that carry at least so many people."""
        arcs: dict[int, list[Arc]] = {}
        for key in keys:
            up, down = self.ends[key]
            if up == down:
                continue
            arcs.setdefault(down, []).append((down, up, key, True))
            if self.counts[key] - 1 >= least:
                arcs.setdefault(up, []).append((up, down, key, False))
        return arcs

    def _flow(self, start: int, end: int, keys: set[Key], most: int) -> int:
        """How many people can be moved from one sum to another, at most `most`."""
        moved: dict[Key, int] = {}
        total = 0
        while total < most:
            came = self._way(start, end, keys, moved)
            if came is None:
                break
            way: list[Arc] = []
            node = end
            while node != start:
                way.append(came[node])
                node = came[node][0]
            step = most - total
            for _, _, key, rises in way:
                if not rises:
                    step = min(step, self.counts[key] - 1 + moved.get(key, 0))
            for _, _, key, rises in way:
                moved[key] = moved.get(key, 0) + (step if rises else -step)
            total += step
        return total

    def _way(
        self, start: int, end: int, keys: set[Key], moved: Mapping[Key, int]
    ) -> dict[int, Arc] | None:
        arcs: dict[int, list[Arc]] = {}
        for key in keys:
            up, down = self.ends[key]
            arcs.setdefault(down, []).append((down, up, key, True))
            if self.counts[key] - 1 + moved.get(key, 0) > 0:
                arcs.setdefault(up, []).append((up, down, key, False))
        came: dict[int, Arc] = {}
        queue = deque([start])
        while queue:
            node = queue.popleft()
            if node == end:
                return came
            for arc in arcs.get(node, ()):
                if arc[1] not in came and arc[1] != start:
                    came[arc[1]] = arc
                    queue.append(arc[1])
        return None


def _signs(places: Mapping[Key, Sequence[tuple[int, int]]], nodes: int) -> list[int]:
    """A sign for every sum, so that each count is once added and once taken away.

    Raises ValueError where there is none, or a count is in more sums than two.
    """
    near: dict[int, list[tuple[int, int]]] = {node: [] for node in range(nodes)}
    for key, found in places.items():
        if len(found) > 2:
            raise ValueError(f"{key!r} is part of more than two sums.")
        if len(found) == 2:
            (one, first), (other, second) = found
            near[one].append((other, -first * second))
            near[other].append((one, -first * second))
    signs = [0] * nodes
    for start in range(nodes):
        if signs[start]:
            continue
        signs[start], queue = 1, deque([start])
        while queue:
            node = queue.popleft()
            for other, turn in near[node]:
                if not signs[other]:
                    signs[other] = signs[node] * turn
                    queue.append(other)
                elif signs[other] != signs[node] * turn:
                    raise ValueError("These sums cannot be audited as a table.")
    return signs
