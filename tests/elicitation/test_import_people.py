"""Seats, pseudonyms and codes."""

import pytest

from elicitation.errors import Refused, SeatTaken
from elicitation.methods.readable_names import (
    CODE_ALPHABET,
    imported_pseudonym,
    plain_code,
    random_code,
)
from elicitation.models import Participant, Workshop
from elicitation.services import (
    add_participant,
    open_workshop,
    return_code_hash,
    seat_community,
    seat_people,
)


def test_a_workshop_that_exists_is_left_as_it_is(river: Workshop) -> None:
    assert open_workshop(slug="river", title="Another title") == river
    river.refresh_from_db()
    assert river.title == "What should a model say about the river?"


@pytest.mark.parametrize("slug", ["", "two words", "../up", "a" * 81])
def test_a_workshops_name_must_fit_an_address(db: None, slug: str) -> None:
    with pytest.raises(Refused):
        open_workshop(slug=slug)


def test_each_seat_has_a_code_without_look_alikes(river: Workshop) -> None:
    seat = seat_community(workshop=river, name="Night shift")
    assert seat == seat_community(workshop=river, name="  Night   shift ")
    assert len(seat.join_code) == 8
    assert set(seat.join_code) <= set(CODE_ALPHABET)
    assert seat.position == 2
    assert len(CODE_ALPHABET) == 31


def test_two_names_that_read_alike_in_an_address_are_two_communities(river: Workshop) -> None:
    names = ["Seattle", "Seattle!", "台灣", "臺灣"]
    seats = [seat_community(workshop=river, name=name) for name in names]
    assert len({seat.community.slug for seat in seats}) == 4


def test_a_return_code_is_shown_once_and_stored_hashed(river: Workshop) -> None:
    arrival = add_participant(seat=river.seats.get(community__slug="fishers"))
    stored = Participant.objects.get(pk=arrival.participant.pk)
    assert stored.return_code_hash == return_code_hash(arrival.return_code.lower())
    assert plain_code(arrival.return_code) not in str(vars(stored))
    assert len(stored.pseudonym.split("-")) == 3


def test_newcomers_never_share_a_pseudonym(
    river: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(["calm-otter-100", "calm-otter-100", "keen-wren-200"])
    monkeypatch.setattr("elicitation.services.people.random_pseudonym", lambda: next(names))
    seat = river.seats.get(community__slug="fishers")
    pseudonyms = [add_participant(seat=seat).participant.pseudonym for _ in range(2)]
    assert pseudonyms == ["calm-otter-100", "keen-wren-200"]
    with pytest.raises(Refused, match="is taken"):
        add_participant(seat=seat, pseudonym="keen-wren-200")


def test_a_person_sits_in_one_community(amara: Participant, river: Workshop) -> None:
    farmers = river.seats.get(community__slug="farmers")
    with pytest.raises(SeatTaken, match="'amara' already sits in Fishers"):
        seat_people(seat=farmers, pseudonyms=["new", "amara"], identity="imported")
    assert not farmers.participants.exists()


def test_the_same_id_has_the_same_name_and_another_id_another() -> None:
    names = [
        imported_pseudonym("seattle", "voter", who) for who in ("17", "17", "71", "a@b", "A b")
    ]
    assert names[0] == names[1] == "seattle-voter-17"
    assert len(set(names)) == 4
    assert all(len(name) <= 80 for name in [*names, imported_pseudonym("s" * 99, "v", "x" * 9999)])


def test_codes_use_the_whole_alphabet() -> None:
    assert set(random_code(5000)) == set(CODE_ALPHABET)
