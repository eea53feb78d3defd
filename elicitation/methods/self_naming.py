"""How models name themselves and their makers in English, Spanish and Arabic.

Patterns are written with these shorthands. A blank stands for any white space, so that a line
break does not matter; what is in angle brackets stands for the pattern of that name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from elicitation.methods.model_names import BOTH, MAKER, MODEL

# What Markdown or quotation marks put around a name.
_MARK = r"""[*_`"“”«»']{0,3}"""
# Words quoted within a sentence are somebody else's; a whole completion in quotes is not.
_BEGIN = r"""(?<![\w,:.]\s["“«‘'])(?<!\w)"""
_SHARED = {"BOTH": BOTH, "MODEL": MODEL, "MAKER": MAKER, "MARK": _MARK, "BEGIN": _BEGIN}


@dataclass(frozen=True)
class Language:
    """One language's patterns.

    introduction: "my name is <MODEL>", replaced whole by the words i_am_a_model. sayings: where a
    name is the speaker's or its maker's. names: in a saying, each name with the words bound to it,
    and what stands there instead; in order.
    """

    introduction: re.Pattern[str]
    i_am_a_model: str
    sayings: tuple[re.Pattern[str], ...]
    names: tuple[tuple[re.Pattern[str], str], ...]


def _pattern(words: str, shorthands: Mapping[str, str]) -> re.Pattern[str]:
    """The pattern that the shorthands spell out, however deep they lie in one another."""
    while (opened := re.sub(r"<([A-Z]+)>", lambda name: shorthands[name[1]], words)) != words:
        words = opened
    return re.compile(words.replace(" ?", r"\s*").replace(" ", r"\s+"))


def _language(
    shorthands: Mapping[str, str],
    introduction: str,
    i_am_a_model: str,
    sayings: tuple[str, ...],
    names: tuple[tuple[str, str], ...],
) -> Language:
    known = {**_SHARED, **shorthands}
    return Language(
        _pattern(introduction, known),
        i_am_a_model,
        tuple(_pattern(saying, known) for saying in sayings),
        tuple((_pattern(name, known), words) for name, words in names),
    )


_ENGLISH = {
    "NOUN": "(?:model|assistant|chatbot|chat bot|bot|AI|LLM|system|program|agent|intelligence|tool"
    "|architecture|family|series)s?(?![\\w])(?! (?:researcher|engineer|scientist|expert|developer"
    "|user|specialist|professor|coach|manager|ethicist|trainer|consultant|lab|company))",
    "WORD": r"(?:(?!(?:of|in|for|at|about|with|by|from|who|that|which|and|or|like|than|not)\b)"
    r"(?:[\w'’/-]|<MODEL>|<MAKER>)+ )",
    "DESC": r"(?:<WORD>){0,7}<NOUN>(?: \(\w{2,4}\))?",
    "OWNER": "(?:(?:<MAKER>|<MODEL>(?=['’]))(?:['’]s)? )",
    "SELF": "<MARK>(?:<OWNER>?<MODEL>|(?:the|an?) <OWNER>?<MODEL> <DESC>|<OWNER><DESC>)<MARK>",
    "NAMED": r"<MARK>(?:(?:the|an?) )?(?:<OWNER>?<MODEL>(?: <NOUN>)?|<MAKER>(?:['’]s)?)<MARK>"
    r"(?: \(<MARK>(?:<MAKER>|<MODEL>)<MARK>\))?",
    "WHOM": "<NAMED>(?:(?:, <NAMED>)?,? (?:and|&|under|of|at) <NAMED>)?",
    "DID": r"(?:pre-?)?(?:trained|developed|created|made|built|designed|produced|powered|programmed"
    r"|provided|operated|maintained|engineered|released|introduced|launched|offered|hosted|based"
    r"|fine-?tuned|running|deployed|crafted)",
    "MADE": r"(?:\w+ly )?<DID>(?:(?:,| and|, and) <DID>){0,3} (?:\w+ly )?"
    r"(?:by|at|from|on|upon|using|with) "
    r"(?:(?!(?:and|or|but|that|which|who|is|to|not)\b)[\w-]+ ){0,9}?<WHOM>",
    "TAIL": r"(?:,?(?: (?:and|which|that|who|I|was|is|am|are|were|has|been|also))* <MADE>"
    r"|,? (?:of|from|by) (?:(?:the|an?) (?:\w+ ){0,2}(?:company|startup|lab|team)(?: at)? )?<WHOM>"
    r"| ?\(<WHOM>\)|,? (?:also )?(?:called|named|known as) <WHOM>"
    r"|(?:,| ?[—–]| -) ?(?:an?|the|your|one of) <DESC>|, <SELF>(?=[,.!;:)]|$))",
    "HOW": r"(?: (?:just|only|still|actually|simply|indeed|technically|currently|also|called"
    r"|known as|named|in fact|originally|,))*",
    "AM": r"(?:I am|I['’]m|[Aa]m I|I was|I have been|I['’]ve been)<HOW>",
    "ME": r"(?=[^.!?\n]{0,160}?\b(?:I|me|my|mine|myself)\b)",
    "OTHERS": r",? (?:<MODEL>|<MAKER>|it (?!is\b)|its\b|they\b|the\b|this\b|users\b|people\b)",
}
ENGLISH = _language(
    _ENGLISH,
    introduction=r"<BEGIN>(?:[Mm]y name is|[Mm]y name['’]s|[Yy]ou (?:can|may) call me"
    r"|I(?: am|['’]m) (?:called|known as)|I go by(?: the name)?)(?: of)? <MARK><MODEL><MARK>",
    i_am_a_model="I am an AI model",
    sayings=(
        r"<BEGIN><AM> (?:<SELF>|<DESC>)<TAIL>{0,5}",
        r"<BEGIN><AM> <MADE><TAIL>{0,3}",
        r"<BEGIN>[Aa]s <SELF><TAIL>{0,4}(?=\s*[,(—–]| I\b)<ME>",
        r"<BEGIN>[Aa]s <DESC><TAIL>{1,5}(?!<OTHERS>)",
        r"<BEGIN>[Aa]s <DESC>(?=, (?:I|my)\b)",
        r"<BEGIN>I(?:,| ?\(| [—–]|[—–]) ?(?:as )?<SELF>(?=\)|,| ?[—–])(?:[),]* (?:am|was) <MADE>)?",
        r"<BEGIN><WHOM>(?:,? (?:the|a) [^.,!?\n]{0,40}?,?)??(?:,? (?:who|which|that))?"
        r"(?: (?:has|have|had|originally))* (?:(?:and )?<DID>,? ){0,3}"
        r"(?:(?!made)<DID> me\b|made me(?=[.,;!?]|$| to be\b))",
        r"<BEGIN><WHOM>(?=, my (?:creator|developer|maker|provider|parent company))",
        r"<BEGIN>[Mm]y (?:original )?(?:creator|developer|maker|provider|owner|designer|programmer"
        r"|trainer|parent company|training|team|company)s?(?: (?:at|is|are|was|were|by|from)|,|:)?"
        r"(?: the)?(?: (?:team|company|people|engineers|researchers)(?: at)?,?)? ?\(?<WHOM>",
        r"(?:that|which|who) <DID> me,?(?: is| called| named|:)? <WHOM>",
        r"<BEGIN>I (?:(?:must|have|need|am|required|designed|programmed|trained|bound|obliged|to"
        r"|should|will|always|strictly|also) ){0,5}(?:follow|adhere to|comply with|abide by"
        r"|subject to|by) <WHOM>(?= (?:[\w-]+ ){0,3}(?:polic|guideline|rule|terms|principle))",
        r"<BEGIN>I (?:currently )?(?:run|rely) on <WHOM>",
        r"<BEGIN><SELF>(?= here[,.!])",
    ),
    names=(
        (
            r"\b(?:[Tt]he|[Aa]n?) (?:\w+ ){0,2}?(?:[Cc]ompany|startup|firm|lab)(?: called| named)?"
            r" <MAKER>",
            "an AI company",
        ),
        (r"(?<=\s(?:by|at|of|is)\s)<BOTH>|(?<=\sfrom\s)<BOTH>", "an AI company"),
        (
            r"(?:\b(?:[Tt]he|[Aa]n?) )?<OWNER>?<MODEL>(?: (?:(?:large|language|AI|chat) )*<NOUN>)?",
            "an AI model",
        ),
        (r"\b(?:[Tt]he|[Aa]n?) <MAKER>(?:['’]s)?(?= )(?! \()", "an AI company's"),
        (r"<MAKER>", "an AI company"),
    ),
)

_SPANISH = {
    "NOUN": r"(?:modelo|asistente|chatbot|bot|IA|inteligencia artificial|sistema|programa|LLM"
    r"|agente|herramienta)(?!\w)",
    "DESC": r"(?:(?:un|una|el|la|tu|solo|sólo|simplemente|gran|nuevo|nueva) ){0,3}<NOUN>"
    r"(?: (?:(?:de|del|a) )?(?:grande|virtual|conversacional|lingüístico|inteligencia|artificial"
    r"|lenguaje|natural|gran|tamaño|escala|avanzado|avanzada|IA|AI|texto)(?!\w)){0,7}",
    "TEAM": r"(?:(?:la|el) )?(?:(?:empresa|compañía|firma|organización|startup|equipo"
    r"|investigadores|ingenieros|laboratorio)(?: de)? )?",
    "SELF": "<MARK>(?:<MODEL>|(?:el|un|una) <DESC> <MODEL>)<MARK>",
    "WHOM": "<TEAM><MARK>(?:la arquitectura (?:de )?)?(?:<MODEL>|<MAKER>)<MARK>"
    "(?: [ye] <MARK>(?:<MODEL>|<MAKER>)<MARK>)?",
    "DID": r"(?:pre)?(?:entrenad|desarrollad|cread|diseñad|construid|programad|hech|fabricad"
    r"|impulsad|basad|ofrecid|lanzad|mantenid|gestionad|operad|ajustad)[oa]s?",
    "MADE": "<DID>(?:(?:,| y|, y) <DID>){0,3} (?:por|en|de|con|sobre) <WHOM>",
    "MAKES": r"(?:creó|entrenó|desarrolló|diseñó|hizo|construyó|programó"
    r"|(?:ha|han) (?:creado|entrenado|desarrollado|diseñado|construido|programado))",
    "TAIL": r"(?:,?(?: (?:que|fue|ha|sido|fui|he|y|está|estoy|es|también|soy))* <MADE>"
    r"|,? de <WHOM>| ?\(<WHOM>\)|,? (?:llamad[oa]|conocid[oa] como) <WHOM>|,? que <MAKES> <WHOM>"
    r"|, (?:un|una|el|la|tu) <DESC>|, <SELF>(?=[,.!;:)]|$))",
    "AM": r"(?:[Yy]o )?(?:[Ss]oy|[Ff]ui|[Hh]e sido|[Ee]stoy)(?: (?:solo|simplemente|también))?",
    "ME": r"(?=,? (?:[^.!?\n,]{0,60} )??(?:yo|no (?:puedo|tengo|soy|estoy|debo|me|poseo|siento)"
    r"|puedo|tengo|soy|estoy|debo|mi|mis|me|fui|he)\b)",
}
SPANISH = _language(
    _SPANISH,
    introduction=r"<BEGIN>(?:[Mm]e llamo|[Mm]i nombre es|[Pp]uedes llamarme|[Mm]e llaman)"
    r" <MARK><MODEL><MARK>",
    i_am_a_model="soy un modelo de IA",
    sayings=(
        r"<BEGIN><AM> (?:<SELF>|<DESC>)<TAIL>{0,5}",
        r"<BEGIN><AM> <MADE><TAIL>{0,3}",
        r"<BEGIN>[Cc]omo (?:<SELF>|<DESC>)<TAIL>{0,5}<ME>",
        r"<BEGIN>[Yy]o(?:,| ?\() ?(?:como )?<SELF>(?=\)|,)",
        r"<BEGIN><WHOM>(?:,? (?:que|quien))? me <MAKES>",
        r"me <MAKES> <WHOM>",
        r"<BEGIN>[Mm](?:i|is) (?:creador|desarrollador|diseñador|programador|proveedor)(?:a|es|as)?"
        r"(?: (?:es|son|en|de)|,)? ?\(?<WHOM>",
    ),
    names=(
        (r"(?<=\s(?:por|con)\s)<BOTH>|(?<=\sde\s)<BOTH>", "una empresa de IA"),
        (r"(?:la arquitectura (?:de )?)?(?:\b(?:el|un|una) )?<MODEL>", "un modelo de IA"),
        (r"(?:\b(?:la )?(?:empresa|compañía|firma|organización) )?<MAKER>", "una empresa de IA"),
    ),
)

_ARABIC = {
    "TEAM": r"(?:(?:شركة|فريق|باحثي|باحثين|مهندسي|مختبر|مختبرات) (?:في |من )?){0,2}",
    "SELF": r"<MARK>(?:(?:نموذج|مساعد|روبوت|برنامج|النموذج|المساعد) )?<MODEL><MARK>",
    "DESC": r"(?:نموذج|مساعد|روبوت|برنامج|نظام|ذكاء|أداة|وكيل)<TANWIN>"
    r"(?: (?:لغوي|لغة|اللغة|كبير|ضخم|ذكاء|الذكاء|اصطناعي|الاصطناعي|ذكي|دردشة|الدردشة|محادثة"
    r"|المحادثة|افتراضي|شخصي|رقمي|آلي|تعلم|متقدم)<TANWIN>){0,6}",
    "TANWIN": r"(?:ًا|اً)?(?!\w)",
    "WHOM": r"<TEAM>(?:بنية )?[لب]?(?:ـ ?)?<MARK>(?:<MODEL>|<MAKER>)<MARK>"
    r"(?: و<MARK>(?:<MODEL>|<MAKER>)<MARK>)?",
    "DID": r"(?:(?:تم|جرى|وتم) (?:تدريب|تطوير|إنشاء|انشاء|تصميم|بناء|صنع|برمج|ابتكار)"
    r"(?:ه|ها|ي|ته|تي)"
    r"|(?:درب|درّب|طور|طوّر|أنشأ|انشأ|صمم|صمّم|بن|صنع|ابتكر|أطلق)(?:ته|تها|ني|تني|ه|ها)"
    r"|مدرب|مدرّب|مدربًا|مطور|مطوّر|مطورًا|مصمم|مصمّم|مبني|قائم|مدعوم"
    r"|من (?:تطوير|تدريب|إنتاج|صنع|تصميم|إنشاء|ابتكار))",
    "MADE": r"<DID>(?: و<DID>)?"
    r"(?: (?:من قبل|من طرف|من جانب|بواسطة|على يد|على أيدي|لدى|في|على|من|عبر))? <WHOM>",
    "TAIL": r"(?:[،,]?(?: (?:الذي|والذي|التي|وقد|لقد|و))? و?<MADE>|[،,]? من <WHOM>"
    r"| (?:تابع|التابع) ?<WHOM>| ?\(<WHOM>\)|[،,] (?:وهو )?<DESC>|[،,] <SELF>(?=[،,.!؛:)]|$))",
    "AM": r"[وف]?(?:أنا|انا|إنني|انني|أنني|إني|أني)(?: (?:هو|مجرد))?",
    "ME": r"(?=[^.!؟\n]{0,60}?(?<!\w)"
    r"(?:أنا|لا أ|ليس لد|لدي|يمكنني|لا يمكنني|أستطيع|أقدر|مهمتي|هدفي))",
}
ARABIC = _language(
    _ARABIC,
    introduction=r"<BEGIN>(?:اسمي(?: هو)?|إسمي(?: هو)?|أُدعى|أدعى"
    r"|يمكنك (?:مناداتي|تسميتي|أن تناديني)) ?ب?<MARK><MODEL><MARK>",
    i_am_a_model="أنا نموذج ذكاء اصطناعي",
    sayings=(
        r"<BEGIN><AM> (?:<SELF>|<DESC>)<TAIL>{0,5}",
        r"<BEGIN><AM> <MADE><TAIL>{0,3}",
        r"<BEGIN>(?:بصفتي|باعتباري|كوني|بوصفي) (?:<SELF>|<DESC>)<TAIL>{0,5}",
        r"<BEGIN>ك(?:ـ ?)?(?:<SELF>|<DESC>)<TAIL>{0,5}<ME>",
        r"<BEGIN>و?(?:لقد |قد )?(?:تم|جرى) "
        r"(?:تدريبي|تطويري|إنشائي|تصميمي|بنائي|صنعي|برمجتي|ابتكاري)"
        r"(?: (?:من قبل|من طرف|بواسطة|على يد|لدى|في|من))? <WHOM>",
        r"<BEGIN>و?(?:لقد |قد )?(?:طورت|طوّرت|دربت|درّبت|أنشأت|صممت|صمّمت|صنعت|ابتكرت|بنت|برمجت)ني"
        r" <WHOM>",
        r"<BEGIN><WHOM> (?:هي |هو )?(?:التي |الذي |من )?"
        r"(?:طورت|طوّرت|دربت|درّبت|أنشأت|صممت|صنعت|ابتكرت|بنت|برمجت)ني",
    ),
    names=(
        (r"(?:(?:نموذج|النموذج) )?<MODEL>", "نموذج ذكاء اصطناعي"),
        (r"(?:شركة )?<MAKER>", "شركة ذكاء اصطناعي"),
    ),
)
LANGUAGES = (ENGLISH, SPANISH, ARABIC)
