import csv
import time
from pathlib import Path

import numpy as np
import pytest

from policy.methods.declining import declines
from policy.methods.features import (
    FEATURES,
    completion_features,
    feature_differences,
    quote_of,
    standardise,
)

XSTEST = Path(__file__).parents[2] / "data" / "xstest" / "completions.csv"
KEYS = [feature.key for feature in FEATURES]


def read_xstest(model):
    with XSTEST.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == model]
    people = np.array([row["final_label"] == "2_full_refusal" for row in rows])
    wording = np.array([declines(row["completion"]) for row in rows])
    return people, wording


@pytest.mark.parametrize(
    ("model", "accuracy", "recall", "precision"),
    [("gpt4", 0.93, 0.9, 0.9), ("mistralguard", 0.78, 0.72, 0.75)],
)
def test_declining_is_read_from_wording_nearly_as_people_read_it(
    model, accuracy, recall, precision
):
    people, wording = read_xstest(model)
    assert people.size == 60
    assert np.mean(people == wording) >= accuracy
    assert np.mean(wording[people]) >= recall
    assert np.mean(people[wording]) >= precision


@pytest.mark.parametrize(
    ("key", "having", "lacking"),
    [
        ("declining", "I'm sorry, but I can't help with that.", "Sorry for the wait. It is Paris."),
        ("declining", "I won't tell you how.", "I can't believe how good it is! Boil it."),
        ("asking_back", "Use flour. How many are coming?", "Why flour? Because it binds. Use it."),
        ("apologising", "Apologies, it is 42.", "It is 42."),
        ("steps", "First, boil it. Then, stir. Finally, serve.", "Boil, stir and serve it."),
        ("ai_disclaimer", "As an AI language model, I think so.", "An AI learns from data."),
        ("warning", "That is dangerous to your lungs.", "That is good for your lungs."),
        ("referring", "Please see a doctor about it.", "My doctor likes it."),
        ("sympathy", "I'm sorry to hear that. Rest.", "I'm sorry, I misread. Rest."),
        ("directness", "Paris.", "Great question! Paris."),
    ],
)
def test_a_feature_is_seen_where_it_is_and_not_where_it_is_not(key, having, lacking):
    assert completion_features("", having)[key] == 1
    assert completion_features("", lacking)[key] == 0


def test_amounts_are_the_amounts_in_the_text():
    text = "Perhaps so.\n- Bread\n- Milk\n- It is cheap."
    found = completion_features("Where is bread cheap?", text)
    assert found["length"] == pytest.approx(np.log1p(7))
    assert found["hedging"] == pytest.approx(1 / 4)
    assert found["listing"] == pytest.approx(3 / 4)
    assert found["echoing"] == pytest.approx(2 / 3)


def test_every_feature_is_measured_and_named_in_plain_words():
    assert list(completion_features("Hello?", "Hello there.")) == KEYS
    assert len(set(KEYS)) == len(KEYS)
    for feature in FEATURES:
        assert "_" not in feature.name + feature.measures
        assert feature.prefers_more.startswith("prefers ")
        assert feature.prefers_more != feature.prefers_less


def test_an_empty_completion_has_none_of_it():
    assert set(completion_features("", "").values()) == {0.0}
    assert set(completion_features("?", " \n ").values()) == {0.0}


@pytest.mark.parametrize(
    "text",
    [
        "抱歉，我無法回答這個問題，因為這可能會造成傷害。",
        "Es tut mir leid, aber dabei kann ich wirklich nicht helfen, weil es gefährlich wäre.",
        "Lo siento, pero no puedo ayudar con eso porque sería peligroso para los demás.",
        "Je suis désolé, mais je ne peux pas vous aider.",
    ],
)
def test_wordings_are_not_measured_in_another_language(text):
    found = completion_features("?", text)
    assert np.isnan(found["declining"])
    assert np.isnan(found["hedging"])
    assert found["length"] > 2


@pytest.mark.parametrize(
    "text",
    [
        "Potato peeler, zester, cutter, dicer, masher, ricer, grater, corer, slicer, whisk, tongs.",
        "He’s probably right. That’s Schubert’s quartet, “Der Tod und das Mädchen”, isn’t it?",
        "I did.",
        "| 1 | 2 | 3 |\n" * 30,
        "1. Innovative\n2. Energetic\n3. Creative\n" * 20,
    ],
)
def test_english_lists_names_and_titles_are_still_measured(text):
    assert not np.isnan(list(completion_features("?", text).values())).any()


def test_typographic_apostrophes_make_no_difference():
    assert declines("I’m sorry, but I can’t help with that.")


def test_differences_are_left_minus_right_and_change_sign_when_swapped():
    one = completion_features("Why?", "I'm sorry, but I can't help with that.")
    other = completion_features("Why?", "Because it rains.")
    there = feature_differences([one], [other])
    assert there[0, KEYS.index("declining")] == 1
    assert np.allclose(there, -feature_differences([other], [one]))
    assert feature_differences([], []).shape == (0, len(FEATURES))
    with pytest.raises(ValueError, match="one left and one right"):
        feature_differences([one], [])


def test_amounts_are_scaled_and_yes_or_no_keeps_its_unit():
    differences = np.array([[2.0, 1.0, 0.0], [-4.0, 0.0, 0.0], [np.nan, -1.0, 0.0]])
    scaled, unit = standardise(differences, [True, False, True])
    assert np.allclose(unit, [np.sqrt(10), 1, 1])
    assert np.nanmean(scaled[:, 0] ** 2) == pytest.approx(1)
    assert np.allclose(scaled[:, 1], [1, 0, -1])


@pytest.mark.parametrize("text", ["a" * 300_000, "i am " * 60_000, "is " * 100_000, "? " * 150_000])
def test_hostile_text_is_measured_in_good_time(text):
    began = time.process_time()
    completion_features(text, text)
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("warning", "That would be illegal."),
        ("hedging", "Perhaps ask first."),
        ("asking_back", "What for?"),
        ("length", "Take the key. That would be illegal. Perhaps ask first. What for?"),
    ],
)
def test_a_quote_is_the_sentence_in_which_a_feature_shows(key, words):
    text = "Take the key. That would be illegal. Perhaps ask first. What for?"
    assert quote_of(key, text) == words


def test_a_long_quote_is_cut_after_a_whole_word_and_stands_in_the_text():
    text = "Perhaps " + "İstanbul’da bir köprü " * 30
    quote = quote_of("hedging", text)
    assert len(quote) <= 161
    assert quote.endswith("…")
    assert text.startswith(quote[:-1])
    assert text[len(quote) - 1] == " "
