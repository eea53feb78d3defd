"""What reaches somebody is replaced by what it was; numbers that mean something else stay."""

from __future__ import annotations

import pytest

from training.methods.personal_data import scrub


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("Write to ana.b@mill.example.org!", "Write to [e-mail address]!"),
        ("Call +44 20 7946 0958 now.", "Call [telephone number] now."),
        ("Or (202) 555-0143.", "Or [telephone number]."),
        # Visa's and the IBAN registry's own examples.
        ("Card 4111 1111 1111 1111, please", "Card [payment card], please"),
        ("To GB82 WEST 1234 5698 7654 32.", "To [bank account]."),
        ("My number is 078-05-1120.", "My number is [social security number]."),
        ("from 8.8.8.8 it came", "from [network address] it came"),
    ],
)
def test_what_reaches_or_names_somebody_is_replaced(text: str, scrubbed: str) -> None:
    plain, found = scrub(text)
    assert plain == scrubbed
    assert found.total() == 1


@pytest.mark.parametrize(
    "text",
    [
        "On 2024-11-21 at 12:30, 1,234,567.89 were left.",
        "2345678901 is a number, 3.14159265358979 another.",
        "Card 4111 1111 1111 1112 fails its check.",
        "GB83 WEST 1234 5698 7654 32 fails its check.",
        "Version 1.2.3 listens on 192.168.0.1, see https://example.org/a.",
        "@everyone meets at 7 @ the mill",
    ],
)
def test_other_numbers_and_links_of_models_stay(text: str) -> None:
    assert scrub(text) == (text, {})


def test_in_a_persons_own_words_links_and_all_long_numbers_go_too() -> None:
    text = "See www.me.example, ring 23456 78901."
    assert scrub(text, own_words=True)[0] == "See [link] ring [long number]."


def test_a_national_number_is_known_where_its_country_is_named() -> None:
    text = "Ring 02 2345 6789."
    assert scrub(text)[0] == text
    assert scrub(text, regions=("TW",))[0] == "Ring [telephone number]."


def test_scrubbing_again_changes_nothing() -> None:
    once, _ = scrub("a@b.org, (202) 555-0143, 4111111111111111", own_words=True)
    assert scrub(once, own_words=True) == (once, {})


def test_a_hostile_text_takes_no_time() -> None:
    for hostile in ("a" * 20_000 + "@", "1 " * 9_000, "GB82 " * 9_000, "1." * 9_000):
        assert scrub(hostile, own_words=True)[0]
