"""Charts are drawings: responsive, described, and nothing in their data becomes markup."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from elicitation.kernel.charts import INK, OKABE_ITO, THEME, safe_svg, svg, themed

NS = "{http://www.w3.org/2000/svg}"
PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]></text><a href='javascript:alert(1)'>x</a>",
    "&lt;b&gt; & \u202e \x00\x0b\ud800",
    "url(https://example.org/x)",
]


def bars(names: list[str], **encoding: Any) -> dict[str, Any]:
    return {
        "data": {"values": [{"name": name, "n": i + 1} for i, name in enumerate(names)]},
        "mark": "bar",
        "encoding": {
            "x": {"field": "n", "type": "quantitative"},
            "y": {"field": "name", "type": "nominal", "axis": {"labelLimit": 1000}},
            **encoding,
        },
    }


def parsed(drawn: str) -> ET.Element:
    return ET.fromstring(drawn)


def test_text_in_data_stays_text() -> None:
    link = {"href": {"field": "name"}, "tooltip": {"field": "name"}}
    root = parsed(svg(bars(PAYLOADS, **link), title="Bars", description=PAYLOADS[0]))
    assert {element.tag.removeprefix(NS) for element in root.iter()} <= {
        *("svg", "title", "desc", "g", "path", "line", "rect", "text", "tspan", "defs"),
    }
    drawn = [text.text for text in root.iter(f"{NS}text")]
    assert set(PAYLOADS[:3]) <= set(drawn)


def test_nothing_refers_outside_or_carries_style() -> None:
    root = parsed(svg(bars(PAYLOADS, href={"field": "name"}), title="Bars"))
    for element in root.iter():
        for name, value in element.attrib.items():
            assert name != "style"
            assert not name.lower().startswith("on")
            assert "href" not in name
            assert "://" not in value
            assert "javascript:" not in value


def test_a_chart_is_named_described_and_as_wide_as_its_place() -> None:
    root = parsed(svg(bars(["a"]), title='Who <agrees> & "why"', description="One bar."))
    assert (root.get("role"), root.get("width"), root.get("height")) == ("img", "100%", None)
    assert re.fullmatch(r"0 0 \d+ \d+", root.get("viewBox") or "")
    title, desc = root[0], root[1]
    assert (title.tag, title.text) == (f"{NS}title", 'Who <agrees> & "why"')
    assert (desc.tag, desc.text) == (f"{NS}desc", "One bar.")
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"


def test_two_charts_on_a_page_share_no_ids() -> None:
    def ids(name: str) -> set[str]:
        spec = bars([name]) | {"mark": {"type": "bar", "clip": True}}
        return set(re.findall(r' id="([^"]+)"', svg(spec, title=name)))

    assert len(ids("a")) >= 2
    assert not ids("a") & ids("b")


def test_hostile_svg_is_reduced_to_a_drawing() -> None:
    hostile = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        ' width="10" height="20" onload="x()"><script>x()</script><style>*{}</style>'
        '<foreignObject><p>x</p></foreignObject><image href="https://example.org/x"/>'
        '<use xlink:href="https://example.org/x#y"/><clipPath id="k"/>'
        '<a xlink:href="javascript:x()"><rect style="fill: RED; clip-path: url(#k)"'
        ' stroke="url(https://example.org/x)" role="button" aria-label="x"/></a></svg>'
    )
    root = parsed(safe_svg(hostile, title="T"))
    assert [element.tag.removeprefix(NS) for element in root.iter()] == [
        *("svg", "title", "clipPath", "g", "rect"),
    ]
    clip = root[1].get("id")
    assert root[2][0].attrib == {"fill": "RED", "clip-path": f"url(#{clip})", "stroke": "none"}
    assert root.get("viewBox") == "0 0 10 20"


def test_entities_are_refused() -> None:
    with pytest.raises(ValueError, match="entities"):
        safe_svg('<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', title="T")


def test_a_chart_may_not_load_data_from_elsewhere() -> None:
    spec = {"layer": [bars(["a"]) | {"data": {"url": "https://example.org/x.csv"}}]}
    with pytest.raises(ValueError, match="its own data"):
        svg(spec, title="T")


def test_a_chart_wears_the_house_look_unless_it_says_otherwise() -> None:
    spec = bars(["a"]) | {"config": {"axis": {"gridColor": "#000000"}}}
    config = themed(spec)["config"]
    assert config["axis"]["gridColor"] == "#000000"
    assert config["axis"]["labelColor"] == INK
    assert THEME["axis"]["gridColor"] != "#000000"
    drawn = svg(bars(["a"]), title="T")
    assert OKABE_ITO[0] in drawn
    assert 'font-family="system-ui' in drawn


def test_a_missing_number_is_left_out_and_not_drawn_as_zero() -> None:
    spec = bars(["a", "b"]) | {"mark": "point"}
    spec["data"]["values"][1]["n"] = float("nan")
    assert svg(spec, title="T").count("role-mark") == 1
    assert "NaN" not in svg(spec, title="T")


def test_importing_charts_loads_no_drawing_library() -> None:
    program = (
        "import sys; import elicitation.kernel.charts; "
        "sys.exit(any(name in sys.modules for name in ('vl_convert', 'altair', 'pandas')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
