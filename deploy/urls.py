"""Where each app's pages live."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from deploy import views

handler403 = "deploy.views.forbidden"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("", include("elicitation.urls")),
    path("", include("deliberation.urls")),
    path("workshops/<slug:slug>/", views.workshop, name="workshop"),
    path("admin/", admin.site.urls),
    path("account/", include("allauth.account.urls")),
]
