"""Where clients join, answer and ask."""

from django.urls import path

from elicitation.api import joining, taking_part

SEAT = "w/<slug:slug>/"

urlpatterns = [
    path("join/", joining.take_seat, name="api-join"),
    path("join/<str:code>/", joining.invitation, name="api-invitation"),
    path("return/", joining.return_to_seat, name="api-return"),
    path(SEAT + "me/", taking_part.me, name="api-me"),
    path(SEAT + "activities/", taking_part.activities, name="api-activities"),
    path(SEAT + "answers/", taking_part.answers, name="api-answers"),
    path(SEAT + "pulse/", taking_part.pulse, name="api-pulse"),
]
