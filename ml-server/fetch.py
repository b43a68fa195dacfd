"""Fetches pictures: few redirects, little time, not too large, and from no private address unless that is allowed."""

import http.client
import ipaddress
import math
import socket
import time
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime
from typing import Any

from jobs import Later

MOST_BYTES = 10_000_000
MOST_REDIRECTS = 3
SECONDS = 20  # for all of it
USUAL_WAIT = 60.0


class Unusable(Exception):
    """The picture is gone, or is none: trying again gives the same."""


class Refused(Exception):
    """An address that must not be called."""


def is_public(address: str) -> bool:
    """Addresses of IPv6 that lead to one of IPv4 are judged by that."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        value = int(ip)
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and value >> 32 in (0, 0x64FF9B << 64):
            inner = ipaddress.IPv4Address(value & 0xFFFFFFFF)
        return ip.is_global and not ip.is_site_local and (inner is None or inner.is_global)
    return ip.is_global


def connect(address: tuple[str, int], *args: Any, **options: Any) -> socket.socket:
    """Before anything is said, and by the address that is really called: what a name means a moment later changes nothing."""
    made = socket.create_connection(address, *args, **options)
    peer = made.getpeername()[0]
    if is_public(peer):
        return made
    made.close()
    raise Refused(f"{peer} is a private address")


class Http(http.client.HTTPConnection):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._create_connection = connect


class Https(http.client.HTTPSConnection):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._create_connection = connect


class HttpHandler(urllib.request.HTTPHandler):
    def http_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(Http, request)


class HttpsHandler(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(Https, request)


class Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MOST_REDIRECTS


def opener(allow_private: bool) -> urllib.request.OpenerDirector:
    made = urllib.request.OpenerDirector()
    for handler in [
        *((urllib.request.HTTPHandler(), urllib.request.HTTPSHandler()) if allow_private else (HttpHandler(), HttpsHandler())),
        *(Redirects(), urllib.request.UnknownHandler()),
        *(urllib.request.HTTPDefaultErrorHandler(), urllib.request.HTTPErrorProcessor()),
    ]:
        made.add_handler(handler)
    return made


def wait_asked(header: str | None) -> float:
    """Retry-After as seconds, or as a time."""
    try:
        return float(header) if header else USUAL_WAIT
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(header or "").timestamp() - time.time()
    except (TypeError, ValueError):
        return USUAL_WAIT


def later(seconds: float, why: str) -> Later:
    return Later(min(3600.0, max(1.0, seconds)) if math.isfinite(seconds) else USUAL_WAIT, why)


def read_all(answer: Any, until: float) -> bytes:
    """The body, also where it drips: the time-out of a socket is for each read alone."""
    data = bytearray()
    while part := answer.read1(65_536):
        data += part
        if len(data) > MOST_BYTES:
            raise Unusable(f"it is larger than {MOST_BYTES} bytes")
        if time.monotonic() > until:
            raise TimeoutError(f"not fetched within {SECONDS} seconds")
    return bytes(data)


def fetch(url: str, *, allow_private: bool) -> bytes:
    """The bytes at an address. Raises Later where it may be there in a while, and Unusable where it will not."""
    until = time.monotonic() + SECONDS
    try:
        with opener(allow_private).open(url, timeout=SECONDS) as answer:
            return read_all(answer, until)
    except urllib.error.HTTPError as error:
        why = f"its address answers {error.code}"
        if error.code in (408, 425, 429) or error.code >= 500:
            raise later(wait_asked(error.headers.get("Retry-After")), why) from error
        raise Unusable(why) from error
    except (Refused, ValueError) as error:
        raise Unusable(str(error)) from error
    except urllib.error.URLError as error:
        # Another scheme than HTTP has no reason of the network.
        if isinstance(error.reason, OSError):
            raise later(USUAL_WAIT, f"it cannot be fetched: {error.reason}") from error
        raise Unusable(f"it cannot be fetched: {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise later(USUAL_WAIT, f"it cannot be fetched: {error}") from error
