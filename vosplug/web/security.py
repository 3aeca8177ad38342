"""Access control of a server: its token, and requests of its own pages only."""

import hmac
import ipaddress
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import ConfigError

LOCAL_NAMES = ('localhost', '127.0.0.1', '::1')
WRITE_HEADER = 'x-vosplug'  # no form and no page of another origin can send it without permission

_SAFE_METHODS = ('GET', 'HEAD')
_HEADERS = {
    'content-security-policy': "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
}


def is_local(host: str) -> bool:
    """Whether a server that listens on this address can be reached from this machine only."""
    try:
        return host == 'localhost' or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def new_token() -> str:
    """Random access token."""
    return secrets.token_urlsafe(24)


class Guard:
    """Lets only those requests through that come from the server's own pages.

    - A server that only this machine can reach answers to this machine's host names only, which prevents DNS
      rebinding.
    - With a token, every request needs it: first as ``?token=``, then in a cookie.
    - Requests that change something need a header that only the server's own scripts send, and must not come
      from another origin.

    Args:
        app: the guarded application.
        host: the address that the server listens on.
        token: access token; None only if no other machine can reach the server.

    Raises:
        ConfigError: others can reach the server, and there is no token.
    """

    def __init__(self, app: ASGIApp, host: str = '127.0.0.1', token: str | None = None) -> None:
        if token is None and not is_local(host):
            raise ConfigError(f'host {host}: others can reach it, so a token is needed.')
        self.app, self.host, self.token = app, host, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope['type'] != 'http':
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message['type'] == 'http.response.start':
                extra = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                message = {**message, 'headers': [*message.get('headers', []), *extra]}
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self.app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get('host', '')
        if is_local(self.host) and _name(host) not in (*LOCAL_NAMES, self.host):
            return PlainTextResponse('This server only answers to localhost.', 421)
        if self.token is not None and not self._has_cookie(headers, scope):
            return self._by_query(scope)
        if scope['method'] in _SAFE_METHODS:
            return None
        origin = headers.get('origin')
        foreign = origin is not None and urlsplit(origin).netloc != host
        site = headers.get('sec-fetch-site', 'same-origin')
        if foreign or site != 'same-origin' or WRITE_HEADER not in headers:
            return PlainTextResponse('Only pages of this server may change something.', 403)
        return None

    def _by_query(self, scope: Scope) -> Response:
        """Move the token from the address to a cookie, by a redirect; refuse a wrong one."""
        query = parse_qsl(scope['query_string'].decode('latin-1'))
        given = dict(query).get('token', '')
        if scope['method'] not in _SAFE_METHODS or not self._is_token(given):
            return PlainTextResponse(
                'This page needs a token: open the address that the server printed when it started, which '
                'ends in ?token=...',
                401,
            )
        rest = urlencode([(key, value) for key, value in query if key != 'token'])
        # a path that begins with // would lead to another host
        path = '/' + scope['path'].lstrip('/\\')
        response = RedirectResponse(f'{path}?{rest}' if rest else path, 303)
        response.set_cookie(_cookie_name(scope), given, httponly=True, samesite='strict')
        return response

    def _has_cookie(self, headers: Headers, scope: Scope) -> bool:
        try:
            morsel = SimpleCookie(headers.get('cookie', '')).get(_cookie_name(scope))
        except CookieError:
            return False
        return morsel is not None and self._is_token(morsel.value)

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), (self.token or '').encode())


def _cookie_name(scope: Scope) -> str:
    """Name with the port, since cookies of a host are sent to all of its ports."""
    return f'vosplug-{(scope.get("server") or ("", 0))[1]}'


def _name(host: str) -> str:
    """Host of a ``Host`` header, without its port; empty if the header is invalid."""
    try:
        return urlsplit(f'//{host}').hostname or ''
    except ValueError:
        return ''
