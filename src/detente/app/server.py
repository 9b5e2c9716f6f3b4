"""The server: static files, the page's data, and one web socket a page. Loopback only; host and origin checked; everything bounded."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from detente.app import layout
from detente.app.aside import Aside
from detente.app.ask import BadAsk, opened, read
from detente.app.desk import Desk

STATIC = Path(__file__).resolve().parent / "static"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml",
}
PAGES, RATE, BURST = 64, 60.0, 120.0
"""Pages at once; messages a second and in a burst that one page may send."""
PATIENCE = 10.0
"""Seconds that a page may take to receive a message."""


def create(desk: Desk, port: int) -> Starlette:
    """The application for one desk, answering to this port's own names only."""
    hosts = frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))
    data: dict[str, bytes] = {}
    aside = Aside(desk)

    def told(name: str, make: Callable[[], Any]) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            if name not in data:
                data[name] = json.dumps(make(), ensure_ascii=False).encode()
            return Response(data[name], media_type=KINDS[".json"])

        return answer

    @asynccontextmanager
    async def life(app: Starlette) -> Any:
        desk.start()
        aside.start()
        yield
        aside.stop()
        desk.stop()

    async def socket(page: WebSocket) -> None:
        await _serve(page, desk, aside)

    routes = [
        Route("/room.json", told("room", lambda: layout.page(desk.room) | {"statements": layout.statements(aside.statements)})),
        Route("/cards.json", told("cards", lambda: layout.cards(desk.room))),
        Route("/record.json", told("record", lambda: layout.record(desk.room.scenario))),
        WebSocketRoute("/live", socket),
        *(_static(path) for path in sorted(STATIC.rglob("*")) if path.suffix in KINDS),
    ]
    app = Starlette(routes=routes, lifespan=life)
    app.add_middleware(Guard, hosts=hosts)
    return app


def _static(path: Path) -> Route:
    body = path.read_bytes()
    name = path.relative_to(STATIC).as_posix()

    async def answer(request: Request) -> Response:
        return Response(body, media_type=KINDS[path.suffix])

    return Route("/" if name == "index.html" else f"/{name}", answer)


class Guard:
    """Turns away other hosts and origins, and puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or socket."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        host, origin = headers.get("host", ""), headers.get("origin")
        own = host in self.hosts and (origin is None or origin.removeprefix("http://") in self.hosts)
        if scope["type"] == "websocket":
            if own and origin is not None:
                await self.app(scope, receive, send)
            else:
                await receive()
                await send({"type": "websocket.close", "code": 1008})
            return
        if not own:
            await Response("this page answers on the loopback address only", 403, media_type="text/plain")(scope, receive, send)
            return
        await self.app(scope, receive, _dressed(send, _headers(host)))


def _headers(host: str) -> Mapping[str, str]:
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self' ws://{host}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
        "cache-control": "no-store",
    }


def _dressed(send: Send, extra: Mapping[str, str]) -> Send:
    async def dressed(message: Any) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in extra.items())]
        await send(message)

    return dressed


# ------------------------------------------------------------------------------------------------------------------ one page's socket


class Mailbox:
    """What waits to be sent to one page: a later message in a slot replaces an earlier one, so a slow page never makes a queue."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.slots: dict[str, Any] = {}
        self.filled = asyncio.Event()

    def put(self, slot: str, message: Any) -> None:
        """From any thread."""
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._put, slot, text)

    def _put(self, slot: str, text: str) -> None:
        self.slots.pop(slot, None)
        self.slots[slot] = text
        self.filled.set()

    async def next(self) -> str:
        """The oldest waiting message."""
        while not self.slots:
            self.filled.clear()
            await self.filled.wait()
        return str(self.slots.pop(next(iter(self.slots))))


class Pace:
    """A bucket of messages: `take` says whether one more may come."""

    def __init__(self) -> None:
        self.left, self.at = BURST, time.monotonic()

    def take(self) -> bool:
        """One message."""
        now = time.monotonic()
        self.left, self.at = min(BURST, self.left + RATE * (now - self.at)), now
        self.left -= 1.0
        return self.left >= 0.0


async def _serve(page: WebSocket, desk: Desk, aside: Aside) -> None:
    if len(desk.seats) >= PAGES:
        await page.close(1013)
        return
    await page.accept()
    box = Mailbox()
    seat = desk.sit(box.put)
    sender = asyncio.create_task(_send(page, box))
    try:
        await _receive(page, desk, aside, seat, box)
    except (WebSocketDisconnect, RuntimeError):
        pass
    finally:
        desk.leave(seat)
        sender.cancel()


async def _send(page: WebSocket, box: Mailbox) -> None:
    try:
        while True:
            await asyncio.wait_for(page.send_text(await box.next()), PATIENCE)
    except (TimeoutError, WebSocketDisconnect, RuntimeError):
        await _close(page, 1013)


async def _receive(page: WebSocket, desk: Desk, aside: Aside, seat: int, box: Mailbox) -> None:
    pace, faults = Pace(), 0
    while True:
        text = await page.receive_text()
        if not pace.take():
            await _close(page, 1008)
            return
        try:
            if not aside.take(seat, opened(text)):
                desk.ask(seat, read(text, desk.room.known))
        except BadAsk as error:
            faults += 1
            box.put("error", {"kind": "error", "text": str(error)})
            if faults > 20:
                await _close(page, 1008)
                return


async def _close(page: WebSocket, code: int) -> None:
    with suppress(RuntimeError):
        await page.close(code)
