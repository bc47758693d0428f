"""The model that can be fetched: its state for the window, and the wishes about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from desktop_app import fetch_notices, fetch_wording, notices
from desktop_app.fetch_worker import FetchWorker, Measured, Removed, ends_fetching
from desktop_app.i18n import tr
from desktop_app.jobs import Failed
from desktop_app.model_shelf import ModelShelf
from desktop_app.model_state import LicenceTerms, ModelState, Stage, Work
from desktop_app.wording import model_name
from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.fetch.events import FetchProgress, VerifyFinished, Verifying
    from engine.fetch.library import Library
    from engine.fetch.manifest import Manifest

FASTEST = "fastest"  # of all public sources


class ModelKeeper(QObject):
    """Owns what is known of the model; lives on the GUI thread; reads every event of its worker."""

    changed = Signal(object)  # ModelState
    told = Signal(object)  # Notice, for a person who does not look at the page
    completed = Signal()
    licence_read = Signal(str)  # its text; empty where it cannot be had
    source_changed = Signal(str)

    def __init__(
        self,
        worker: FetchWorker,
        library: Library,
        manifest: Manifest,
        source: str = "",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._worker = worker
        self._library = library
        self._manifest = manifest
        self._shelf = ModelShelf(library, manifest)
        self._source = source or FASTEST
        self._job = 0
        self._again: Callable[[], None] = self.look
        self._fetching = False
        self._from = ""
        self._licensed = False
        self._licence_job, self._licence_text = 0, ""
        self._devices: tuple[tuple[str, int], ...] = ()
        self._measure_job, self._measured = 0, Measured(Path(), 0, ())
        self._state = ModelState(Stage.ABSENT, "")
        worker.happened.connect(self._read_event)
        self.look()

    # What is, for the widgets

    @property
    def state(self) -> ModelState:
        """What is known now."""
        return self._state

    @property
    def name(self) -> str:
        """The model as people call it."""
        return model_name(self._manifest.name)

    @property
    def key(self) -> str:
        """The model as the program calls it."""
        return self._manifest.name

    @property
    def size(self) -> int:
        """Its bytes, all in all."""
        return self._manifest.known_bytes

    @property
    def licence_accepted(self) -> bool:
        """Whether somebody has agreed to the licence on this machine, or there is none."""
        return self._licensed

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """The keys and names of the places that have it."""
        hubs = (
            ("hugging-face", self._manifest.hugging_face),
            ("modelscope", self._manifest.modelscope),
        )
        named = tuple((key, fetch_wording.source_name(key)) for key, there in hubs if there)
        return ((FASTEST, tr("Automatic, whichever answers first")), *named)

    @property
    def terms(self) -> LicenceTerms | None:
        """What has to be agreed to, where there is such a thing."""
        licence = self._manifest.licence
        if licence is None:
            return None
        points = fetch_wording.licence_points(licence)
        return LicenceTerms(licence.address, points, bool(licence.text_address))

    # Wishes

    @Slot()
    def look(self) -> None:
        """See what is on the disk, where no job runs."""
        if not self._job:
            try:
                self._set(self._seen())
            except EngineError as error:
                self._fail(error)

    def use_devices(self, devices: tuple[tuple[str, int], ...]) -> None:
        """Judge by these devices and their free memory whether the model fits."""
        self._devices = devices
        self._measure(self._state.folder)

    def get(self, *, accepted: bool = False) -> None:
        """Download what is missing; ``accepted`` is said of the licence."""
        folder = self._shelf.target
        give = partial(
            self._worker.download,
            self._library,
            self._manifest,
            folder,
            self._source,
            accepted=accepted,
            licence_text=self._licence_text,
        )
        self._begin(Work.GET, Stage.FETCHING, give, partial(self.get, accepted=accepted))

    @Slot()
    def fetch_licence(self) -> None:
        """Get the licence's text, to be read before anything else is fetched."""
        licence = self._manifest.licence
        if licence is not None and not self._job:
            self._licence_job = self._worker.fetch_licence(licence)

    def verify(self) -> None:
        """Read every byte of it."""
        give = partial(self._worker.verify, self._library, self._manifest)
        self._begin(Work.VERIFY, Stage.CHECKING, give, self.verify)

    def repair(self) -> None:
        """Check everything and fetch what is bad."""
        if not self._shelf.begun:
            self.get()
            return
        give = partial(self._worker.repair, self._library, self._manifest, self._source)
        self._begin(Work.REPAIR, Stage.CHECKING, give, self.repair)

    def import_folder(self, folder: Path) -> None:
        """Use somebody's folder where it is, once it is checked."""
        give = partial(self._worker.import_folder, self._library, self._manifest, folder)
        again = partial(self.import_folder, folder)
        self._begin(Work.IMPORT, Stage.CHECKING, give, again)

    def remove(self) -> None:
        """Delete its files, or forget an imported folder."""
        give = partial(self._worker.remove, self._library, self._manifest)
        self._begin(Work.REMOVE, Stage.STOPPING, give, self.remove)

    def try_again(self) -> None:
        """Do once more what failed."""
        self._again()

    def stop(self) -> None:
        """Pause a download, or leave a check."""
        if self._job:
            self._worker.stop(self._job)
            self._set(replace(self._state, stage=Stage.STOPPING))

    def use_source(self, source: str) -> None:
        """Take the files from elsewhere from the next download on."""
        if source and source != self._source:
            self._source = source
            self.source_changed.emit(source)
            self._set(replace(self._state, source=source))

    def choose_folder(self, folder: Path) -> None:
        """Keep it elsewhere from the next download on."""
        if not self._job:
            self._shelf.choose(folder)
            self.look()

    def shutdown(self) -> None:
        """Pause, and wait until the thread has ended."""
        self._job = 0
        self._worker.shutdown()

    # What happens

    def _begin(
        self, work: Work, stage: Stage, give: Callable[[], int], again: Callable[[], None]
    ) -> None:
        if self._job:
            return
        self._again, self._fetching, self._from = again, False, ""
        self._job = give()
        line = {
            Work.GET: tr("Connecting…"),
            Work.REMOVE: tr("Removing…"),
        }.get(work, tr("Checking…"))
        done = self._state.done if work is Work.GET else 0
        self._set(
            replace(
                self._state, stage=stage, work=work, line=line, note="", problem=None, done=done
            )
        )

    @Slot(int, object)
    def _read_event(self, job: int, event: object) -> None:
        from engine.fetch import events

        if job == self._licence_job and ends_fetching(event):
            self._licence_job = 0
            self._licence_text = event.text if isinstance(event, events.LicenceText) else ""
            self.licence_read.emit(self._licence_text)
        if job == self._measure_job:
            self._measure_job = 0
            if isinstance(event, Measured):
                self._measured = event
                self._set(self._with_measures(self._state))
        if job != self._job:
            return
        match event:
            case events.Choosing():
                self._go(Stage.FETCHING, line=tr("Connecting…"))
            case events.SourceChosen():
                self._fetching, self._from = True, fetch_wording.source_name(event.name)
            case events.FetchProgress():
                self._progress(event)
            case events.Retrying():
                self._go(
                    Stage.WAITING, line=fetch_wording.retrying(event), note=fetch_wording.kept()
                )
            case events.Verifying():
                self._verifying(event)
            case _:
                self._read_end(event)

    def _read_end(self, event: object) -> None:
        from engine.fetch import events

        match event:
            case events.FetchFinished():
                self._end(complete=True)
            case events.VerifyFinished():
                self._verified(event)
            case Removed():
                state, freed = self._state, event.bytes_freed
                self._end(fetch_wording.removed(freed, state.folder, imported=state.imported))
            case Failed():
                self._job = 0
                self._fail(event.error)
            case _:
                self._end()

    def _progress(self, event: FetchProgress) -> None:
        self._fetching = True
        note = fetch_wording.fetching(event.file, self._from)
        line = fetch_wording.transfer(event)
        self._go(
            Stage.FETCHING, done=event.bytes_done, total=event.bytes_total, line=line, note=note
        )

    def _verifying(self, event: Verifying) -> None:
        """Within a download the bar stays where it is: it shows what has arrived."""
        percent = 100 * event.done // max(1, event.total)
        line = tr("{file}, {percent} % read").format(file=event.file, percent=percent)
        if self._fetching or self._state.work is Work.GET:
            self._go(Stage.CHECKING, line=line, note=fetch_wording.kept())
            return
        sizes = {file.name: file.size or 0 for file in self._manifest.files}
        names = list(sizes)
        before = sum(sizes[name] for name in names[: names.index(event.file)])
        self._go(Stage.CHECKING, done=before + event.done, total=self.size, line=line)

    def _verified(self, event: VerifyFinished) -> None:
        work = self._state.work
        if not event.bad:
            self._end(
                tr("Every file is as its authors published it."), complete=work is Work.IMPORT
            )
            return
        self._job = 0
        problem = fetch_notices.damaged(self.name, event.bad)
        if work is Work.IMPORT:
            problem = fetch_notices.not_this_model(self.name, event.folder, event.bad)
        self._show_problem(problem)

    def _end(self, note: str = "", *, complete: bool = False) -> None:
        self._job, self._shelf.chosen = 0, None
        self.look()
        if note:
            self._set(replace(self._state, note=note))
        if complete:
            self.told.emit(fetch_notices.complete(self.name))
            self.completed.emit()

    def _fail(self, error: Exception) -> None:
        self._show_problem(notices.explain(error))

    def _show_problem(self, problem: notices.Notice) -> None:
        try:
            seen = self._seen()
        except EngineError:
            seen = self._state
        work = self._state.work
        if work is not Work.IMPORT:  # which leaves everything as it was
            seen = replace(seen, stage=Stage.FAILED)
        self._set(replace(seen, problem=problem, work=work))
        self.told.emit(problem)

    def _go(self, stage: Stage, **what: object) -> None:
        if self._state.stage is Stage.STOPPING:
            stage = Stage.STOPPING  # the wish to stop is not taken back by what still comes
        self._set(replace(self._state, stage=stage, **what))  # type: ignore[arg-type]

    def _set(self, state: ModelState) -> None:
        self._state = state
        self.changed.emit(state)

    def _seen(self) -> ModelState:
        self._licensed = self._shelf.licence_accepted
        state = self._shelf.look(self._source)
        self._measure(state.folder)
        return self._with_measures(state)

    def _measure(self, folder: str) -> None:
        """Disks and devices are asked on the worker's thread: some take their time."""
        self._measure_job = self._worker.measure(Path(folder), self._devices)

    def _with_measures(self, state: ModelState) -> ModelState:
        seen = self._measured
        same = str(seen.folder) == state.folder
        return replace(state, free=seen.free if same else None, memory=seen.memory)
