"""Pages about statements and votes, and the one page that brings answers in."""

from django.urls import path

from deliberation.views import meeting, moderation, phone, translating
from deliberation.views import staff as views

MODERATION = "workshops/<slug:slug>/moderation/"
TRANSLATIONS = "workshops/<slug:slug>/translations/"
MEETING = "workshops/<slug:slug>/meeting/activities/<int:pk>/"

urlpatterns = [
    path("workshops/<slug:slug>/statements/", views.statements, name="statements"),
    path(MEETING + "vote/", meeting.turn_vote, name="turn-vote"),
    path(MEETING + "statements/", meeting.push, name="push-statement"),
    path(MODERATION, moderation.moderation, name="moderation"),
    path(MODERATION + "<int:pk>/", moderation.moderate, name="moderate"),
    path(MODERATION + "<int:pk>/merge/", moderation.merge, name="merge"),
    path(TRANSLATIONS, translating.translations, name="translations"),
    path(TRANSLATIONS + "file/", translating.translations_file, name="translations-file"),
    path("workshops/<slug:slug>/import/", views.bring_in, name="import"),
    path(
        "workshops/<slug:slug>/import/<int:pk>/",
        views.import_progress,
        name="import-progress",
    ),
    path("w/<slug:slug>/vote/", phone.vote, name="vote"),
    path("w/<slug:slug>/results/", phone.results, name="results"),
    path("w/<slug:slug>/say/", phone.propose, name="propose"),
    path("w/<slug:slug>/say/mine/", phone.mine, name="mine"),
    path("w/<slug:slug>/say/like/", phone.similar, name="similar"),
]
