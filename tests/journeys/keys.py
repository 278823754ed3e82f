"""Keys for passkeys that a test plugs into the browser (the WebAuthn domain of the DevTools protocol)."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import CDPSession, Page


class Keys:
    """What is plugged into one page. Each key touches itself, and asks for a PIN unless `pin` says otherwise."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")

    def plug(self, *, pin: str = "right") -> str:
        """Plugs one in, and names it. `pin` is "right", "wrong", or "none" for a key that asks for nothing."""
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": pin != "none",
            "isUserVerified": pin == "right",
            "automaticPresenceSimulation": True,
        }
        return str(self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"])

    def unplug(self, key: str) -> None:
        self._session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})

    def kept(self, key: str) -> list[dict[str, Any]]:
        """What a key holds: credentials, with their private parts."""
        return list(self._session.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"])

    def give(self, key: str, credential: dict[str, Any]) -> None:
        self._session.send("WebAuthn.addCredential", {"authenticatorId": key, "credential": credential})
