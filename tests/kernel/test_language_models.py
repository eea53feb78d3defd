"""Models behind two functions: a checkpoint, an endpoint, a function."""

import json
import math
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from elicitation.kernel.language_models import (
    LanguageModelError,
    Sampling,
    choice_probabilities,
    from_checkpoint,
    from_endpoint,
    from_functions,
)

HELLO = [{"role": "user", "content": "Hello"}]


class Endpoint(BaseHTTPRequestHandler):
    """Answers what the test put into `reply`, and keeps what it was asked."""

    reply: Any = None
    asked: list[Any] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.path, dict(self.headers), json.loads(body)))
        if self.reply == "slow":
            time.sleep(1)
        code = 503 if self.reply == "busy" else 200
        text = self.reply if isinstance(self.reply, str) else json.dumps(self.reply)
        self.send_response(code)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    Endpoint.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def test_an_endpoint_writes_what_it_is_asked_for(address: str) -> None:
    Endpoint.reply = {"choices": [{"message": {"content": "Good day"}}]}
    model = from_endpoint(address, "m", token="secret")
    assert model.generate(HELLO, Sampling(max_tokens=5, seed=3, stop=("\n",))) == "Good day"
    path, headers, body = Endpoint.asked[0]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    assert (body["max_tokens"], body["seed"], body["stop"]) == (5, 3, ["\n"])


def test_an_endpoint_weighs_by_the_first_token(address: str) -> None:
    options = [{"token": "A", "logprob": -0.1}, {"token": " B", "logprob": -2.0}]
    Endpoint.reply = {"choices": [{"logprobs": {"content": [{"top_logprobs": options}]}}]}
    scores = from_endpoint(address, "m").score(HELLO, ["A", "B", "C"])
    assert scores[:2] == pytest.approx([-0.1, -2.0])
    assert scores[2] == -math.inf
    assert choice_probabilities(scores)[2] == 0.0


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        ("busy", "answered 503"),
        ("not json", "not JSON"),
        ("slow", "did not answer within 0.2 seconds"),
        ({"choices": []}, "holds no text"),
        ({"choices": [{"message": {"content": None}}]}, "holds no text"),
    ],
)
def test_a_failing_endpoint_is_told_in_a_sentence(address: str, reply: Any, sentence: str) -> None:
    Endpoint.reply = reply
    with pytest.raises(LanguageModelError, match=sentence):
        from_endpoint(address, "m", timeout=0.2).generate(HELLO, Sampling())


def test_an_unreachable_or_odd_address_is_told() -> None:
    with pytest.raises(LanguageModelError, match="cannot be reached"):
        from_endpoint("http://127.0.0.1:9/v1", "m", timeout=1).generate(HELLO, Sampling())
    with pytest.raises(LanguageModelError, match="not one of http"):
        from_endpoint("file:///etc", "m")


def test_functions_stand_in_for_a_model() -> None:
    model = from_functions(generate=lambda messages, _: messages[-1]["content"] + "!")
    assert model.generate(HELLO, Sampling()) == "Hello!"
    with pytest.raises(LanguageModelError, match="without this ability"):
        model.score(HELLO, ["A"])


def test_shares_sum_to_one_and_impossible_alternatives_are_refused() -> None:
    assert choice_probabilities([-1000.0, -1000.0]) == [0.5, 0.5]
    with pytest.raises(LanguageModelError, match="any probability"):
        choice_probabilities([-math.inf, -math.inf])


@pytest.mark.training
def test_a_checkpoint_writes_the_same_again_and_weighs_every_continuation(tmp_path: Path) -> None:
    from training.recipes.base_model import tiny_model

    model = from_checkpoint(tiny_model(tmp_path / "tiny", seed=0))
    drawn = Sampling(max_tokens=6, temperature=1.0, seed=4)
    assert model.generate(HELLO, drawn) == model.generate(HELLO, drawn)
    letters = [chr(code) for code in range(33, 127)]
    assert 0.05 < sum(math.exp(s) for s in model.score(HELLO, letters)) < 1.0
    # A continuation of two tokens is less likely than its first alone.
    first, both = model.score(HELLO, ["A", "AB"])
    assert both < first < 0
    alone = model.score(HELLO, ["A"])[0]
    assert alone == pytest.approx(first, abs=1e-4)


def test_a_checkpoint_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LanguageModelError, match="could not be loaded"):
        from_checkpoint(tmp_path).generate(HELLO, Sampling())
