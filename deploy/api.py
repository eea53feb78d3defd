"""Where the API of every app lives, and its description in OpenAPI."""

from django.http import Http404
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.decorators import api_view, authentication_classes
from rest_framework.request import Request
from rest_framework.response import Response


@extend_schema(exclude=True)
@api_view(["GET", "POST", "PUT", "PATCH", "DELETE"])
@authentication_classes([])
def not_there(request: Request, rest: str) -> Response:
    """Refuse an address that leads nowhere in the shape that clients read."""
    raise Http404(rest)


schema = SpectacularJSONAPIView.as_view(authentication_classes=[])

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", schema, name="api-schema"),
    path("", include("elicitation.api.urls")),
    path("", include("deliberation.api")),
    path("", include("policy.api")),
    path("<path:rest>", not_there, name="api-not-there"),
]
