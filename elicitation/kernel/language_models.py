"""A language model as two functions: one that writes, one that weighs given continuations.

From a local checkpoint, from any endpoint that speaks OpenAI's protocol, or from functions of a
test. Whoever uses a model takes `generate` or `score` as an argument and does not know which.
"""

import json
import math
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Message = Mapping[str, str]  # {"role": "system" | "user" | "assistant", "content": text}


class LanguageModelError(RuntimeError):
    """The model could not answer; the sentence says why."""


@dataclass(frozen=True)
class Sampling:
    """How text is drawn. temperature 0: always the likeliest token. stop: texts that end it."""

    max_tokens: int = 128
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()


Generate = Callable[[Sequence[Message], Sampling], str]
"""(messages, sampling) → the text that follows."""

Score = Callable[[Sequence[Message], Sequence[str]], list[float]]
"""(messages, continuations) → natural-log probability of each as what follows, over its tokens."""


@dataclass(frozen=True)
class LanguageModel:
    """A name to record beside what it wrote, and the two functions."""

    name: str
    generate: Generate
    score: Score


def choice_probabilities(log_probabilities: Sequence[float]) -> list[float]:
    """Log-probabilities of alternatives as shares that sum to 1.

    Raises LanguageModelError when the model finds none of them possible.
    """
    top = max(log_probabilities)
    if not math.isfinite(top):
        raise LanguageModelError("The model gave none of the alternatives any probability.")
    raw = [math.exp(value - top) for value in log_probabilities]
    return [value / math.fsum(raw) for value in raw]


def from_functions(
    generate: Generate | None = None, score: Score | None = None, name: str = "function"
) -> LanguageModel:
    """A model made of plain functions; one that is not given refuses in words."""

    def cannot(*_: Any) -> Any:
        raise LanguageModelError(f"The model {name} was made without this ability.")

    return LanguageModel(name, generate or cannot, score or cannot)


def from_checkpoint(
    path: str | Path, device: str = "cpu", threads: int | None = None
) -> LanguageModel:
    """A model in this process, from a folder (weights or adapter) or a hub id.

    Loaded at the first use. device: "cpu" or "cuda". Only safetensors are read.
    """
    loaded: list[tuple[Any, Any]] = []

    def model() -> tuple[Any, Any]:
        if not loaded:
            loaded.append(_load(str(path), device, threads))
        return loaded[0]

    return LanguageModel(
        str(path),
        generate=lambda messages, sampling: _generate(*model(), messages, sampling),
        score=lambda messages, texts: score_continuations(*model(), messages, texts),
    )


def from_endpoint(
    url: str, model: str, token: str | None = None, timeout: float = 60.0
) -> LanguageModel:
    """A model behind an OpenAI-compatible endpoint.

    url: up to and including the version, such as http://127.0.0.1:8000/v1; which hosts may be
    spoken to is the caller's decision. token: sent as a bearer token. timeout: seconds.
    Scores come from the first token's alternatives, so continuations must differ there.
    """
    if not url.startswith(("http://", "https://")):
        raise LanguageModelError(f"The address {url} is not one of http or https.")
    address = url.rstrip("/") + "/chat/completions"

    def ask(messages: Sequence[Message], **options: Any) -> dict[str, Any]:
        body = {"model": model, "messages": [dict(m) for m in messages], **options}
        return _first_choice(_post(address, body, token, timeout), address)

    def generate(messages: Sequence[Message], sampling: Sampling) -> str:
        options: dict[str, Any] = {
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "seed": sampling.seed,
        }
        if sampling.stop:
            options["stop"] = list(sampling.stop)
        content = (ask(messages, **options).get("message") or {}).get("content")
        if not isinstance(content, str):
            raise LanguageModelError(f"The answer from {address} holds no text.")
        return content

    def score(messages: Sequence[Message], continuations: Sequence[str]) -> list[float]:
        answer = ask(messages, max_tokens=1, temperature=0, logprobs=True, top_logprobs=20)
        return first_token_scores(answer, continuations, address)

    return LanguageModel(f"{model} at {url}", generate, score)


