"""Where a request comes from, as far as that can be trusted."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from server.asgi import Scope

UNKNOWN = "unknown"
# What one household or phone has; a single address of it says nothing.
SHARED_BITS = 64


def client_address(scope: Scope, trusted_proxy: str | None) -> str:
    """The peer, or the one that the trusted proxy names last: the others anybody can write."""
    client = scope.get("client")
    peer = str(client[0]) if client else UNKNOWN
    if trusted_proxy is None or peer != trusted_proxy:
        return peer
    named = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    last = named[-1].decode("latin-1").rpartition(",")[2].strip() if named else ""
    return last if _parsed(last) is not None else peer


def limit_key(address: str) -> str:
    """What limits count by: an IPv4 address, or the /64 of an IPv6 one."""
    match _parsed(address):
        case IPv6Address(ipv4_mapped=IPv4Address() as mapped):
            return str(mapped)
        case IPv6Address() as parsed:
            return str(ip_network((parsed, SHARED_BITS), strict=False))
        case IPv4Address() as parsed:
            return str(parsed)
        case None:
            return UNKNOWN


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None
