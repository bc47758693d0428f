"""An answer's body to the events of an answer stream."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

from ..messages import Finished, Phase, Progress, Statistics, StopReason, TextDelta
from ..stripping import Stripping
from .address import Server
from .completion import DONE, Chunk, Usage, read_chunk
from .errors import RemoteError, RemoteFault
from .exchange import Exchange, Reply
from .refusal import refusal
from .server_events import EventParser, ServerEvent

MOST_BODY = 2**26
STREAMS = ("text/event-stream", "")
WRITTEN_OUT = frozenset({"length", "max_tokens", "model_length"})

Telling = Generator[Progress | TextDelta, None, None]


class Answer:
    """Reads one answer; ``picture`` and ``room`` (tokens, or 0) are what was asked with.

    One that ``continues`` a turn keeps the white space between the two.

    Times are on the wall: the server goes on while nobody pulls.
    """

    def __init__(
        self, server: Server, reply: Reply, *, picture: bool, room: int, continues: bool = False
    ) -> None:
        self._server = server
        self._reply = reply
        self._picture = picture
        self._room = room
        self._stripping = Stripping(continues)
        self._pieces: list[str] = []
        self._count = 0  # of pieces with text; of tokens, with most servers
        self._usage: Usage | None = None
        self._reason = ""
        self._done = False
        self._first_at = 0.0

    def read(self, exchange: Exchange, patience: float) -> Telling:
        """Yield at least once for whatever comes, and while nothing comes.

        ``patience`` is how long the server may pause once it has begun to write.
        """
        if self._reply.content_type in STREAMS:
            yield from self._read_stream(exchange, patience)
        elif self._reply.content_type.endswith("json"):  # a server that cannot stream
            yield from self._read_whole(exchange)
        else:
            raise self._bad(self._reply.content_type)
        if not self._done and not self._reason:
            raise RemoteError(RemoteFault.INTERRUPTED, self._server.name)
        if self._reason == "content_filter":
            raise RemoteError(RemoteFault.FILTERED, self._server.name)

    def finished(self, started: float, load_seconds: float) -> Finished:
        """The closing event; tokens are counted by the server where it does."""
        now = time.perf_counter()
        first = (self._first_at or now) - started
        usage = self._usage or Usage(written=self._count)
        return Finished(
            reason=self._stop_reason(),
            text="".join(self._pieces),
            token_ids=(),
            prompt_token_ids=(),
            statistics=Statistics(
                load_seconds=load_seconds,
                read_seconds=first,
                first_token_seconds=first,
                write_seconds=now - started - first,
                prompt_tokens_computed=max(0, usage.prompt - usage.reused),
                prompt_tokens_reused=usage.reused,
                tokens_written=usage.written,
            ),
        )

    def _read_stream(self, exchange: Exchange, patience: float) -> Telling:
        parser = EventParser()
        try:
            for piece in exchange.pieces():
                yield self._progress()
                yield from self._take(self._events(parser, piece))
                if self._done:
                    return
                if self._first_at:
                    exchange.silence = patience
        except RemoteError:
            if not self._reason:  # otherwise nothing is missing but the usage
                raise
        yield from self._take(parser.finish())

    def _events(self, parser: EventParser, piece: bytes) -> list[ServerEvent]:
        try:
            return parser.push(piece)
        except ValueError as error:
            raise self._bad(str(error)) from error

    def _read_whole(self, exchange: Exchange) -> Telling:
        body = bytearray()
        for piece in exchange.pieces():
            yield self._progress()
            body += piece
            if len(body) > MOST_BODY:
                raise self._bad("too long")
        yield from self._chunk(self._parsed(bytes(body)))
        self._done = True

    def _take(self, events: list[ServerEvent]) -> Telling:
        for event in events:
            if event.data.strip() == DONE:
                self._done = True
                return
            if event.name == "error":
                raise self._failure(event.data)
            yield from self._chunk(self._parsed(event.data))

    def _parsed(self, data: bytes) -> Chunk:
        try:
            return read_chunk(data)
        except (ValueError, RecursionError) as error:
            raise self._bad(str(error)) from error

    def _chunk(self, chunk: Chunk) -> Iterator[Progress | TextDelta]:
        if chunk.failure:
            raise self._failure(chunk.failure)
        self._usage = chunk.usage or self._usage
        self._reason = chunk.reason or self._reason
        if not self._first_at and (chunk.text or chunk.thought):
            self._first_at = time.perf_counter()
            yield Progress(Phase.WRITING, 0, 0)
        if not chunk.text:
            yield self._progress()
            return
        self._count += 1
        self._pieces.append(self._stripping.push(chunk.text))
        yield TextDelta(self._pieces[-1])

    def _progress(self) -> Progress:
        return Progress(Phase.WRITING if self._first_at else Phase.READING, 0, 0)

    def _stop_reason(self) -> StopReason:
        if self._reason not in WRITTEN_OUT:
            return StopReason.END
        written = self._usage.written if self._usage else self._room
        return StopReason.LENGTH if self._room and written >= self._room else StopReason.CONTEXT

    def _failure(self, body: bytes) -> RemoteError:
        reply = Reply(200, {})
        return refusal(self._server, reply, body, picture=self._picture)

    def _bad(self, detail: str) -> RemoteError:
        return RemoteError(RemoteFault.BAD_ANSWER, self._server.name, detail=detail[:100])
