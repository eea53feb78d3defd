"""Names of models and of their makers, kept so that answers can be judged without knowing whose.

A new model or maker is a new word in one of these lists, with a longer name before a shorter one
that it begins with. Names are matched as they are written here, with a version or size behind them
("Claude 3.5 Sonnet", "Llama-2-70b-chat").
"""

import re


def _listed(names: str) -> tuple[str, ...]:
    return tuple(names.split("|"))


# Said of oneself, these mean a model.
MODELS = _listed(
    "ChatGPT|Chat GPT|ChatGpt|Chatgpt|chatGPT|chatgpt|GPT4All|GPT|InstructGPT|text-davinci|Codex"
    "|Claude|Gemini|Bard|PaLM|LaMDA|Meta AI|LLaMA|Llama|LLama|Vicuna|FastChat|WizardLM|Le Chat"
    "|Mixtral|Mistral|Ministral|Magistral|Codestral|Grok|Tongyi Qianwen|Qwen|QwQ|DeepSeek|Deepseek"
    "|Doubao|Hunyuan|ERNIE Bot|Ernie Bot|ERNIE|ChatGLM|GLM|MiniMax|InternLM|Baichuan|StableLM"
    "|StableVicuna|Jamba|DBRX|BLOOMZ|BLOOM|OLMo|OLMO|Tülu|Tulu|OpenAssistant|Open Assistant"
    "|Open-Assistant|RedPajama|Nous Hermes|OpenHermes|Microsoft Copilot|GitHub Copilot|Copilot"
    "|Bing Chat|Bing AI|Bing|Nemotron|SmolLM|ALLaM|Apertus|EuroLLM|LatamGPT|YandexGPT|GigaChat"
    "|HyperCLOVA|EXAONE|Replika|Apple Intelligence"
)
# Ordinary words and people's names: a model only with a number, or where the sentence says so.
SHARED_MODELS = _listed(
    "Alexa|Alpaca|Aya|Bielik|Command R|Command A|Command|Coral|Cortana|Davinci|Dolly|Falcon|Gemma"
    "|Granite|Guanaco|Hermes|Jais|Jurassic|Kimi|Koala|Latxa|Nova|Orca|Palmyra|Perplexity|Phi|Pi"
    "|Pythia|Reka|Salamandra|Siri|Solar|Sonar|Sydney|Teuken|Titan|Yi|Zephyr"
)
MAKERS = _listed(
    "OpenAI|Open AI|Open Ai|openAI|openai|Anthropic|Google DeepMind|Google AI|Google Research"
    "|Google Brain|Google|Alphabet|DeepMind|Meta AI|Meta Platforms|Meta|Facebook AI|Facebook"
    "|Microsoft Research|Microsoft AI|Microsoft|Mistral AI|Mistral|xAI|X.AI|Cohere For AI|Cohere"
    "|Alibaba Cloud|Alibaba Group|Alibaba|DeepSeek AI|DeepSeek|Deepseek|Baidu|Tencent|ByteDance"
    "|Tongyi Lab|Moonshot AI|Zhipu AI|Zhipu|Z.ai|MiniMax|01.AI|Amazon Web Services|Amazon|AWS"
    "|IBM Research|IBM|NVIDIA|Nvidia|Apple|Stability AI|Inflection AI|AI21 Labs|AI21|Databricks"
    "|MosaicML|Hugging Face|HuggingFace|EleutherAI|Allen Institute for Artificial Intelligence"
    "|Allen Institute for AI|Allen AI|AI2|Ai2|Technology Innovation Institute|TII|LAION"
    "|Large Model Systems Organization|LMSYS Org|LMSYS|BigScience|Nous Research|Reka AI"
    "|Salesforce|Samsung|Naver|LG AI Research|Upstage|Yandex|Sber|Perplexity AI|Perplexity"
    "|Character.AI|Liquid AI|G42|MBZUAI|SDAIA|Barcelona Supercomputing Center|Telefónica"
)
# Makers that bear a model's name.
FIRMS = _listed("Mistral AI|DeepSeek AI|Perplexity AI|Reka AI|Perplexity")
# Not the Arabic for Bard alone, which is the word for "cold".
ARABIC_MODELS = _listed(
    "شات جي بي تي|تشات جي بي تي|شات جيبيتي|شات جي بى تى|جي بي تي|كلود|كلاود|جيميناي|جيميني|جمناي"
    "|جيمناي|جوجل بارد|غوغل بارد|لاما|ميسترال|جروك|غروك|ديب سيك|ديبسيك|كوبايلوت|كوبيلوت"
)
ARABIC_MAKERS = _listed(
    "أوبن إيه آي|أوبن أيه آي|أوبن أي آي|أوبن إيه أي|أوبن ايه آي|أوبن إي آي|أوبن آي|اوبن ايه اي"
    "|اوبن اي اي|أنثروبيك|أنثروبك|انثروبيك|أنتروبيك|جوجل|غوغل|قوقل|ديب مايند|ميتا|فيسبوك"
    "|مايكروسوفت|ميكروسوفت|ميسترال|علي بابا|ديب سيك|ديبسيك|أمازون|إكس إيه آي|بايدو|إنفيديا"
)
SIZES = _listed(
    "Pro|Ultra|Flash|Advanced|Opus|Sonnet|Haiku|Instant|Turbo|Plus|Mini|mini|Nano|Lite|Large|Medium"
    "|Small|Chat|chat|Instruct|instruct|Coder|Code|Next|Max|Preview|Maverick|Scout|Nemo|AI|Bot|hf"
)


