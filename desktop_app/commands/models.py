"""``minicpmv models``: list, download, verify, repair, import and remove the full model.

Exit codes: 0 done, 1 declined, 2 usage, 4 missing or damaged, 6 network, 7 disk or folder.
An interrupted download keeps what has arrived; the same command goes on with it.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app import fetch_wording, memory_wording
from desktop_app.commands import exit_codes
from desktop_app.commands.fetch_console import FetchConsole
from desktop_app.i18n import tr
from desktop_app.paths import FULL, STARTER, Paths, resource
from desktop_app.wording import model_name, size_of

if TYPE_CHECKING:
    from engine.fetch.library import Entry, Library
    from engine.fetch.manifest import Licence, Manifest
    from engine.fetch.sources import Source

FASTEST = "fastest"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its actions."""
    parser = commands.add_parser(
        "models",
        help="get and keep the full model",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="what is here, where, and how large")
    listing.add_argument("--json", action="store_true")
    getting = _action(actions, "download", "get a model, or go on with getting it")
    getting.add_argument("--folder", type=Path, help="where it shall lie from now on")
    _add_source(getting)
    checking = _action(actions, "verify", "read every byte and compare it with what was published")
    checking.add_argument("--quick", action="store_true", help="trust what was checked before")
    _add_source(_action(actions, "repair", "check, and fetch again only what is bad"))
    importing = actions.add_parser("import", help="use a folder with a model where it is")
    importing.add_argument("folder", type=Path)
    importing.add_argument("name", nargs="?", default=FULL)
    removing = _action(actions, "remove", "delete a model, or forget an imported one")
    removing.add_argument("--yes", action="store_true", help="do not ask")


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=text)
    parser.add_argument("name", nargs="?", default=FULL, help=f"the model; {FULL} by default")
    return parser


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--source",
        default=FASTEST,
        metavar="SOURCE",
        help="fastest, hugging-face, modelscope, or the address of a folder on a web server",
    )
    parser.add_argument("--revision", default="", help="another revision of the hub's repository")
    parser.add_argument(
        "--accept-license", action="store_true", help="you have read and accept the model's licence"
    )


def run(options: argparse.Namespace) -> int:
    """Do what is asked; the exit code says how it went."""
    from engine.fetch.errors import FetchError
    from engine.fetch.library import Library
    from engine.fetch.manifest import MANIFESTS

    console = FetchConsole()
    library = Library(Paths.for_user().data / "models")
    if options.action != "list" and options.name not in MANIFESTS:
        console.say(tr("There is no model {name}.").format(name=options.name))
        return exit_codes.USAGE
    try:
        if options.action == "list":
            return _list([library.entry(manifest) for manifest in MANIFESTS.values()], options.json)
        return ACTIONS[options.action](options, console, library, MANIFESTS[options.name])
    except FetchError as error:
        return console.fail(error)
    except KeyboardInterrupt:
        console.say(tr("Stopped. What has arrived is kept; the same command goes on with it."))
        raise


