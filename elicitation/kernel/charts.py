"""Vega-Lite specifications to SVG that a page can show under a strict policy. Worker only.

What is drawn holds no script, link, outside reference or inline style, so it is safe within a page;
texts from data are texts. It takes the width it is given. A page puts it on a light card, in dark
mode too, so its colours are fixed here.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

from elicitation.kernel.hashing import content_hash, plain

PAPER, INK, QUIET, LINE = "#ffffff", "#1d2021", "#55595a", "#d9d4c8"
# Okabe and Ito's colours in a fixed order: the strong ones first, yellow (pale on paper) late.
OKABE_ITO = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#4d4d4d",
    "#f0e442",
)
FONT = "system-ui, sans-serif"

_AXIS = {
    "labelColor": INK,
    "titleColor": QUIET,
    "titleFontWeight": "normal",
    "labelFontSize": 12,
    "titleFontSize": 12,
    "labelLimit": 320,
    "gridColor": LINE,
    "gridWidth": 0.5,
    "domainColor": QUIET,
    "domainWidth": 0.5,
    "tickColor": QUIET,
    "tickWidth": 0.5,
}
THEME: dict[str, Any] = {
    "background": None,
    "font": FONT,
    "padding": 8,
    "view": {
        "stroke": None,
        "continuousWidth": 520,
        "continuousHeight": 260,
        "discreteHeight": {"step": 28},
    },
    "axis": _AXIS,
    "header": {"labelColor": INK, "titleColor": QUIET, "labelFontSize": 12, "titleFontSize": 12},
    # Direct labels instead: a chart that needs a legend asks for one.
    "legend": {"disable": True},
    "title": {"color": INK, "fontSize": 15, "fontWeight": 600, "anchor": "start", "offset": 12},
    "range": {"category": list(OKABE_ITO)},
    "mark": {"color": OKABE_ITO[0]},
    "text": {"color": INK, "fontSize": 12},
    "rule": {"color": QUIET, "strokeWidth": 1},
    "line": {"strokeWidth": 1.5},
    "point": {"size": 50, "filled": True, "opacity": 1},
}

_SVG = "http://www.w3.org/2000/svg"
_SHAPES = frozenset(["path", "line", "rect", "circle", "ellipse", "polygon", "polyline"])
_TEXTS = frozenset(["text", "tspan"])
_PARTS = frozenset(["svg", "g", "defs", "clipPath", "linearGradient", "radialGradient", "stop"])
_DRAWN = _SHAPES | _TEXTS | _PARTS
_LINK = frozenset(["href", "{http://www.w3.org/1999/xlink}href", "src"])
_REFERENCE = re.compile(r"url\(\s*['\"]?(#?)([^'\")]*)['\"]?\s*\)")
# What XML cannot hold, not even escaped.
_UNDRAWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def themed(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The specification in the house's look; what it configures itself goes before."""
    return {**spec, "config": _merged(THEME, spec.get("config") or {})}


def svg(spec: Mapping[str, Any], *, title: str, description: str = "", hover: bool = False) -> str:
    """The chart as one `<svg role="img">`, as wide as its place; its texts are escaped.

    spec: a Vega-Lite specification (altair's `to_dict()`) that carries its own data. title: what
    the chart shows; description: the same in full, for who cannot see it. hover: marks show
    their `description` under a pointer; a table says the same. Raises ValueError for a
    specification that loads data from elsewhere.
    """
    # 226 MB: for workers, never for the web process.
    import vl_convert

    drawable: dict[str, Any] = _drawable(plain(themed(spec)))
    if _loads_data(drawable):
        raise ValueError("A chart carries its own data; it may not load them from an address.")
    drawn = vl_convert.vegalite_to_svg(drawable, allowed_base_urls=[])
    return safe_svg(drawn, title=title, description=description, hover=hover)


