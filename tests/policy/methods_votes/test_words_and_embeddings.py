import numpy as np
import pytest

from policy.methods.embeddings import embedder_for, load_embedder, word_embedder
from policy.methods.words import distinctive, is_mostly_latin, terms
from tests.policy.methods_votes.planted import SUBJECT, TEXTS


def subjects_apart(vectors: np.ndarray) -> bool:
    """Whether texts of one subject are nearer to one another, on average, than to others."""
    near = vectors @ vectors.T
    same = SUBJECT[:, None] == SUBJECT
    np.fill_diagonal(near, np.nan)
    return bool(np.nanmean(near[same]) > np.nanmean(near[~same]) + 0.2)


def test_function_words_are_no_terms_and_phrases_stand_in_the_text():
    found = terms("We should pay a living wage, and the tips.", phrases=True)
    assert found == ["pay", "living", "wage", "living wage", "tips"]


def test_chinese_is_read_in_runs_of_characters_between_function_words():
    found = terms("我覺得計程車的保險")
    assert {"計程車", "保險"} <= set(found)
    assert not any("的" in term or "我" in term for term in found)


def test_distinctive_words_are_common_inside_and_rare_outside():
    inside = ["Fishing boats pay tax", "Tax the fishing boats", "No tax on nets"]
    assert distinctive(inside, ["Schools pay tax", "Roads need tax"])[0] == "fishing boats"


def test_the_order_of_texts_does_not_change_a_name():
    assert distinctive(TEXTS[:5], TEXTS[5:]) == distinctive(TEXTS[4::-1], TEXTS[:4:-1])


def test_a_piece_of_a_chinese_word_is_not_a_name():
    inside = ["計程車司機", "計程車費用", "搭計程車吧", "坐計程車嗎"]
    assert distinctive(inside, ["保險費用"])[0] == "計程車"


def test_words_alone_tell_subjects_apart():
    vectors = word_embedder()(TEXTS)
    assert subjects_apart(vectors)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0)


def test_the_sentence_model_tells_subjects_apart_and_batches_change_nothing():
    embed = load_embedder()
    vectors = embed(TEXTS)
    assert vectors.shape == (15, 384)
    assert subjects_apart(vectors)
    np.testing.assert_allclose(vectors[7], embed([TEXTS[7]])[0], atol=1e-5)
    same = embed(["He is a physician.", "He is a doctor.", "It rained on the bridge."])
    assert same[0] @ same[1] > 0.8 > 0.3 > same[0] @ same[2]


def test_a_script_the_model_cannot_read_is_compared_by_words_and_says_so():
    embedder = embedder_for(["計程車", "保險", "Taxis"])
    assert embedder.name.startswith("words")
    assert embedder.reason == "2 of 3 texts are in a script the English model cannot read"


def test_where_there_is_no_model_words_stand_in_and_say_why(tmp_path):
    embedder = embedder_for(["Taxis"], path=str(tmp_path))
    assert embedder.name.startswith("words")
    assert "no sentence model" in embedder.reason


@pytest.mark.parametrize("texts", [[], [""], ["!!!", "12"]])
def test_texts_without_words_have_vectors_without_length(texts: list[str]):
    assert not word_embedder()(texts).any()
    assert len(word_embedder()(texts)) == len(texts)


def test_digits_and_marks_are_latin_enough():
    assert is_mostly_latin("42!")
    assert not is_mostly_latin("計程車 Uber 的保險")
