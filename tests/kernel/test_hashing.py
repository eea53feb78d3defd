"""Names made from content are the same everywhere, and differ when the content does."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elicitation.kernel import hashing
from elicitation.kernel.hashing import canonical_json, code_version, content_hash, file_hash, plain

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@dataclass
class Pair:
    chosen: str
    share: float


@given(value=JSON)
def test_canonical_json_is_read_back_and_is_its_own_canonical_form(value: object) -> None:
    read = json.loads(json.dumps(value))
    assert json.loads(canonical_json(value).decode(errors="strict")) == read
    assert canonical_json(read) == canonical_json(value)


def test_the_order_of_keys_does_not_matter_and_that_of_lists_does() -> None:
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})
    assert content_hash([1, 2]) != content_hash([2, 1])
    assert content_hash({3, 1, 2}) == content_hash({2, 3, 1})


def test_a_worked_example() -> None:
    written = b'{"a":["\xc3\xa9",null,1.5],"b":true}'
    assert canonical_json({"b": True, "a": ["é", float("nan"), 1.5]}) == written
    assert content_hash({"b": True, "a": ["é", None, 1.5]}) == hashlib.sha256(written).hexdigest()


def test_arrays_dates_and_dataclasses_have_a_plain_form() -> None:
    assert plain(np.array([[1.0, np.nan]])) == [[1.0, None]]
    assert plain({"n": np.int64(3), "x": np.float64("inf"), np.int64(4): 1}) == {
        **{"n": 3, "x": None, "4": 1},
    }
    assert plain(Pair("yes", 0.5)) == {"chosen": "yes", "share": 0.5}
    assert plain(datetime(2027, 3, 2, tzinfo=UTC)) == "2027-03-02T00:00:00+00:00"


def test_what_has_no_plain_form_is_refused() -> None:
    with pytest.raises(TypeError, match="JSON cannot hold a object"):
        canonical_json({"x": object()})
    with pytest.raises(TypeError, match="one would be lost"):
        canonical_json({1: "a", "1": "b"})


def test_a_file_is_named_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc" * 500_000)
    assert file_hash(tmp_path / "a") == hashlib.sha256(b"abc" * 500_000).hexdigest()


def test_the_code_version_shows_a_dirty_tree(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    package = tmp_path / "dated_package"
    package.mkdir()
    (package / "__init__.py").write_text("A = 1\n")
    (tmp_path / ".git" / "refs" / "heads").mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / ".git" / "packed-refs").write_text(f"# pack-refs\n{'ab' * 20} refs/heads/main\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = code_version("dated_package")
    assert before.startswith("abababababab+")
    code_version.cache_clear()
    (package / "__init__.py").write_text("A = 2\n")
    after = code_version("dated_package")
    assert (after.partition("+")[0], after != before) == ("abababababab", True)


def test_the_code_version_of_an_unknown_package_is_refused() -> None:
    with pytest.raises(ValueError, match="no package named"):
        hashing.code_version("no_such_package")
