"""Maps of opinions: every mark a person, coloured by opinion group, community or imported label.

Labels of too few people share one colour, "others", which is of enough people or of nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from policy.charts_statements import key_of, marks_at, pixels_of
from policy.drawing import (
    COLOURS,
    FIRST_OF_GROUPS,
    INK,
    NARROW,
    SHAPES,
    Spec,
    Style,
    both_widths,
    style,
    text_width,
    words,
)
from policy.reading import (
    CHART_TITLES,
    COMMUNITIES,
    OPINION_GROUPS,
    Result,
    is_a_label_set,
    label_name,
    map_of_label_set,
    map_within,
    one_in,
)

OTHERS = Style("Others", "#b9b5aa", "circle")
NO_LABEL = Style("In none", "#d9d4c8", "circle")
Points = Sequence[Mapping[str, Any]]
Places = Mapping[str, Any]


def styles_of(result: Result, label_set: str) -> dict[str, Style]:
    """How each label of a set is drawn: communities in the workshop's order."""
    if label_set == COMMUNITIES:
        return {
            one["slug"]: style(one["name"], place)
            for place, one in enumerate(result["communities"])
        }
    labels = result["label_sets"].get(label_set, {}).get("labels", {})
    return {
        name: style(label_name(result, label_set, name), place + FIRST_OF_GROUPS)
        for place, name in enumerate(labels)
    }


def map_charts(result: Result, fewest: int = 0, places: Places | None = None) -> dict[str, str]:
    """Every map that this result gives reason for: name → SVG, and name_narrow for phones.

    fewest: below how many people a label has no colour of its own. places: what only drawings need,
    as `policy.computing.opinion_groups.places_for_drawings` gives it.
    """
    points = result["opinion_space"]["points"]
    if not points:
        return {}
    drawn: dict[str, str] = {}
    several = len(result["communities"]) > 1
    supported = result["label_sets"].get(OPINION_GROUPS, {}).get("supported")
    if supported or not several:
        looks = styles_of(result, OPINION_GROUPS) if supported else {}
        labels = [_text(point["group"]) for point in points]
        drawn |= _map("opinion_space", points, labels, looks, fewest, named_within=True)
    if several:
        labels = [_text(point["community"]) for point in points]
        looks = styles_of(result, COMMUNITIES)
        drawn |= _map("opinion_space_communities", points, labels, looks, fewest)
    return drawn | _imported(result, fewest, places or {}) | _within(fewest, places or {})


def live_charts(
    communities: Sequence[Mapping[str, str]], found: Mapping[str, Any], points: Points, fewest: int
) -> dict[str, str]:
    """The maps of a vote that is under way. communities: slug and name of each, in order.

    found: the map's numbers. Its groups are of this moment, and drawn all the same.
    """
    groups = {"labels": found["sizes"], "supported": bool(found["k"])}
    return map_charts(
        {
            "communities": communities,
            "label_sets": {OPINION_GROUPS: groups},
            "opinion_space": {"points": points},
        },
        fewest,
    )


def _text(label: Any) -> str:
    return "" if label is None else str(label)


def _imported(result: Result, fewest: int, places: Places) -> dict[str, str]:
    """The same people by each label set that came from elsewhere."""
    points = result["opinion_space"]["points"]
    drawn: dict[str, str] = {}
    for name, labels in places.get("labels", {}).items():
        if is_a_label_set(result, name):
            looks = styles_of(result, name)
            title = CHART_TITLES["opinion_space_labels"].format(name=name)
            drawn |= _map(map_of_label_set(name), points, labels, looks, fewest, title=title)
    return drawn


def _within(fewest: int, places: Places) -> dict[str, str]:
    """The people of one opinion group by themselves, on a map of their own."""
    drawn: dict[str, str] = {}
    for number, inner in places.get("within", {}).items():
        points = inner["points"]
        if len(points) < max(fewest, 1):
            continue
        names = sorted({_text(p["group"]) for p in points} - {""}) if inner["supported"] else []
        # Neither the first communities' colours nor the opinion groups'.
        looks = {
            one: Style(f"part {place + 1}", COLOURS[place + 2], SHAPES[place + 2])
            for place, one in enumerate(names)
        }
        labels = [_text(point["group"]) for point in points]
        title, name = CHART_TITLES["opinion_space_within"], map_within(number)
        drawn |= _map(name, points, labels, looks, fewest, title=title, named_within=True)
    return drawn


