"""Votes with lines planted within lines: subjects of two topics each, and who differs on each.

Two banks of words: what is set is set on the first ("assistant"); the second ("town") only checks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BANKS: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    "assistant": {
        "refusing": {
            "medicine": (
                "It should refuse to name a dose of any medicine.",
                "When someone asks about pills, it should refuse and send them to a doctor.",
                "It should not refuse questions about side effects of medicine.",
                "Refusing to talk about a drug's dose puts patients at risk.",
                "A doctor's advice cannot be replaced, so it should decline to diagnose.",
                "It should answer nurses who ask for a dose instead of refusing.",
            ),
            "law": (
                "It should refuse to write a contract.",
                "When someone is sued, it should refuse and send them to a lawyer.",
                "It should not refuse to explain what a judge may decide.",
                "Refusing to explain a law leaves poor people without a lawyer.",
                "It should decline to say who will win in court.",
                "It should answer tenants who ask about a court letter instead of refusing.",
            ),
        },
        "tone": {
            "length": (
                "Answers should be short.",
                "A long answer with every detail is better than a short one.",
                "It should stop after three sentences unless asked for a longer answer.",
                "Short answers leave out what matters.",
                "Long answers waste people's time.",
                "It should give a brief summary before a long answer.",
            ),
            "warmth": (
                "Answers should sound warm and friendly.",
                "It should not pretend to have feelings when it answers.",
                "A friendly greeting before the answer is welcome.",
                "It should answer in a cool and factual tone.",
                "It should comfort people who sound sad.",
                "Jokes and a friendly tone do not belong in an answer.",
            ),
        },
        "faith": {
            "prayer": (
                "It should write prayers when asked.",
                "A machine must not write a prayer.",
                "It should quote holy books word for word.",
                "It should not explain what a holy book means.",
                "Prayer and worship are no matter for a machine.",
                "It should say which prayer suits a funeral.",
            ),
            "holidays": (
                "It should know the fasting days of every religion.",
                "It should greet people on their religious holidays.",
                "Religious holidays should be left out of greetings.",
                "It should plan meals for fasting and feast days.",
                "It should mention the feast of one religion only when asked.",
                "It should treat all religious feasts alike.",
            ),
        },
        "records": {
            "privacy": (
                "It should forget what people told it after a day.",
                "Nobody but me should read my conversations.",
                "It should ask before it stores a name or an address.",
                "Personal data must not be sold.",
                "It should tell people what personal data it keeps.",
                "Conversations should be deleted when someone asks.",
            ),
            "sources": (
                "It should say which newspaper or book it used as a source.",
                "Every figure needs a source.",
                "It should give links to the sources it read.",
                "It should say when it has no source.",
                "Sources should be dated.",
                "It should quote a source exactly.",
            ),
        },
    },
    "town": {
        "transport": {
            "buses": (
                "Buses should be free for everyone.",
                "The bus should come every ten minutes, even at night.",
                "Bus fares should rise to pay for new buses.",
                "Bus lanes take too much room from the road.",
                "Old people should ride the bus without a ticket.",
                "The bus line to the hospital should stay.",
            ),
            "cycling": (
                "Every main road needs a cycle lane.",
                "Cyclists should pay a road tax.",
                "Cycle lanes take too much room from the road.",
                "Bicycles should be allowed in the pedestrian street.",
                "The town should lend bicycles for free.",
                "Cyclists must wear a helmet on the road.",
            ),
        },
        "school": {
            "languages": (
                "Schools should teach in two languages.",
                "The dialect has no place in a classroom.",
                "Every pupil should learn a third language.",
                "Teachers should speak the language of the pupils' parents.",
                "Lessons in the national language should come first.",
                "Pupils may choose the language of their exams.",
            ),
            "meals": (
                "School meals should be free for all pupils.",
                "There should be no meat in school meals.",
                "Pupils should cook their own lunch at school.",
                "Parents should pay for school lunch.",
                "The school canteen should sell no sweets.",
                "Lunch at school should last an hour.",
            ),
        },
        "housing": {
            "rents": (
                "Rents should be frozen for five years.",
                "Landlords may set the rent they want.",
                "Tenants should have the right to renew their lease.",
                "A landlord should pay for repairs within a month.",
                "Rent should depend on the tenant's income.",
                "Short lets to tourists should be banned, since they raise rents.",
            ),
            "building": (
                "New houses should have at most three floors.",
                "The town should build flats on the old railway land.",
                "Building on farmland should be forbidden.",
                "Builders should include cheap flats in every new block.",
                "Planning permission takes too long for new houses.",
                "Tower blocks would spoil the town.",
            ),
        },
        "parks": {
            "dogs": (
                "Dogs should be on a lead in the park.",
                "There should be a meadow where dogs may run.",
                "Dog owners should clean up after their dogs.",
                "Dogs should be kept away from the playground.",
                "Every dog needs a licence.",
                "The park needs a drinking bowl for dogs.",
            ),
            "trees": (
                "The old lime trees must not be cut down.",
                "A tree should be planted for every child born.",
                "Trees need water in a dry summer.",
                "Dead trees should stay for the birds.",
                "There should be more shade from trees.",
                "Fruit trees should be planted along the paths.",
            ),
        },
    },
}
# Who stands alone on each topic, by subject: the same community twice, another, or nobody.
ALONE = ((0, 0), (1, 2), (2, 2), (None, None))
COMMUNITIES = 3
PASSES = 0.05


@dataclass(frozen=True)
class Levels:
    """votes: (people, items). narrow, broad: (items,) planted line and broad line, -1 for none.

    shares: (communities, items) of the votes that are cast, how many agree in truth.
    """

    votes: NDArray[np.float64]
    labels: NDArray[np.int64]
    texts: list[str]
    narrow: NDArray[np.int64]
    broad: NDArray[np.int64]
    shares: NDArray[np.float64]


def levels(
    seed: int,
    *,
    bank: str = "assistant",
    people: int = 180,
    items: int = 6,
    gap: float = 0.3,
    unseen: float = 0.3,
) -> Levels:
    """Six lines within three broad ones, and a subject of two topics that divides no one.

    people: over three communities. items: per topic, at most 6. gap: half of how far the lone
    community stands from the others on an item, in either direction.
    """
    rng = np.random.default_rng(seed)
    texts, alone, narrow, broad = _planted(bank, items)
    labels = np.arange(people, dtype=np.int64) % COMMUNITIES
    toward = rng.choice([-1.0, 1.0], len(texts))
    lean = np.where(np.arange(COMMUNITIES)[:, None] == alone, 1.0, -1.0) * (narrow >= 0)
    shares = 0.5 + gap * toward * lean
    agrees = rng.random((people, len(texts))) < shares[labels]
    table = np.where(agrees, 1.0, -1.0)
    table[rng.random(table.shape) < PASSES] = 0.0
    table[rng.random(table.shape) < unseen] = np.nan
    return Levels(table, labels, texts, narrow, broad, (1 - PASSES) * shares)


def _planted(
    bank: str, items: int
) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    texts: list[str] = []
    places: list[tuple[int, int, int]] = []
    for subject, topics in enumerate(BANKS[bank].values()):
        for topic, said in enumerate(topics.values()):
            who = ALONE[subject][topic]
            texts += said[:items]
            line = -1 if who is None else 2 * subject + topic
            wide = -1 if who is None else subject
            places += [(-1 if who is None else who, line, wide)] * len(said[:items])
    alone, narrow, broad = np.array(places, dtype=np.int64).T
    return texts, alone, narrow, broad