def any_of(names: tuple[str, ...]) -> str:
    """A pattern for any of these names; a blank in a name stands for any white space."""
    return "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in names)


_NUMBER = r"[vVrRo]?\d[\w.]*(?<!\.)"
_VERSION = rf"(?:[-\s]?(?:{any_of(SIZES)}|{_NUMBER})(?![\w]))*"
# Not "Claudette", "Claude's brother", "Claude Monet" or "Claude de Vries"; but "GPT-4-based".
_ALONE = (
    r"(?!\w|['’]\w|-(?!based|powered|driven))"
    r"(?<!Claude(?=\s(?:[A-ZÀ-Þ][a-zà-ÿ]|de\s[A-Z]|van\s|von\s)))"
)
_SAYS_SO = (
    r"(?=,?\s(?:an?|the|your|un|una|el|tu)\s(?:[\w-]+\s){0,4}?"
    r"(?:AI|IA|LLM|model|modelo|assistant|asistente|chatbot)\b)"
)
# Arabic writes "and", "so", "by", "for" and "as" onto the word that follows.
_BEGINS = r"(?:(?<!\w)|(?<=(?<!\w)[وفبلك]))"
_NAME = re.compile(
    rf"{_BEGINS}(?:(?P<firm>(?:{any_of(FIRMS)})(?!\w))"
    rf"|(?P<model>(?:{any_of(MODELS)}){_VERSION}{_ALONE}"
    rf"|(?:{any_of(SHARED_MODELS)})(?:[-\s]?{_NUMBER}{_VERSION}(?!\w)|{_SAYS_SO})"
    rf"|(?:{any_of(ARABIC_MODELS)})(?:[-\s]?\d[\w.]*(?<!\.))?(?!\w))"
    rf"|(?P<maker>(?:{any_of(MAKERS + ARABIC_MAKERS)})(?!\w)))"
)
_BOTH = frozenset(MODELS + ARABIC_MODELS) & frozenset(MAKERS + ARABIC_MAKERS)

# A masked name is one character of Unicode's private planes, so that patterns stay small and fast.
_FIRST = {"model": 0xF0000, "both": 0xF8000, "firm": 0x100000, "maker": 0x100000}
_MOST = 0x7000
ANY_MASK = re.compile("([\U000f0000-\U0010ffff])")
MODEL = "[\U000f0000-\U000fffff]"
BOTH = "[\U000f8000-\U000fffff]"
MAKER = "[\U000f8000-\U0010ffff]"


def mask_names(text: str) -> tuple[str, dict[str, str]]:
    """The text with one private character for each name, and which name each stands for.

    The character is of MODEL, of MAKER, or where the name is used of either, of BOTH (which is in
    MODEL and MAKER). text: without such characters. After 28,672 names no more are masked.
    """
    names: dict[str, str] = {}

    def masked(found: re.Match[str]) -> str:
        kind = "both" if found[0] in _BOTH else str(found.lastgroup)
        letter = chr(_FIRST[kind] + len(names))
        names[letter] = found[0]
        return letter

    return _NAME.sub(masked, text, count=_MOST), names


def unmask_names(text: str, names: dict[str, str]) -> str:
    """The text with the names that are still in it."""
    return ANY_MASK.sub(lambda found: names[found[0]], text)
