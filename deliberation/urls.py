"""Pages about statements and votes, and the one page that brings answers in."""

from django.urls import path

from deliberation.views import staff as views

urlpatterns = [
    path("workshops/<slug:slug>/statements/", views.statements, name="statements"),
    path("workshops/<slug:slug>/import/", views.bring_in, name="import"),
    path(
        "workshops/<slug:slug>/import/<int:pk>/",
        views.import_progress,
        name="import-progress",
    ),
]
