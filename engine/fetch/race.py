"""Which source answers first: all are asked at once, and the losers are dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence

import httpx2

from .errors import FetchError, FetchFault
from .events import Choosing
from .headers import check_offer
from .manifest import Manifest, ModelFile
from .settings import Patience
from .sources import Source
from .transport import HEADERS, check_response, network_errors, request_headers, timeouts


def first_source(
    sources: Sequence[Source], manifest: Manifest, patience: Patience
) -> Generator[Choosing, None, Source]:
    """The value is the source that is first to offer the largest file in its right length.

    Yields while nobody has answered, so that its consumer can stop. Raises the FetchError of the
    first source where none does. Runs an event loop of its own, so that neither a stop nor
    dropping a loser means waiting for it.
    """
    if not sources:
        raise ValueError("no source")
    if len(sources) == 1:
        return sources[0]
    fetched = [file for file in manifest.files if not file.derived]
    file = max(fetched, key=lambda file: file.size or 0)
    loop = asyncio.new_event_loop()
    task = loop.create_task(_race(sources, file, patience))
    try:
        while not task.done():
            yield Choosing()
            loop.run_until_complete(asyncio.wait({task}, timeout=patience.quiet_seconds))
        return task.result()
    finally:
        task.cancel()
        loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()  # a look-up of a name that is still under way is not waited for


async def _race(sources: Sequence[Source], file: ModelFile, patience: Patience) -> Source:
    failed: dict[Source, FetchError] = {}
    async with httpx2.AsyncClient(
        headers=HEADERS, timeout=timeouts(patience), follow_redirects=True
    ) as client:
        running = {asyncio.create_task(_probe(client, source, file)): source for source in sources}
        try:
            async with asyncio.timeout(patience.race_seconds):
                while running:
                    done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        source = running.pop(task)
                        error = task.result()
                        if error is None:
                            return source
                        failed[source] = error
        except TimeoutError:
            pass
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
    late = FetchError(FetchFault.STALLED, file.name, source=sources[0].name)
    raise next((failed[source] for source in sources if source in failed), late)


async def _probe(client: httpx2.AsyncClient, source: Source, file: ModelFile) -> FetchError | None:
    headers = request_headers(source) | {"Range": "bytes=0-0"}
    try:
        with network_errors(file.name, source):
            async with client.stream("GET", source.url(file.name), headers=headers) as response:
                check_offer(check_response(response, file.name, source), file, source.name)
    except FetchError as error:
        return error
    return None