def safe_svg(drawn: str, *, title: str, description: str = "", hover: bool = False) -> str:
    """An SVG reduced to drawing: known elements, no links, scripts, handlers or inline styles."""
    # Entities are refused before parsing; expat resolves nothing from outside.
    if "<!DOCTYPE" in drawn or "<!ENTITY" in drawn:
        raise ValueError("A chart has no document type or entities of its own.")
    ET.register_namespace("", _SVG)
    root = ET.fromstring(drawn)  # noqa: S314
    prefix = f"c{content_hash([drawn, title, description])[:8]}-"
    titles = _hover_titles(root) if hover else {}
    _clean(root, prefix)
    for element, words in titles.items():
        ET.SubElement(element, f"{{{_SVG}}}title").text = words
    return _described(root, prefix, title, description)


def _described(root: ET.Element, prefix: str, title: str, description: str) -> str:
    if "viewBox" not in root.attrib:
        root.set("viewBox", f"0 0 {root.get('width', '1')} {root.get('height', '1')}")
    root.attrib.pop("height", None)
    root.attrib.pop("class", None)
    # In a right-to-left page the labels would otherwise mirror around their anchors.
    root.attrib.update({"width": "100%", "role": "img", "direction": "ltr", "class": "chart"})
    parts = [("title", title), ("desc", description)]
    named = [
        (tag, _UNDRAWABLE.sub("\N{REPLACEMENT CHARACTER}", text)) for tag, text in parts if text
    ]
    root.set("aria-labelledby", " ".join(f"{prefix}{tag}" for tag, _ in named))
    for place, (tag, text) in enumerate(named):
        element = ET.Element(f"{{{_SVG}}}{tag}", {"id": f"{prefix}{tag}"})
        element.text = text
        root.insert(place, element)
    return ET.tostring(root, encoding="unicode")


def _hover_titles(root: ET.Element) -> dict[ET.Element, str]:
    """What each mark is called, before names are cleaned away with all other attributes."""
    shapes = (one for one in root.iter() if str(one.tag).removeprefix(f"{{{_SVG}}}") in _SHAPES)
    return {one: one.attrib["aria-label"] for one in shapes if one.get("aria-label")}


def _clean(element: ET.Element, prefix: str) -> None:
    """Make an element and all below it safe; ids get a prefix, as a page may hold many charts."""
    for name, value in _presentation(element.attrib.pop("style", "")).items():
        element.attrib.setdefault(name, value)
    for name, value in list(element.attrib.items()):
        del element.attrib[name]
        if _may_stay(name):
            element.set(name, f"{prefix}{value}" if name == "id" else _local(value, prefix))
    for child in list(element):
        if child.tag == f"{{{_SVG}}}a":  # a link becomes what it was around
            child.tag = f"{{{_SVG}}}g"
        if isinstance(child.tag, str) and child.tag.removeprefix(f"{{{_SVG}}}") in _DRAWN:
            _clean(child, prefix)
        else:
            element.remove(child)


def _may_stay(name: str) -> bool:
    # Everything below role="img" is one picture to a screen reader: no roles inside it.
    return not (name in _LINK or name.startswith(("on", "aria-", "{")) or name == "role")


def _presentation(style: str) -> dict[str, str]:
    """The declarations of an inline style, as the attributes SVG has for them."""
    pairs = (part.partition(":") for part in style.split(";") if ":" in part)
    declared = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return {name: value for name, value in declared.items() if re.fullmatch(r"[a-z-]+", name)}


def _local(value: str, prefix: str) -> str:
    """References to the chart's own parts get the prefix of their ids; all others become none."""
    return _REFERENCE.sub(lambda m: f"url(#{prefix}{m[2]})" if m[1] else "none", value)


def _loads_data(spec: Any) -> bool:
    if isinstance(spec, dict):
        own = isinstance(spec.get("data"), dict) and "url" in spec["data"]
        # Rows of data may have a field of any name, "data" too: they are not looked into.
        return own or any(
            _loads_data(part) for key, part in spec.items() if key not in ("values", "datasets")
        )
    return isinstance(spec, list) and any(_loads_data(part) for part in spec)


def _drawable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNDRAWABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {_drawable(key): _drawable(item) for key, item in value.items()}
    return [_drawable(item) for item in value] if isinstance(value, list) else value


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        result[key] = _merged(below, value) if both else value  # type: ignore[arg-type]
    return result