def first_token_scores(
    choice: Mapping[str, Any], continuations: Sequence[str], address: str
) -> list[float]:
    """Log-probability of each continuation's beginning among the first token's alternatives.

    One that is not among them gets minus infinity. Raises LanguageModelError when the endpoint
    gives no log-probabilities.
    """
    content = (choice.get("logprobs") or {}).get("content") or []
    if not content:
        raise LanguageModelError(f"{address} gives no log-probabilities, so it cannot weigh texts.")
    scores = []
    for text in continuations:
        likely = [
            float(option["logprob"])
            for option in content[0].get("top_logprobs", [])
            if option["token"].strip() and text.startswith(option["token"].strip())
        ]
        scores.append(math.log(math.fsum(map(math.exp, likely))) if likely else -math.inf)
    return scores


def score_continuations(
    model: Any, tokenizer: Any, messages: Sequence[Message], continuations: Sequence[str]
) -> list[float]:
    """Summed log-probability of each continuation after the messages, by a model in memory.

    Continuations of one token each cost one pass together.
    """
    import torch

    head = _template(tokenizer, messages)
    tails = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in continuations]
    if not all(tails):
        raise LanguageModelError("An empty continuation has no probability.")
    with torch.no_grad():
        if all(len(tail) == 1 for tail in tails):
            following = _log_softmax(model, head, 1)[-1]
            return [float(following[tail[0]]) for tail in tails]
        scores = []
        for tail in tails:
            table = _log_softmax(model, head + tail[:-1], len(tail))
            scores.append(float(sum(table[i, token] for i, token in enumerate(tail))))
        return scores


def _log_softmax(model: Any, ids: list[int], keep: int) -> Any:
    """Log-probabilities of the token after each of the last `keep` positions: (keep, tokens)."""
    import torch

    logits = model(torch.tensor([ids], device=model.device), logits_to_keep=keep).logits
    return logits[0].float().log_softmax(dim=-1)


def _generate(model: Any, tokenizer: Any, messages: Sequence[Message], sampling: Sampling) -> str:
    import torch

    ids = torch.tensor([_template(tokenizer, messages)], device=model.device)
    options: dict[str, Any] = {"do_sample": False}
    if sampling.temperature > 0:
        options = {
            "do_sample": True,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": 0,
        }
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(sampling.seed)
        made = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=sampling.max_tokens,
            pad_token_id=tokenizer.pad_token_id or tokenizer.eos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            **options,
        )
    text: str = tokenizer.decode(made[0, ids.shape[1] :], skip_special_tokens=True)
    ends = [text.index(stop) for stop in sampling.stop if stop in text]
    return text[: min(ends)] if ends else text


def _template(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    encoded = tokenizer.apply_chat_template(
        [dict(m) for m in messages], add_generation_prompt=True, tokenize=True, return_dict=True
    )
    return [int(token) for token in encoded["input_ids"]]


def _load(path: str, device: str, threads: int | None) -> tuple[Any, Any]:
    # Heavy and slow to import; only the process that runs a model pays for it.
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    if threads:
        torch.set_num_threads(threads)
    kind: Any = AutoModelForCausalLM
    if (Path(path) / "adapter_config.json").is_file():
        from peft import AutoPeftModelForCausalLM

        kind = AutoPeftModelForCausalLM
    try:
        tokenizer = AutoTokenizer.from_pretrained(path)
        model = kind.from_pretrained(path, dtype="float32", use_safetensors=True)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise LanguageModelError(f"The model {path} could not be loaded ({reason})") from error
    return model.to(device).eval(), tokenizer


def _post(address: str, body: Mapping[str, Any], token: str | None, timeout: float) -> Any:
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(  # noqa: S310  http or https, checked by from_endpoint
        address, data=json.dumps(body).encode(), headers=headers
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310
            return json.loads(response.read())
    except urllib.error.HTTPError as error:
        said = error.read(300).decode(errors="replace").strip()
        raise LanguageModelError(f"{address} answered {error.code}: {said}") from error
    except TimeoutError as error:
        sentence = f"{address} did not answer within {timeout:g} seconds."
        raise LanguageModelError(sentence) from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            sentence = f"{address} did not answer within {timeout:g} seconds."
            raise LanguageModelError(sentence) from error
        raise LanguageModelError(f"{address} cannot be reached ({error.reason}).") from error
    except (OSError, ValueError) as error:
        raise LanguageModelError(f"{address} sent something that is not JSON.") from error


def _first_choice(answer: Any, address: str) -> dict[str, Any]:
    choices = answer.get("choices") if isinstance(answer, dict) else None
    if not choices or not isinstance(choices[0], dict):
        raise LanguageModelError(f"The answer from {address} holds no text.")
    return dict(choices[0])
