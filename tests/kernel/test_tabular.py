"""Tables in and out: what is well formed comes back, what is hostile is named and kept out."""

import gzip
import io
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elicitation.kernel.tabular import (
    BadRow,
    Row,
    TabularError,
    csv_safe,
    read_csv,
    read_jsonl,
    write_csv,
    write_jsonl,
)

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def put(tmp_path: Path) -> Any:
    def put(content: bytes | str, name: str = "answers.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put


def fault(path: Path, **options: Any) -> TabularError:
    read = read_jsonl if ".jsonl" in path.name else read_csv
    with pytest.raises(TabularError) as caught:
        list(read(path, **options))
    return caught.value


@given(rows=st.lists(st.tuples(TEXT, TEXT), max_size=8))
def test_what_is_written_as_csv_is_read_back(rows: list[tuple[str, str]], tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        assert write_csv(file, ["one", "two"], rows) == len(rows)
    read = [row.values for row in read_csv(path) if isinstance(row, Row)]
    assert read == [{"one": csv_safe(one), "two": csv_safe(two)} for one, two in rows]


@given(rows=st.lists(st.dictionaries(TEXT, VALUES, max_size=4), min_size=1, max_size=6))
def test_what_is_written_as_jsonl_is_read_back(
    rows: list[dict[str, Any]], tmp_path_factory
) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.mktemp("jsonl") / "a.jsonl"
    with path.open("w", newline="", encoding="utf-8") as file:
        write_jsonl(file, rows)
    assert [row.values for row in read_jsonl(path) if isinstance(row, Row)] == rows


@given(st.text())
def test_no_safe_cell_starts_like_a_formula(text: str) -> None:
    cell = csv_safe(text)
    assert cell.endswith(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not cell.startswith(("\t", "\r", "\n"))


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        " =1",
        "\t=1",
        "\r=1",
        "\n=1",
        "+1",
        "-1",
        "@x",
        "＝1",
        "\u200b=1",
        "\x01=1",
        "\xa0=1",
    ],
)
def test_every_known_trigger_is_defused(text: str) -> None:
    assert csv_safe(text) == f"'{text}"


def test_numbers_and_plain_text_are_left_alone() -> None:
    cells = [-1, -0.5, float("nan"), None, "a = b", "", "'=1", "2-1"]
    assert [csv_safe(cell) for cell in cells] == ["-1", "-0.5", "", "", "a = b", "", "'=1", "2-1"]


def test_a_row_keeps_the_line_on_which_it_starts(put: Any) -> None:
    path = put('a,b\n1,"two\nlines\nhere"\n\n3,4\n')
    assert list(read_csv(path)) == [
        Row(2, {"a": "1", "b": "two\nlines\nhere"}),
        Row(6, {"a": "3", "b": "4"}),
    ]


def test_a_bad_row_is_reported_and_the_rest_is_read(put: Any) -> None:
    path = put('a,b\n1\n1,2,3\n"x"y,2\n1,' + "z" * 50 + "\n5,6\n")
    rows = list(read_csv(path, max_field=40))
    assert [type(row) for row in rows] == [BadRow] * 4 + [Row]
    assert [row.line for row in rows] == [2, 3, 4, 5, 6]
    reasons = [row.reason for row in rows if isinstance(row, BadRow)]
    assert ["too few" in reasons[0], "too many" in reasons[1], "quote" in reasons[2]] == [True] * 3
    assert rows[3] == BadRow(5, "b", "The cell is longer than 40 characters.")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1]", "a list, where an object"),
        ('"x"', "a text, where an object"),
        ("3", "a number, where an object"),
        ('{"id": NaN}', "NaN is not a number"),
        ('{"id": -Infinity}', "-Infinity is not a number"),
        ('{"id": 1e999}', "too large"),
        ('{"id": ' + "9" * 5000 + "}", "too long"),
        ('{"id": ' + "[" * 100_000, "nested more than 32 deep"),
        ('{"id": ' + "[" * 40 + "]" * 40 + "}", "nested more than 32 deep"),
        ('{"id": "\\u0000"}', "NUL"),
        ('{"id": ["\\ud800"]}', "surrogate"),
        ('{"id": 1', "not JSON"),
        ('{"x": 1}', "There is no 'id'"),
    ],
)
def test_a_line_that_is_no_usable_object_says_why(put: Any, line: str, reason: str) -> None:
    path = put(f'{line}\n{{"id": 1}}\n', "answers.jsonl")
    bad, good = read_jsonl(path, required=["id"])
    assert isinstance(bad, BadRow)
    assert reason in bad.reason
    assert good == Row(2, {"id": 1})


