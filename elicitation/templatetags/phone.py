"""The parts of pages that people meet on their phones, in their own words."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from elicitation.activities import Progress
from elicitation.models import Activity, Device
from elicitation.services.inbox import highest_number

NAMES = {
    Activity.Kind.COMPARE: gettext_lazy("Choose the better answer"),
    Activity.Kind.RATE: gettext_lazy("Thumbs up or down"),
    Activity.Kind.CRITERIA: gettext_lazy("Look at one answer closely"),
    Activity.Kind.RANK: gettext_lazy("Put answers in order"),
    Activity.Kind.REWRITE: gettext_lazy("Write what it should have said"),
    Activity.Kind.CASE: gettext_lazy("Write a test of your own"),
    Activity.Kind.PROPOSE: gettext_lazy("Say what it should do"),
    Activity.Kind.VOTE: gettext_lazy("Vote on what others said"),
    Activity.Kind.REVIEW: gettext_lazy("Look at your community's rules"),
    Activity.Kind.IDENTITY: gettext_lazy("About you, if you like"),
}

register = template.Library()


@register.simple_tag
def activity_name(activity: Activity) -> str:
    """What people do, in their words."""
    return str(NAMES[Activity.Kind(activity.kind)])


@register.simple_tag
def how_far(progress: Progress) -> str:
    """How much of it is done."""
    if progress.of is None:
        if progress.done == 0:
            return _("Not begun")
        return ngettext("%(done)s so far", "%(done)s so far", progress.done) % {
            "done": progress.done
        }
    if progress.of == 0:
        return _("Nothing yet")
    if progress.is_over:
        return _("Done")
    return _("%(done)s of %(of)s") % {"done": progress.done, "of": progress.of}


@register.simple_tag
def highest_number_of(device: Device) -> int:
    """From where a phone that has forgotten its count goes on counting."""
    return highest_number(device)
