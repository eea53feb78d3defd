"""Pages about people, what they were shown, and what came in."""

from django.urls import path

from elicitation.views import (
    answers,
    facilitate,
    harm,
    integrity,
    judging,
    own_words,
    phone,
    screening,
    sheet,
    yours,
)
from elicitation.views import staff as views

IMPORT = "workshops/<slug:slug>/imports/<int:pk>/"
MEETING = "workshops/<slug:slug>/meeting/"
SETTINGS = "workshops/<slug:slug>/settings/"
INTEGRITY = "workshops/<slug:slug>/integrity/"

urlpatterns = [
    # First what every phone asks for every other second.
    path("w/<slug:slug>/pulse/", phone.pulse, name="pulse"),
    path("workshops/new/", views.new_workshop, name="workshop-new"),
    path(IMPORT, views.import_report, name="import-report"),
    path(IMPORT + "rejected.csv", views.import_rejections, name="import-rejections"),
    path("workshops/<slug:slug>/prompts/", views.prompts, name="prompts"),
    path("workshops/<slug:slug>/prompts/<int:pk>/", views.prompt, name="prompt"),
    path("workshops/<slug:slug>/people/", views.people, name="people"),
    path(MEETING, facilitate.meeting, name="meeting"),
    path(MEETING + "numbers/", facilitate.numbers, name="meeting-numbers"),
    path(MEETING + "communities/", facilitate.add_community, name="meeting-community"),
    path(MEETING + "stages/", facilitate.add_stage, name="meeting-add-stage"),
    path(MEETING + "stages/<int:pk>/", facilitate.act_on_stage, name="meeting-stage"),
    path(MEETING + "activities/<int:pk>/", facilitate.act_on_activity, name="meeting-activity"),
    path(MEETING + "activities/<int:pk>/prompts/", facilitate.push_prompt, name="push-prompt"),
    path(SETTINGS, facilitate.settings, name="workshop-settings"),
    path(SETTINGS + "questions/", facilitate.add_question, name="add-question"),
    path(SETTINGS + "questions/<int:pk>/", facilitate.remove_question, name="remove-question"),
    path("workshops/<slug:slug>/screening/", screening.screening, name="screening"),
    path("workshops/<slug:slug>/sheet/", sheet.sheet, name="sheet"),
    path(INTEGRITY, integrity.integrity, name="integrity"),
    path(INTEGRITY + "<int:pk>/", integrity.integrity_progress, name="integrity-progress"),
    path("join/", phone.join_by_code, name="join-code"),
    path("join/<str:code>/", phone.join_page, name="join"),
    path("return/", phone.return_page, name="return"),
    path("stopped/", phone.stopped, name="stopped"),
    path("w/<slug:slug>/", phone.home, name="phone-home"),
    path("w/<slug:slug>/code/", phone.return_code, name="return-code"),
    path("w/<slug:slug>/support/", phone.support, name="support"),
    path("w/<slug:slug>/stop/", phone.stop, name="stop"),
    path("w/<slug:slug>/compare/", judging.compare, name="compare"),
    path("w/<slug:slug>/rate/", judging.rate, name="rate"),
    path("w/<slug:slug>/criteria/", judging.criteria, name="criteria"),
    path("w/<slug:slug>/rank/", judging.rank, name="rank"),
    path("w/<slug:slug>/rewrite/", judging.rewrite, name="rewrite"),
    path("w/<slug:slug>/said/<str:kind>/", judging.said, name="said"),
    path("w/<slug:slug>/harm/", harm.harm, name="harm"),
    path("w/<slug:slug>/cases/", own_words.cases, name="cases"),
    path("w/<slug:slug>/about-you/", own_words.about_you, name="about-you"),
    path("w/<slug:slug>/answer/", answers.answer, name="answer"),
    path("w/<slug:slug>/you/", yours.you, name="you"),
    path("w/<slug:slug>/you/allow/", yours.allow, name="allow"),
    path("w/<slug:slug>/you/devices/", yours.devices, name="own-devices"),
    path("w/<slug:slug>/you/contact/", yours.contact, name="contact"),
    path("w/<slug:slug>/you/answers/", yours.answers, name="own-answers"),
    path("w/<slug:slug>/you/take-back/", yours.take_back, name="take-back"),
    path("w/<slug:slug>/you/data/", yours.data, name="own-data"),
    path("w/<slug:slug>/you/receipts/", yours.receipts, name="receipts"),
    path("w/<slug:slug>/you/receipts/<uuid:key>/", yours.receipt, name="receipt"),
]
