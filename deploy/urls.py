"""Where each app's pages live."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from deploy import screen, views

handler403 = "deploy.views.forbidden"

# Of allauth's pages those that work without mail, which an installation need not have.
account_urls: list[URLPattern | URLResolver] = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    # First what a full hall asks for: patterns are tried one after the other.
    path("api/", include("deploy.api")),
    path("", views.home, name="home"),
    path("", include("elicitation.urls")),
    path("", include("deliberation.urls")),
    path("", include("policy.urls")),
    path("", include("training.urls")),
    path("workshops/<slug:slug>/", views.workshop, name="workshop"),
    path("workshops/<slug:slug>/screen/", screen.screen, name="screen"),
    path("workshops/<slug:slug>/screen/now/", screen.screen_now, name="screen-now"),
    path("sw.js", views.service_worker, name="service-worker"),
    path("admin/", admin.site.urls),
    path("account/", include(account_urls)),
    path("language/", set_language, name="language"),
]
