"""Hiding which model speaks: the names it gives itself, and nothing else."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elicitation.methods.blinding import blind
from elicitation.methods.model_names import MAKERS, MODELS, mask_names

# What is said, and below it what people see.
ENGLISH = """
I am ChatGPT, a large language model trained by OpenAI.
  I am an AI model, a large language model trained by an AI company.
I’m Claude 3.5 Sonnet, made by Anthropic to be helpful.
  I’m an AI model, made by an AI company to be helpful.
Hi! My name is **Gemini**. How can I help?
  Hi! I am an AI model. How can I help?
You can call me Grok.
  I am an AI model.
As an AI developed by Anthropic, I (Claude) cannot.
  As an AI developed by an AI company, I (an AI model) cannot.
As Claude, I value honesty.
  As an AI model, I value honesty.
As an OpenAI model, I cannot.
  As an AI company's model, I cannot.
As an AI made by OpenAI, it is not for me to say.
  As an AI made by an AI company, it is not for me to say.
I am a large language model, trained by Google.
  I am a large language model, trained by an AI company.
I am Llama 3.1 70B Instruct, from Meta AI.
  I am an AI model, from an AI company.
I'm based on the GPT-4 architecture.
  I'm based on an AI model.
I was built by a team of 75 people at DeepMind.
  I was built by a team of 75 people at an AI company.
OpenAI created me. My developers at OpenAI know.
  An AI company created me. My developers at an AI company know.
I'm DeepSeek-R1, by the Chinese company DeepSeek.
  I'm an AI model, by an AI company.
I'm Mistral Large 2, built by Mistral AI.
  I'm an AI model, built by an AI company.
I must follow OpenAI's content policy.
  I must follow an AI company's content policy.
I am Phi-3. I am Nova, an AI model.
  I am an AI model. I am an AI model, an AI model.
"I am Claude,"
  "I am an AI model,"
"""
SPANISH = """
Soy ChatGPT, un modelo de lenguaje entrenado por OpenAI.
  Soy un modelo de IA, un modelo de lenguaje entrenado por una empresa de IA.
Me llamo Claude y fui creado por Anthropic.
  Soy un modelo de IA y fui creado por una empresa de IA.
Como Gemini, no puedo.
  Como un modelo de IA, no puedo.
Como modelo de lenguaje de OpenAI, no tengo opiniones.
  Como modelo de lenguaje de una empresa de IA, no tengo opiniones.
OpenAI me ha entrenado.
  Una empresa de IA me ha entrenado.
Soy un asistente de IA creado por la empresa Mistral AI.
  Soy un asistente de IA creado por una empresa de IA.
"""
ARABIC = """
أنا كلود، نموذج لغوي كبير تم تطويره بواسطة أنثروبيك.
  أنا نموذج ذكاء اصطناعي، نموذج لغوي كبير تم تطويره بواسطة شركة ذكاء اصطناعي.
اسمي ChatGPT وأنا هنا.
  أنا نموذج ذكاء اصطناعي وأنا هنا.
ككلود، لا أستطيع ذلك.
  كنموذج ذكاء اصطناعي، لا أستطيع ذلك.
بصفتي مساعدًا ذكيًا طورته شركة جوجل، لا يمكنني ذلك.
  بصفتي مساعدًا ذكيًا طورته شركة ذكاء اصطناعي، لا يمكنني ذلك.
تم تدريبي بواسطة OpenAI.
  تم تدريبي بواسطة شركة ذكاء اصطناعي.
طورتني شركة OpenAI.
  طورتني شركة ذكاء اصطناعي.
"""
ABOUT_OTHERS = """
OpenAI was founded in 2015. ChatGPT is a language model trained by OpenAI, and I like it.
As ChatGPT became popular, I began to worry. As a Gemini, I love change.
As an AI developed by Google, Gemini can read pictures.
He asked, and it answered: "I am ChatGPT."
I am Claude Monet. My name is Claude Dupont. I am Claude's brother.
My name is Alexa and I am twelve. I am a llama. I am a bard.
I am a Google AI researcher. Google made me realise that I was wrong.
I am an AI model like ChatGPT, but I differ. I use GPT-4 every day.
ChatGPT fue creado por OpenAI. Como ChatGPT, Gemini es un modelo de lenguaje.
تأسست شركة OpenAI عام 2015. يقول كلود إن الجو بارد. أنا بارد اليوم.
"""
LINES = [line.strip() for line in (ENGLISH + SPANISH + ARABIC).splitlines() if line]
CASES = list(zip(LINES[::2], LINES[1::2], strict=True))
SENTENCES = [case[0] for case in CASES] + [line for line in ABOUT_OTHERS.splitlines() if line]
# A sentence of a person's own, which can hold no name and no "I".
PLAIN = st.text("bcdfghjkl ", min_size=1, max_size=30).map(lambda words: f"Ze {words.strip()}.")


@pytest.mark.parametrize(("said", "shown"), CASES)
def test_a_model_that_names_itself_is_made_neutral(said: str, shown: str) -> None:
    assert blind(said).text == shown
    assert blind(said).changed


@pytest.mark.parametrize("said", [line for line in ABOUT_OTHERS.splitlines() if line])
def test_what_is_said_about_models_and_people_stays(said: str) -> None:
    assert blind(said).text == said
    assert not blind(said).changed


@given(st.text())
def test_a_text_without_names_comes_back_identical(text: str) -> None:
    if not mask_names(text)[1]:
        assert blind(text).text == text


@given(st.lists(st.sampled_from(SENTENCES) | st.text(), max_size=6), st.sampled_from([" ", "\n"]))
def test_blinding_twice_is_the_same_as_once(sentences: list[str], between: str) -> None:
    once = blind(between.join(sentences))
    assert blind(once.text).text == once.text


@given(PLAIN, st.sampled_from(CASES), PLAIN)
def test_everything_around_a_name_stays_verbatim(
    before: str, case: tuple[str, str], after: str
) -> None:
    said, shown = case
    assert blind(f"{before}\n\n{said}\n\n{after}").text == f"{before}\n\n{shown}\n\n{after}"


@settings(max_examples=200)
@given(st.sampled_from(MODELS), st.sampled_from(MAKERS))
def test_every_listed_name_is_hidden(model: str, maker: str) -> None:
    said = f"I am {model}, an AI assistant trained by {maker}. My creator is {maker}."
    assert blind(said).text == (
        "I am an AI model, an AI assistant trained by an AI company. My creator is an AI company."
    )


def test_private_characters_of_a_text_are_kept() -> None:
    said = "\U000f0000\U00100001 I am ChatGPT. \U000f0000"
    assert blind(said).text == "\U000f0000\U00100001 I am an AI model. \U000f0000"


@pytest.mark.parametrize(
    "piece", ["I am an AI, an AI of OpenAI", "OpenAI and created ", "I was made by ", "As Claude, "]
)
def test_a_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    began = time.perf_counter()
    blind(piece * (100_000 // len(piece)) + "Google")
    assert time.perf_counter() - began < 5
