"""What the facilitator's page shows of a vote."""

from django import template

from deliberation.models import Statement
from deploy.screen import pushed_statement
from elicitation.models import Activity

register = template.Library()


@register.simple_tag
def before_everyone(activity: Activity) -> Statement | None:
    """The statement that was put before everyone, if there is one that stands."""
    return pushed_statement(activity) if activity.pushed else None
