"""A desktop's portal on a bus of its own: run as a program, it answers as it was told."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection

NAME = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
SESSION = "/org/freedesktop/portal/desktop/session/test"


def variants(value: Any) -> Any:
    """JSON has lists where D-Bus has structures."""
    if isinstance(value, list):
        return [(name, {key: tuple(each) for key, each in about.items()}) for name, about in value]
    return value


class FakePortal:
    """``plan`` has a Response for each method; what was asked is written to ``log``."""

    def __init__(self, plan: dict[str, Any], log: Path) -> None:
        self.plan = plan
        self.log = log
        self.bus: DBusConnection = open_dbus_connection(bus="SESSION")
        self.bus.send_and_get_reply(message_bus.RequestName(NAME))

    def serve(self) -> None:
        print("ready", flush=True)
        while True:
            message = self.bus.receive()
            if message.header.message_type is MessageType.method_call:
                self.answer(message)

    def answer(self, message: Message) -> None:
        fields = message.header.fields
        member = fields[HeaderFields.member]
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps([member, message.body]) + "\n")
        if member == "Register":
            self.bus.send(new_error(message, "org.freedesktop.DBus.Error.UnknownInterface"))
            return
        wanted = self.plan.get(member)
        if wanted == "version":
            self.bus.send(new_method_return(message, "v", (("u", 1),)))
            return
        if wanted == "nothing":
            self.bus.send(new_method_return(message, "o", (PATH,)))
            return
        if wanted is None:
            name = "org.freedesktop.DBus.Error.UnknownMethod"
            self.bus.send(new_error(message, name, "s", (f"no {member}",)))
            return
        self.respond(message, fields[HeaderFields.sender], wanted)
        if member == "BindShortcuts":
            self.press()

    def respond(self, message: Message, sender: str, wanted: list[Any]) -> None:
        token = message.body[-1]["handle_token"][1]
        path = f"{PATH}/request/{sender[1:].replace('.', '_')}/{token}"
        self.bus.send(new_method_return(message, "o", (path,)))
        status, results = wanted
        results = {key: (kind, variants(value)) for key, (kind, value) in results.items()}
        request = DBusAddress(path, interface="org.freedesktop.portal.Request")
        self.bus.send(new_signal(request, "Response", "ua{sv}", (status, results)))

    def press(self) -> None:
        """The person presses what was bound."""
        shortcuts = DBusAddress(PATH, interface="org.freedesktop.portal.GlobalShortcuts")
        for name in self.plan.get("pressed", []):
            self.bus.send(new_signal(shortcuts, "Activated", "osta{sv}", (SESSION, name, 1, {})))


if __name__ == "__main__":
    FakePortal(json.loads(sys.argv[1]), Path(sys.argv[2])).serve()
