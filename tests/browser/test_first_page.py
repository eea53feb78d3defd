"""The first page anyone sees, in a real browser."""

import pytest

from tests.browser.conftest import LAPTOP, PHONE, overflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("page", [PHONE, LAPTOP], indirect=True)
def test_the_sign_in_page_fits_a_phone_and_a_laptop(page, snap):
    page.goto("/account/login/")
    snap("sign-in")
    assert page.get_by_label("Username").is_visible()
    assert overflow(page) == 0


def test_a_signed_in_facilitator_is_not_asked_to_sign_in(page, sign_in, farid):
    sign_in(farid)
    page.goto("/account/login/")
    assert "/account/login/" not in page.url
