"""Click to call: a CRM whose agents call by their webphones.

The back end holds the access token and one session for each agent. An agent's browser has two pages of it: the CRM,
which asks for calls and is told what happens by server-sent events, and the phone's host page, which speaks to its
session by a WebSocket. The token stays here.

    pip install webphone -r requirements.txt
    TOTALVOICE_ACCESS_TOKEN=… uvicorn --factory app:from_environment --port 8000
"""

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from pydantic import BaseModel

import webphone
from webphone import Extension, PhoneType, causes
from webphone.web import Webphone

HERE = Path(__file__).parent
AGENTS = {"sales": 4000, "support": 4001}
"""Who works here, with their extensions. An application has this in its database, and passwords with it."""

COOKIE = "agent"
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass
class Agent:
    """Somebody who is logged in, with their phone."""

    extension: int
    phone: Webphone | None = None
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)


class Login(BaseModel):
    """Who wants in."""

    agent: str


class Call(BaseModel):
    """Whom to call."""

    number: str


def make_app(client: webphone.AsyncClient, public_url: str) -> FastAPI:
    """The application.

    Args:
        client: The way to the API, with its token.
        public_url: Where browsers find this: `https://crm.example`.
    """
    agents: dict[str, Agent] = {}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        for agent in agents.values():
            if agent.phone is not None:
                await agent.phone.aclose()
        client.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None)

    def known(cookie: str | None) -> Agent:
        agent = agents.get(cookie or "")
        if agent is None:
            raise HTTPException(401, "log in first")
        return agent

    def current(request: Request) -> Agent:
        return known(request.cookies.get(COOKIE))

    def acting(request: Request) -> Agent:
        # Another site's page may send a form here, but it can't leave its name out.
        if request.headers.get("origin") != public_url:
            raise HTTPException(403, "this is no page of ours")
        return current(request)

    async def phone_of(agent: Agent) -> Webphone:
        async with agent.opening:
            if agent.phone is None or agent.phone.state.shut_down:
                url = await client.fetch(Extension.number(agent.extension), type=PhoneType.EMBEDDED)
                agent.phone = Webphone(url, page_url=f"{public_url}/phone", socket_path="/phone/socket")
            return agent.phone

    @app.exception_handler(webphone.WebphoneError)
    async def refused(_: Request, error: webphone.WebphoneError) -> JSONResponse:
        # Its text says what to do, and never holds a secret.
        return JSONResponse({"error": error.code, "text": str(error)}, 409)

    @app.get("/")
    async def crm() -> FileResponse:
        return FileResponse(HERE / "crm.html", headers=SECURITY)

    @app.get("/crm.js")
    async def script() -> FileResponse:
        return FileResponse(HERE / "crm.js", headers=SECURITY)

    @app.post("/login")
    async def login(given: Login, response: Response) -> dict[str, int]:
        if given.agent not in AGENTS:
            raise HTTPException(401, "nobody of this name works here")
        # One session for each agent, however many browsers they log in with.
        agent = next((each for each in agents.values() if each.extension == AGENTS[given.agent]), None)
        cookie = secrets.token_urlsafe(32)
        agents[cookie] = agent or Agent(AGENTS[given.agent])
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=public_url.startswith("https:"))
        return {"extension": AGENTS[given.agent]}

    @app.get("/phone")
    async def phone_page(agent: Annotated[Agent, Depends(current)]) -> Response:
        phone = await phone_of(agent)
        try:
            load = await phone.load()
        except webphone.CallInProgressError:
            # Without content the browser stays on the page that it shows, and the call goes on.
            return Response(status_code=204)
        return HTMLResponse(load.html, headers=dict(load.headers))

    @app.websocket("/phone/socket")
    async def phone_socket(websocket: WebSocket) -> None:
        agent = agents.get(websocket.cookies.get(COOKIE, ""))
        if agent is None or agent.phone is None:
            await websocket.close(1008)
            return
        await websocket.accept()
        origin = websocket.headers.get("origin")
        await agent.phone.join(websocket.iter_text(), websocket.send_text, websocket.close, origin=origin)

    @app.post("/call")
    async def call(wanted: Call, agent: Annotated[Agent, Depends(acting)]) -> dict[str, str | None]:
        phone = await phone_of(agent)
        if not phone.is_joined:
            raise HTTPException(409, "open the phone first")
        outcome = await phone.call(wanted.number)
        call_id = outcome.call_id if isinstance(outcome, webphone.Confirmed) else None
        return {"outcome": type(outcome).__name__.lower(), "call_id": call_id}

    @app.post("/hangup")
    async def hang_up(agent: Annotated[Agent, Depends(acting)]) -> dict[str, str]:
        outcome = await (await phone_of(agent)).hang_up()
        return {"outcome": type(outcome).__name__.lower()}

    @app.get("/events")
    async def events(agent: Annotated[Agent, Depends(current)]) -> StreamingResponse:
        phone = await phone_of(agent)
        return StreamingResponse(told(phone), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return app


async def told(phone: Webphone) -> AsyncIterator[str]:
    """What happens in a phone, as server-sent events: first what is so now, then every change.

    A browser that lost its connection asks again by itself, and begins with what is so then.
    """
    updates = phone.updates()
    yield event("state", picture(phone.state))
    async for update in updates:
        if isinstance(update.cause, causes.CallEnded):
            ended = update.cause.call
            reason = ended.end.reason.value if ended.end else "unknown"
            seconds = ended.talk_time.total_seconds() if ended.talk_time else 0
            yield event("ended", {"number": str(ended.number or ""), "reason": reason, "seconds": seconds})
        yield event("state", picture(update.state))


def picture(state: webphone.Snapshot) -> dict[str, str | None]:
    """What the CRM shows of a session."""
    return {
        "page": state.page.phase.value,
        "line": state.line.value,
        "call": state.call.phase.value if state.call else None,
        "number": str(state.call.number or "") if state.call else None,
        "ringing": str(state.ringing.number or "") if state.ringing else None,
    }


def event(kind: str, data: object) -> str:
    """One server-sent event."""
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n"


def from_environment() -> FastAPI:
    """The application by `TOTALVOICE_ACCESS_TOKEN`, `WEBPHONE_BASE_URL` and `PUBLIC_URL`."""
    return make_app(webphone.AsyncClient(), os.environ.get("PUBLIC_URL", "http://127.0.0.1:8000"))
