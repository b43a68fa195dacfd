"""Fetches pictures: few redirects, little time, not too large, and from no private address unless that is allowed."""

import http.client
import ipaddress
import socket
import urllib.error
import urllib.request
from typing import Any

from jobs import Later

MOST_BYTES = 10_000_000
MOST_REDIRECTS = 3
SECONDS = 20


class Unusable(Exception):
    """The picture is gone, or is none: trying again gives the same."""


class Refused(Exception):
    """An address that must not be called."""


def check(connection: http.client.HTTPConnection) -> None:
    """After connecting, so that a name that leads elsewhere a moment later changes nothing."""
    address = ipaddress.ip_address(connection.sock.getpeername()[0])
    if (getattr(address, "ipv4_mapped", None) or address).is_global:
        return
    connection.close()
    raise Refused(f"{address} is a private address")


class Http(http.client.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        check(self)


class Https(http.client.HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        check(self)


class HttpHandler(urllib.request.HTTPHandler):
    def http_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(Http, request)


class HttpsHandler(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(Https, request)


class Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MOST_REDIRECTS


def opener(allow_private: bool) -> urllib.request.OpenerDirector:
    guards = [] if allow_private else [HttpHandler(), HttpsHandler()]
    made = urllib.request.OpenerDirector()
    for handler in [
        *(guards or [urllib.request.HTTPHandler(), urllib.request.HTTPSHandler()]),
        *(Redirects(), urllib.request.UnknownHandler()),
        *(urllib.request.HTTPDefaultErrorHandler(), urllib.request.HTTPErrorProcessor()),
    ]:
        made.add_handler(handler)
    return made


def fetch(url: str, *, allow_private: bool) -> bytes:
    """The bytes at an address. Raises Later where it may be there in a while, and Unusable where it will not."""
    try:
        with opener(allow_private).open(url, timeout=SECONDS) as answer:
            data = answer.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        if error.code in (429, 503):
            raise Later(float(error.headers.get("Retry-After") or 60)) from error
        raise Unusable(f"its address answers {error.code}") from error
    except Refused as error:
        raise Unusable(str(error)) from error
    except (OSError, socket.timeout, ValueError, http.client.HTTPException) as error:
        raise Unusable(f"it cannot be fetched: {error}") from error
    if len(data) > MOST_BYTES:
        raise Unusable(f"it is larger than {MOST_BYTES} bytes")
    return data
