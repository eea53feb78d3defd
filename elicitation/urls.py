"""Pages about people, what they were shown, and what came in."""

from django.urls import path

from elicitation.views import answers, phone, yours
from elicitation.views import staff as views

IMPORT = "workshops/<slug:slug>/imports/<int:pk>/"

urlpatterns = [
    path("workshops/new/", views.new_workshop, name="workshop-new"),
    path(IMPORT, views.import_report, name="import-report"),
    path(IMPORT + "rejected.csv", views.import_rejections, name="import-rejections"),
    path("workshops/<slug:slug>/prompts/", views.prompts, name="prompts"),
    path("workshops/<slug:slug>/prompts/<int:pk>/", views.prompt, name="prompt"),
    path("workshops/<slug:slug>/people/", views.people, name="people"),
    path("join/", phone.join_by_code, name="join-code"),
    path("join/<str:code>/", phone.join_page, name="join"),
    path("return/", phone.return_page, name="return"),
    path("stopped/", phone.stopped, name="stopped"),
    path("w/<slug:slug>/", phone.home, name="phone-home"),
    path("w/<slug:slug>/code/", phone.return_code, name="return-code"),
    path("w/<slug:slug>/support/", phone.support, name="support"),
    path("w/<slug:slug>/stop/", phone.stop, name="stop"),
    path("w/<slug:slug>/answer/", answers.answer, name="answer"),
    path("w/<slug:slug>/you/", yours.you, name="you"),
    path("w/<slug:slug>/pulse/", phone.pulse, name="pulse"),
]
