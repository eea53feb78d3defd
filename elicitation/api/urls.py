"""Where clients join, answer and ask."""

from django.urls import path

from elicitation.api import joining, judging, taking_part, yours

SEAT = "w/<slug:slug>/"

urlpatterns = [
    path("join/", joining.take_seat, name="api-join"),
    path("join/<str:code>/", joining.invitation, name="api-invitation"),
    path("return/", joining.return_to_seat, name="api-return"),
    path(SEAT + "me/", taking_part.me, name="api-me"),
    path(SEAT + "activities/", taking_part.activities, name="api-activities"),
    path(SEAT + "answers/", taking_part.answers, name="api-answers"),
    path(SEAT + "pulse/", taking_part.pulse, name="api-pulse"),
    path(SEAT + "items/<str:kind>/", judging.items, name="api-items"),
    path(SEAT + "severe/", judging.severe, name="api-severe"),
    path(SEAT + "cases/", judging.cases, name="api-cases"),
    path(SEAT + "questions/", judging.questions, name="api-questions"),
    path(SEAT + "data/", yours.data, name="api-data"),
    path(SEAT + "code/", yours.code, name="api-code"),
    path(SEAT + "other-devices/", yours.other_devices, name="api-other-devices"),
    path(SEAT + "allow/", yours.allow, name="api-allow"),
    path(SEAT + "contact/", yours.contact, name="api-contact"),
    path(SEAT + "take-back/", yours.take_back, name="api-take-back"),
]
