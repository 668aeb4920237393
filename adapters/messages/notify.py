"""Mails by GOV.UK Notify: requests as its REST API documents them.

The template has a subject `((subject))` and a body `((body))`. Each mail goes with its id as the
reference, so that after a crash Notify can be asked whether it has the mail.
"""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import httpx
import msgspec
from joserfc import jwt
from joserfc.jwk import OctKey
from msgspec import Struct

from adapters.messages.mail import (
    NOTIFY,
    Mail,
    MailDeferred,
    Mailer,
    MailRefused,
    MailServer,
    MailServerAway,
)

SECONDS_MAX = 15.0
ID_LENGTH: Final = 36
"""A UUID as text; the key ends with those of the service and the secret, parted by a hyphen."""
FAILED = frozenset({"permanent-failure", "temporary-failure", "technical-failure"})


class _Sent(Struct):
    status: str = ""


class _Listed(Struct):
    notifications: list[_Sent]


class NotifyMailer(Mailer):
    """Sends by one HTTP client."""

    def __init__(self, server: MailServer) -> None:
        key, self._template = server.secret or "", server.template
        self._service, self._key = key[-2 * ID_LENGTH - 1 : -ID_LENGTH - 1], key[-ID_LENGTH:]
        base = f"http://{server.host}:{server.port}" if server.host else NOTIFY
        self._client = httpx.Client(base_url=base, timeout=SECONDS_MAX)

    def send(self, mail: Mail, begin: Callable[[], None], *, again: bool) -> None:
        """Return once Notify has taken a mail over. Raises NotSent."""
        if again and self._has(mail):
            return
        body: dict[str, object] = {
            "email_address": mail.to,
            "template_id": self._template,
            "personalisation": {"subject": mail.subject, "body": mail.text},
            "reference": str(mail.id),
        }
        if mail.unsubscribe is not None:
            body["one_click_unsubscribe_url"] = mail.unsubscribe
        begin()
        self._request("POST", "/v2/notifications/email", json=body)

    def close(self) -> None:
        """Close the client."""
        self._client.close()

    def _has(self, mail: Mail) -> bool:
        """Return whether Notify took a mail over before."""
        answer = self._request("GET", "/v2/notifications", params={"reference": str(mail.id)})
        try:
            listed = msgspec.json.decode(answer.content, type=_Listed).notifications
        except msgspec.DecodeError:
            raise MailServerAway("no-answer") from None
        return any(mail_sent.status not in FAILED for mail_sent in listed)

    def _request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Return a good answer. Raises NotSent."""
        headers = {"Authorization": f"Bearer {self.token()}"}
        try:
            answer = self._client.request(method, path, json=json, params=params, headers=headers)
        except httpx.HTTPError:
            raise MailServerAway("no-answer") from None
        status = answer.status_code
        if status in {HTTPStatus.OK, HTTPStatus.CREATED}:
            return answer
        if status == HTTPStatus.BAD_REQUEST:
            raise MailRefused(str(status))
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise MailDeferred(str(status))
        raise MailServerAway(str(status))

    def token(self) -> str:
        """Return a token of this moment, signed with the secret of the key."""
        claims = {"iss": self._service, "iat": int(time.time())}
        return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, OctKey.import_key(self._key))
