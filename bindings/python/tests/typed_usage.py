"""The public interface, used as a program with strict types would: a type checker reads this, and a test runs it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import webphone
from webphone import (
    ApiReason,
    AsyncClient,
    BatchProgress,
    Client,
    Extension,
    OtherReason,
    PhoneNumber,
    PhoneType,
    RefusedError,
    UrlRequest,
    WebphoneError,
    WebphoneUrl,
)

if TYPE_CHECKING:
    from typing_extensions import assert_type


def blocking(token: str, base_url: str) -> list[str]:
    told: list[BatchProgress] = []
    found: list[str] = []
    with Client(token, base_url=base_url, timeout=timedelta(seconds=10), connect_timeout=2.5, max_retries=1) as client:
        url = client.fetch(Extension.number(4000), type=PhoneType.HIDDEN, call_on_open=PhoneNumber("4001"))
        expiry: datetime | None = url.expires_at
        found += [url.reveal(), url.origin, url.type.value, str(expiry), str(url.is_expired(timedelta(minutes=1)))]
        requests: Iterator[Extension | UrlRequest] = iter([Extension.id("a-1"), UrlRequest(Extension.number("4001"))])
        with client.fetch_many(requests, concurrency=4, rate=1000, on_progress=told.append) as run:
            for result in run:
                if result.error is None:
                    found.append(result.unwrap().origin)
                elif isinstance(result.error, RefusedError):
                    found.append(describe(result.error))
            found.append(str(run.progress.failed))
        if TYPE_CHECKING:
            assert_type(url, WebphoneUrl)
            assert_type(result.url, WebphoneUrl | None)
            assert_type(result.error, WebphoneError | None)
            assert_type(result.request.call_on_open, PhoneNumber | None)
            assert_type(run.progress, BatchProgress)
    return found


def describe(error: RefusedError) -> str:
    reason: ApiReason | OtherReason = error.reason
    wait: timedelta | None = error.retry_after
    status: int | None = error.http_status
    return f"{error.code} {reason} {wait} {status} {error.attempts} {error.is_retryable} {error.api_text}"


async def asynchronous(token: str, base_url: str) -> int:
    async def extensions() -> AsyncIterator[Extension]:
        for number in (4000, 4001):
            yield Extension.number(number)

    async with AsyncClient(token, base_url=base_url) as client:
        url = await client.fetch(Extension.number(4000))
        fetched = 0
        async for result in client.fetch_many(extensions()):
            fetched += result.unwrap().type is PhoneType.FLOATING
        async with client.fetch_many([Extension.number(4000)]) as run:
            first = await run.__anext__()
        if TYPE_CHECKING:
            assert_type(url, WebphoneUrl)
            assert_type(first.url, WebphoneUrl | None)
    return fetched


def logs() -> None:
    webphone.enable_logging(logging.WARNING)
    webphone.disable_logging()
