"""Pages about people, what they were shown, and what came in."""

from django.urls import path

from elicitation import views

IMPORT = "workshops/<slug:slug>/imports/<int:pk>/"

urlpatterns = [
    path("workshops/new/", views.new_workshop, name="workshop-new"),
    path(IMPORT, views.import_report, name="import-report"),
    path(IMPORT + "rejected.csv", views.import_rejections, name="import-rejections"),
    path("workshops/<slug:slug>/prompts/", views.prompts, name="prompts"),
    path("workshops/<slug:slug>/prompts/<int:pk>/", views.prompt, name="prompt"),
    path("workshops/<slug:slug>/people/", views.people, name="people"),
]