def test_brackets_inside_texts_are_not_nesting(put: Any) -> None:
    path = put('{"id": "' + '[{\\"' * 100 + '"}\n', "answers.jsonl")
    assert isinstance(next(read_jsonl(path)), Row)


def test_hostile_quotes_are_read_in_linear_time(put: Any) -> None:
    path = put('{"id": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["' + '\\"' * 400_000, "answers.jsonl")
    started = time.monotonic()
    assert isinstance(next(read_jsonl(path)), BadRow)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", 0, "The file is empty."),
        (b"a,b\n1,caf\xe9\n", 2, "not UTF-8: byte 6 of the line is 0xe9"),
        (b"a,b\n1,\0\n", 2, "NUL"),
        ("a,b\n1,2\n".encode("utf-16"), 1, "UTF-16"),
        (b'a,b\n1,2\n3,"never closed\n4,5\n', 3, "never closed"),
        (b"a,b\r1,2\r3,4\r", 1, "lone carriage return"),
        (b"a,b\n1," + b"x" * 300 + b"\n", 2, "longer than 200 bytes"),
        (b'a,b\n1,"' + b"x\n" * 300 + b'"\n', 100, "longer than 200 bytes"),
        (b"a,b\n" + b"1,2\n" * 300, 251, "longer than 1,000 bytes, unpacked"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 100_000), 251, "longer than 1,000 bytes, unpacked"),
        (gzip.compress(b"a,b\n1,2\n" * 9)[:-9], 19, "cut off"),
        (gzip.compress(b"a,b\n1,2\n" * 9)[:-8] + b"\0" * 8, 19, "damaged"),
    ],
)
def test_damage_to_the_file_ends_the_reading(
    put: Any, content: bytes, line: int, reason: str
) -> None:
    error = fault(put(content), max_line=200, max_bytes=1000)
    assert reason in error.reason
    assert error.line == line
    assert str(error).startswith("answers.csv")


def test_headers_that_mislead_are_refused(put: Any) -> None:
    assert fault(put("a,b,a\n1,2,3\n")).field == "a"
    assert "no name" in fault(put("a,,\n1,2,3\n")).reason
    missing = fault(put("a,b\n1,2\n"), required=["a", "vote"])
    assert (missing.field, missing.line) == ("vote", 1)
    assert missing.reason == "There is no column 'vote'; there are: a, b."


def test_an_empty_jsonl_file_and_a_false_gz_are_named(put: Any) -> None:
    assert fault(put("", "a.jsonl")).reason == "The file is empty."
    assert "not gzip" in fault(put("a,b\n", "a.csv.gz")).reason


def test_a_byte_order_mark_and_gzip_are_read_through(put: Any) -> None:
    content = '\ufeff"a",b\r\n1,é\r\n'.encode()
    for path in (put(content), put(gzip.compress(content), "a.csv.gz")):
        assert list(read_csv(path)) == [Row(2, {"a": "1", "b": "é"})]


def test_an_endless_line_is_refused_in_little_memory(put: Any) -> None:
    packed = gzip.compress(b'a\n"' + b"x" * 200_000_000, compresslevel=1)
    path = put(packed, "a.csv.gz")
    tracemalloc.start()
    assert "longer than 1,048,576 bytes" in fault(path).reason
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()


def test_a_row_under_the_wrong_headings_is_not_written() -> None:
    with pytest.raises(ValueError, match="Row 2 has 1 cells under 2 headings"):
        write_csv(io.StringIO(), ["a", "b"], [["1", "2"], ["1"]])
