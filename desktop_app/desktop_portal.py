"""Requests to the desktop's portal over D-Bus, as Wayland desktops want them. Blocking, no Qt."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jeepney import DBusAddress, Message
    from jeepney.io.blocking import DBusConnection

BUS_NAME = "org.freedesktop.portal.Desktop"
OBJECT = "/org/freedesktop/portal/desktop"
APP_ID = "minicpmv"  # the name of our .desktop file, see QApplication.setDesktopFileName

Options = dict[str, tuple[str, Any]]  # a{sv} as jeepney writes it
SUCCESS, CANCELLED = 0, 1  # what a Response says; anything else is a refusal


class PortalError(Exception):
    """The portal is not there, refuses or does not answer."""

    def __init__(self, reason: str, *, cancelled: bool = False, silent: bool = False) -> None:
        super().__init__(reason)
        self.cancelled = cancelled
        self.silent = silent


def token() -> str:
    """A name for a request or a session that nobody else uses."""
    return f"minicpmv_{secrets.token_hex(8)}"


def request_path(unique_name: str, handle_token: str) -> str:
    """Where the answer to a request will be announced; known before the request is sent."""
    sender = unique_name.removeprefix(":").replace(".", "_")
    return f"{OBJECT}/request/{sender}/{handle_token}"


class Portal:
    """One connection to the session bus; used on one thread."""

    def __init__(self) -> None:
        """Raises PortalError where there is no session bus."""
        from jeepney.io.blocking import open_dbus_connection

        try:
            self.connection: DBusConnection = open_dbus_connection(bus="SESSION")
        except (OSError, KeyError, ValueError) as error:
            raise PortalError(f"no session bus: {error}") from error
        self._register()

    def close(self) -> None:
        """Leave the bus; what was bound on this connection ends with it."""
        self.connection.close()

    def version(self, interface: str) -> int:
        """The version of a part of the portal, 0 where it is missing."""
        address = _address("org.freedesktop.DBus.Properties")
        try:
            (answer,) = self._call(
                address, "Get", "ss", (f"org.freedesktop.portal.{interface}", "version")
            )
        except PortalError:
            return 0
        return int(answer[1])

    def request(
        self,
        interface: str,
        method: str,
        signature: str,
        arguments: tuple[Any, ...],
        options: Options,
        timeout: float,
    ) -> Options:
        """Ask for something that a person may have to allow first; what came of it."""
        name = token()
        path = request_path(str(self.connection.unique_name), name)
        rule = _response_rule(path)
        self._match(rule)
        address = _address(f"org.freedesktop.portal.{interface}")
        with self.connection.filter(rule) as answers:
            options = {**options, "handle_token": ("s", name)}
            self._call(address, method, f"{signature}a{{sv}}", (*arguments, options))
            return self._wait(answers, timeout)

    def listen(self, interface: str, member: str) -> Any:
        """A rule for a signal of the portal, with the bus told to send it."""
        from jeepney import MatchRule

        rule = MatchRule(
            type="signal",
            interface=f"org.freedesktop.portal.{interface}",
            member=member,
            path=OBJECT,
        )
        self._match(rule)
        return rule

    def _wait(self, answers: Any, timeout: float) -> Options:
        try:
            answer = self.connection.recv_until_filtered(answers, timeout=timeout)
        except TimeoutError as error:
            raise PortalError("the desktop's portal does not answer", silent=True) from error
        status, results = answer.body
        if status != SUCCESS:
            words = "it was cancelled" if status == CANCELLED else "the desktop refused"
            raise PortalError(words, cancelled=status == CANCELLED)
        return dict(results)

    def _register(self) -> None:
        """Say who we are, before any other call; older portals have no such interface."""
        address = _address("org.freedesktop.host.portal.Registry")
        try:
            self._call(address, "Register", "sa{sv}", (APP_ID, {}))
        except PortalError as error:
            if error.silent:
                raise

    def _match(self, rule: Any) -> None:
        from jeepney import message_bus

        self._reply(message_bus.AddMatch(rule))

    def _call(
        self, address: DBusAddress, method: str, signature: str, arguments: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        from jeepney import new_method_call

        return self._reply(new_method_call(address, method, signature, arguments))

    def _reply(self, message: Message, timeout: float = 10) -> tuple[Any, ...]:
        from jeepney import MessageType

        started = time.monotonic()
        try:
            reply = self.connection.send_and_get_reply(message, timeout=timeout)
        except (TimeoutError, OSError) as error:
            waited = f"no answer after {time.monotonic() - started:.0f} s"
            raise PortalError(waited, silent=True) from error
        if reply.header.message_type is MessageType.error:
            words = str(reply.body[0]) if reply.body else "the desktop's portal is missing"
            raise PortalError(words)
        return tuple(reply.body)


def _address(interface: str) -> DBusAddress:
    from jeepney import DBusAddress

    return DBusAddress(OBJECT, bus_name=BUS_NAME, interface=interface)


def _response_rule(path: str) -> Any:
    from jeepney import MatchRule

    return MatchRule(
        type="signal",
        interface="org.freedesktop.portal.Request",
        member="Response",
        path=path,
    )