def _map(
    name: str,
    points: Points,
    labels: Sequence[str],
    looks: Mapping[str, Style],
    fewest: int,
    *,
    title: str = "",
    named_within: bool = False,
) -> dict[str, str]:
    """One map at both widths; none where fewer than two colours would be left of several.

    named_within: names stand among the people, as groups on a map lie apart.
    """
    own = own_colours(labels, looks, fewest)
    if len(looks) > 1 and not own:
        return {}
    drawn = [_look(label, own, looks) for label in labels]
    return both_widths(
        name,
        title or CHART_TITLES[name],
        lambda width: _spec(points, drawn, own, named_within, width),
    )


def own_colours(
    labels: Sequence[str], looks: Mapping[str, Style], fewest: int
) -> dict[str, tuple[Style, int]]:
    """Labels with a colour of their own, with how many people each has; the others are "others".

    Labels of fewer than `fewest` people are together; where they are still too few, the next
    smallest joins them, so that the colour of the others tells of nobody.
    """
    sizes = Counter(label for label in labels if label in looks)
    rising = sorted(sizes, key=lambda label: (sizes[label], label))
    small = [label for label in rising if sizes[label] < fewest]
    while small and sum(sizes[label] for label in small) < fewest and len(small) < len(rising):
        small.append(rising[len(small)])
    return {
        label: (look, sizes[label])
        for label, look in looks.items()
        if sizes[label] and label not in small
    }


def _look(label: str, own: Mapping[str, tuple[Style, int]], looks: Mapping[str, Style]) -> Style:
    if label in own:
        return own[label][0]
    return OTHERS if label in looks else NO_LABEL


def _spec(
    points: Points,
    drawn: Sequence[Style],
    own: Mapping[str, tuple[Style, int]],
    named_within: bool,
    width: int,
) -> Spec:
    """Marks in pixels, both directions by the same scale, with a key above."""
    height = round(width * (0.95 if width == NARROW else 0.55))
    key = [(look, f"{look.name} ({size})") for look, size in own.values()]
    key += [(OTHERS, OTHERS.name)] if OTHERS in drawn and own else []
    key += [(NO_LABEL, NO_LABEL.name)] if NO_LABEL in drawn and own else []
    key_marks, key_words, top = key_of(key, width) if key else ([], [], 0.0)
    pixel = pixels_of(points, width, height)
    every = one_in(len(points))
    rows = [
        {"x": x, "y": y + top, "fill": look.colour, "stroke": INK, "shape": look.shape}
        for (x, y), look in _under_others([pixel(p) for p in points], drawn)[::every]
    ]
    layers = [marks_at(rows, 46, opacity=0.8, edge=0.4), marks_at(key_marks, 90), words(key_words)]
    if named_within:
        layers.append(words(_names(points, drawn, own, pixel, top), weight="bold"))
    return {"width": width, "height": height + top, "padding": 8, "layer": layers}


def _under_others(
    places: Sequence[tuple[float, float]], drawn: Sequence[Style]
) -> list[tuple[tuple[float, float], Style]]:
    """People without a colour first, so that they lie beneath the others."""
    both = list(zip(places, drawn, strict=True))
    return sorted(both, key=lambda one: one[1] not in (NO_LABEL, OTHERS))


def _names(
    points: Points,
    drawn: Sequence[Style],
    own: Mapping[str, tuple[Style, int]],
    pixel: Any,
    top: float,
) -> list[Spec]:
    """Each name in the middle of its people, pushed down where it would stand on another."""
    names: list[Spec] = []
    for look, _ in own.values():
        mine = [point for point, one in zip(points, drawn, strict=True) if one is look]
        x, y = pixel({axis: fmean(p[axis] for p in mine) for axis in ("x", "y")})
        room = text_width(look.name) / 2
        while any(abs(x - n["x"]) < room + n["room"] and abs(y + top - n["y"]) < 18 for n in names):
            y += 18
        text = look.name[:1].upper() + look.name[1:]
        names.append({"x": x, "y": y + top, "text": text, "middle": True, "room": room})
    return names
