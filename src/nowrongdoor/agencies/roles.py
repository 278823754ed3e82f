"""What each role may do, read off the guards that the addresses declare."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from django.urls import URLPattern, URLResolver, get_resolver

from nowrongdoor.access import guards, viewers
from nowrongdoor.core import language, parts
from nowrongdoor.core.language import gettext as _


@dataclasses.dataclass(frozen=True, slots=True)
class RoleShown:
    """A role, what its pages do, and what it sees of a person."""

    role: viewers.Role
    pages: Sequence[str]
    parts: Sequence[parts.Part]


def all_roles() -> Sequence[RoleShown]:
    """List the roles with every page that lets them in and not everybody."""
    pages: dict[viewers.Role, list[str]] = {role: [] for role in viewers.Role}
    for route in _routes(get_resolver()):
        allowed = guards.roles_of(route.callback)
        if allowed is None or allowed == frozenset(viewers.Role):
            continue
        for role in allowed:
            pages[role].append(_(language.first_sentence(route.callback.__doc__ or "")))
    return [
        RoleShown(role, sorted(set(pages[role])), [part for part in parts.Part if part in role.record.parts])
        for role in viewers.Role
    ]


def _routes(resolver: URLResolver) -> Sequence[URLPattern]:
    routes: list[URLPattern] = []
    for each in resolver.url_patterns:
        routes += _routes(each) if isinstance(each, URLResolver) else [each]
    return routes
