"""The description of the API: valid, complete, and true of what is answered."""

import io

import pytest
from django.core.management import call_command
from django.urls import get_resolver, reverse
from drf_spectacular.validation import validate_schema

from tests.test_permissions import names_of_pages

pytestmark = pytest.mark.django_db
# The description itself, and whatever leads nowhere.
UNDESCRIBED = {"api-schema", "api-not-there"}


@pytest.fixture
def schema(client) -> dict:
    """The description that we serve."""
    return client.get(reverse("api-schema")).json()


def test_the_description_is_valid_and_made_without_a_warning(schema) -> None:
    validate_schema(schema)
    call_command("spectacular", fail_on_warn=True, validate=True, stdout=io.StringIO())


def test_every_address_is_described(schema) -> None:
    names = {name for name in names_of_pages(get_resolver()) if name.startswith("api-")}
    operations = sum(len(methods) for methods in schema["paths"].values())
    assert operations >= len(names - UNDESCRIBED) > 5


def test_every_operation_says_how_it_refuses(schema) -> None:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            refusals = [
                answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                for status, answer in operation["responses"].items()
                if status.startswith("4")
            ]
            assert (path, method, set(refusals)) == (path, method, {"RefusalShape"})
