"""A feed's key: read from the settings, sent in a header or exchanged for a token, never written down."""

import asyncio
import base64
import json
import time
from urllib.parse import quote, urlencode

from yarl import URL

from vigie import settings
from vigie.client import Client, ExchangeError
from vigie.feed import Key, Request

TOKEN_BYTES = 1 << 16
MARGIN_SECONDS = 30
"""A token that ends within this time is not begun with."""
DEFAULT_LIFE = 300
"""Seconds that a token is taken to live when its server does not say."""
SHORTEST = 6
"""Shorter secrets are not searched for in texts: they would be found by chance."""

_tokens: dict[tuple[str, ...], tuple[str, float]] = {}


class Credentials:
    """The key of one feed, if it declares one; SettingError when a setting holds an impossible value."""

    def __init__(self, key: Key | None) -> None:
        self._key = key
        self._values = {name: settings.secret(name) for name in (key.settings if key else ())}
        self._lock = asyncio.Lock()
        self._token = ""

    @property
    def missing(self) -> list[str]:
        """The settings that must be given before this feed is switched on."""
        return [name for name, value in self._values.items() if not value]

    async def headers(self, client: Client) -> dict[str, str]:
        """The headers that open the publisher's door; ExchangeError when it gives no token."""
        if not self._key:
            return {}
        if not self._key.token_address:
            return {self._key.header: next(iter(self._values.values()))}
        async with self._lock:
            return {"Authorization": f"Bearer {await self._current(client)}"}

    def expire(self) -> None:
        """Forgets the token: the publisher no longer takes it."""
        _tokens.pop(self._client(), None)

    def scrub(self, text: str) -> str:
        """`text` without any of the secrets, however a publisher may have echoed them."""
        for secret in self._secrets():
            for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()):
                text = text.replace(form, "•••")
        return text

    def echoed(self, content: bytes) -> bool:
        """True when a document repeats a secret: its bytes must not be kept."""
        return any(secret.encode() in content for secret in self._secrets())

    def _secrets(self) -> list[str]:
        return [secret for secret in (*self._values.values(), self._token) if len(secret) >= SHORTEST]

    def _client(self) -> tuple[str, ...]:
        assert self._key
        return (self._key.token_address, self._key.scope, *self._values.values())

    async def _current(self, client: Client) -> str:
        self._token, ends = _tokens.get(self._client(), ("", 0.0))
        if time.monotonic() >= ends:
            self._token, life = await self._granted(client)
            _tokens[self._client()] = (self._token, time.monotonic() + life - min(MARGIN_SECONDS, life / 2))
        return self._token

    async def _granted(self, client: Client) -> tuple[str, float]:
        """A new token and its life in seconds (OAuth 2.0 client credentials, RFC 6749 section 4.4)."""
        assert self._key
        identity, secret = self._values.values()
        form = {"grant_type": "client_credentials", "client_id": identity, "client_secret": secret}
        if self._key.scope:
            form["scope"] = self._key.scope
        request = Request(
            self._key.token_address,
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            body=urlencode(form).encode(),
        )
        client.guard.check_confidential(URL(self._key.token_address))
        # a secret in a body would follow a redirect: none is taken
        reply = await client.send(request, max_bytes=TOKEN_BYTES, redirects=0)
        if reply.status != 200:
            raise ExchangeError(
                f"le serveur de jetons répond {reply.status} : vérifier {', '.join(self._values)}",
                is_passing=reply.status in (429, 500, 502, 503, 504),
            )
        try:
            granted = json.loads(reply.content)
            return str(granted["access_token"]), float(granted.get("expires_in", DEFAULT_LIFE))
        except (ValueError, KeyError, TypeError):
            raise ExchangeError("le serveur de jetons n'a pas donné de jeton lisible") from None
