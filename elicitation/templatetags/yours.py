"""The parts of pages that show people what is theirs."""

from datetime import datetime

from django import template
from django.utils.formats import date_format
from django.utils.timezone import localtime

register = template.Library()


@register.filter
def day_of(moment: str) -> str:
    """A moment as files hold it, as people read it."""
    return date_format(localtime(datetime.fromisoformat(moment)), "DATETIME_FORMAT")
