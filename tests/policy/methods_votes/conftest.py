import pytest

from tests.policy.methods_votes import polis


@pytest.fixture(scope="session")
def taiwan() -> polis.Conversation:
    return polis.read("vtaiwan.uberx")
