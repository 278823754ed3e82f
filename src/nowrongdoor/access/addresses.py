"""Where a request comes from, as limits count it: one IPv4 address, or the /64 that one IPv6 household or host has."""

from __future__ import annotations

import ipaddress

OUTSIDE = ipaddress.ip_address("::")


def sender(address: str) -> str:
    """Name the sender at an address; whatever is no address counts as one sender."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        parsed = OUTSIDE
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
