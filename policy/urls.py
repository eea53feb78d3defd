"""Pages about analyses and constitutions."""

from django.urls import path, re_path

from policy.views import asking, lines, phone
from policy.views import live as watching
from policy.views import staff as views

ANALYSES = "workshops/<slug:slug>/analyses/"
VERSION = "constitutions/<int:pk>/<int:number>/"

urlpatterns = [
    path(ANALYSES, views.analyses, name="analyses"),
    path(ANALYSES + "ask/", views.analyse, name="analyse"),
    path(ANALYSES + "work/<int:pk>/", views.analysis_progress, name="analysis-progress"),
    path(ANALYSES + "<int:pk>/", views.analysis, name="analysis"),
    path(ANALYSES + "<int:pk>/analysis.json", views.analysis_json, name="analysis-json"),
    path(ANALYSES + "<int:pk>/ask-next/", asking.ask_next, name="ask-next"),
    path(ANALYSES + "<int:pk>/fault-lines/", lines.fault_lines, name="fault-lines"),
    path(ANALYSES + "<int:pk>/fault-lines/change/", lines.change, name="fault-lines-change"),
    path("workshops/<slug:slug>/live/", watching.live, name="live"),
    path("workshops/<slug:slug>/live/now/", watching.live_now, name="live-now"),
    path("workshops/<slug:slug>/draft/", views.draft, name="draft-constitution"),
    path("constitutions/<int:pk>/", views.constitution, name="constitution"),
    path(VERSION, views.version, name="constitution-version"),
    path(VERSION + "compare/<int:other>/", views.compare, name="constitution-compare"),
    re_path(
        r"^constitutions/(?P<pk>\d+)/(?P<number>\d+)/constitution\.(?P<format>json|yaml|md)$",
        views.export,
        name="constitution-export",
    ),
    path(VERSION + "ratify/", views.ratify, name="ratify"),
    path("w/<slug:slug>/rules/", phone.review, name="review"),
]