def _list(entries: list[Entry], as_json: bool) -> int:
    starter = resource(STARTER)
    size = sum(path.stat().st_size for path in starter.rglob("*") if path.is_file())
    rows = [
        {"name": STARTER, "state": "shipped", "size": size, "folder": str(starter)},
        *(
            {
                "name": entry.name,
                "state": _state(entry),
                "size": entry.size,
                "folder": entry.folder,
                "imported": entry.imported,
                "files": {file.name: file.state.value for file in entry.files},
                "memory": _memory(entry),
            }
            for entry in entries
        ),
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return exit_codes.OK
    texts = {STARTER: tr("comes with the program")} | {
        entry.name: fetch_wording.model_state(
            present=entry.present, whole=entry.whole, imported=entry.imported
        )
        for entry in entries
    }
    for row in rows:
        name, amount = str(row["name"]), size_of(int(str(row["size"])))
        print(f"{name:<14}{amount:>9}  {texts[name]}  {row['folder']}")
        for line in row.get("memory", {}).values():  # type: ignore[attr-defined]
            print(f"{'':<25}{line}")
    return exit_codes.OK


def _memory(entry: Entry) -> dict[str, str]:
    """What it needs on the processor; a graphics card is for ``doctor``, which loads torch."""
    from engine.memory import main_memory, outlooks

    free = main_memory()[0]
    return {
        seen.precision.value: f"{memory_wording.place(seen)}: {memory_wording.outlook(seen)}"
        for seen in outlooks(Path(entry.folder), "cpu", free, published=True)
    }


def _state(entry: Entry) -> str:
    if not entry.present:
        return "absent"
    return "whole" if entry.whole else "incomplete"


def _download(
    options: argparse.Namespace, console: FetchConsole, library: Library, manifest: Manifest
) -> int:
    from engine.fetch.download import download
    from engine.fetch.record import Record

    sources = _sources(options, manifest)
    refused = _licence(options, console, library, manifest)
    if refused is not None:
        return refused
    folder = library.folder(manifest)
    if options.folder is not None:
        folder = options.folder.expanduser().absolute()
    elif library.imported(manifest):
        folder = library.home(manifest)  # somebody else's folder is not to be written to
    console.say(tr("To {folder}").format(folder=folder))
    stream = download(manifest, folder, sources, licence_accepted=True)
    try:
        console.follow_download(stream)
    finally:
        if Record.inside(folder).exists():  # it was begun, so it is to be found again
            library.use_folder(manifest, folder)
    return _done(console, manifest, folder)


def _repair(
    options: argparse.Namespace, console: FetchConsole, library: Library, manifest: Manifest
) -> int:
    from engine.fetch.download import repair

    sources = _sources(options, manifest)
    refused = _licence(options, console, library, manifest)
    if refused is not None:
        return refused
    folder, record = library.folder(manifest), library.record(manifest)
    console.follow_download(repair(manifest, folder, sources, licence_accepted=True, record=record))
    return _done(console, manifest, folder)


def _verify(
    options: argparse.Namespace, console: FetchConsole, library: Library, manifest: Manifest
) -> int:
    from engine.fetch.verify import verify

    folder, record = library.folder(manifest), library.record(manifest)
    result = console.follow_verify(verify(manifest, folder, record, force=not options.quick))
    return exit_codes.MODEL if result.bad else exit_codes.OK


def _import(
    options: argparse.Namespace, console: FetchConsole, library: Library, manifest: Manifest
) -> int:
    folder = options.folder.expanduser().absolute()
    result = console.follow_verify(library.import_folder(manifest, folder))
    if result.bad:
        console.say(
            tr("This is not a complete {model}; it is not used.").format(
                model=model_name(manifest.name)
            )
            + " "
            + tr("What is missing would be fetched by: {command}").format(
                command=f"minicpmv models download --folder {shlex.quote(str(folder))}"
            )
        )
        return exit_codes.MODEL
    return _done(console, manifest, folder)


def _remove(
    options: argparse.Namespace, console: FetchConsole, library: Library, manifest: Manifest
) -> int:
    entry = library.entry(manifest)
    if not entry.present and not entry.imported:
        console.say(tr("There is no model {name}.").format(name=manifest.name))
        return exit_codes.MODEL
    question = tr("Delete {size} in {folder}?")
    if entry.imported:
        question = tr("Forget {folder}? Its files stay.")
    agreed = options.yes or console.ask(
        question.format(size=size_of(entry.size), folder=entry.folder)
    )
    if not agreed:
        if agreed is None:
            console.say(tr("Nobody can be asked here; say --yes."))
        return exit_codes.FAILED if agreed is False else exit_codes.USAGE
    freed = library.remove(manifest)
    console.say(fetch_wording.removed(freed, entry.folder, imported=entry.imported))
    return exit_codes.OK


def _sources(options: argparse.Namespace, manifest: Manifest) -> tuple[Source, ...]:
    from engine.fetch.sources import sources_for

    return sources_for(options.source, manifest, os.environ, options.revision)


def _licence(
    options: argparse.Namespace, console: FetchConsole, library: Library, manifest: Manifest
) -> int | None:
    """None where the licence is accepted, now or earlier; else an exit code."""
    if manifest.licence is None or library.licence_accepted(manifest):
        return None
    text = _licence_text(console, manifest.licence)
    for line in fetch_wording.licence_points(manifest.licence):
        console.say(line)
    accepted = options.accept_license or console.ask(fetch_wording.licence_question())
    if accepted:
        library.accept_licence(manifest, text)
        return None
    if accepted is None:
        console.say(tr("Nobody can be asked here; say --accept-license."))
    return exit_codes.USAGE if accepted is None else exit_codes.FAILED


def _licence_text(console: FetchConsole, licence: Licence) -> str:
    """Show the text itself where it can be had; without it the points and the address must do."""
    from engine.fetch.errors import FetchError
    from engine.fetch.events import LicenceText
    from engine.fetch.licence import fetch_licence

    if not licence.text_address:
        return ""
    try:
        for event in fetch_licence(licence):
            if isinstance(event, LicenceText):
                console.say(f"{event.text}\n")
                return event.text
    except FetchError as error:
        console.say(
            tr("The text of the licence could not be fetched: {reason}").format(
                reason=fetch_wording.reason(error)
            )
        )
    return ""


def _done(console: FetchConsole, manifest: Manifest, folder: Path) -> int:
    console.say(
        tr("{model} is complete in {folder}.").format(
            model=model_name(manifest.name), folder=folder
        )
    )
    return exit_codes.OK


Action = Callable[[argparse.Namespace, FetchConsole, "Library", "Manifest"], int]
ACTIONS: dict[str, Action] = {
    "download": _download,
    "verify": _verify,
    "repair": _repair,
    "import": _import,
    "remove": _remove,
}
