"""Primary keys from outside are numbers that a database can hold, or nothing."""

import pytest

from elicitation.kernel.row_numbers import row_number


@pytest.mark.parametrize("text", ["0", "7", "007", "9" * 18])
def test_a_number_is_a_primary_key(text: str) -> None:
    assert row_number(text) == int(text)


@pytest.mark.parametrize("text", ["", " 7", "-7", "7.0", "٧", "²", "7\x00", "1_000", "9" * 19])
def test_anything_else_is_none(text: str) -> None:
    assert row_number(text) is None
