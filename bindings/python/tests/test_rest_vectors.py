"""The vectors of the API and of its URLs, through the public interface: a simulated API plays each answer."""

# The checker does not know the modules beside this one.
# mypy: disable-error-code="import-not-found,no-untyped-def"

import base64
import re
from datetime import timedelta

import pytest
from shapes import read, text

import webphone
from webphone import Extension, PhoneType, UrlRequest, WebphoneUrl, faults

ANSWERS, REQUESTS, URLS = read("rest/answers.json"), read("rest/requests.json"), read("urls.json")


@pytest.fixture(scope="module")
def apis():
    """For each kind of base, a simulated API and a client of it, which tries once."""
    with (
        webphone.Simulator(ANSWERS["token"], tls=True) as public,
        webphone.Simulator(ANSWERS["token"]) as loopback,
        public.client(max_retries=0) as client_of_public,
        loopback.client(max_retries=0) as client_of_loopback,
    ):
        yield {"public": (public, client_of_public), "loopback": (loopback, client_of_loopback)}


def play(simulator, answer):
    """Has the simulated API give this answer, once."""
    body = base64.b64decode(answer["body_base64"]) if "body_base64" in answer else text(answer["body"])
    simulator.reset()
    simulator.add_fault(faults.Answer(answer["status"], body, dict(answer["headers"])), times=1)


def asked(simulator):
    return [request.target for request in simulator.requests().requests]


def milliseconds(span):
    return None if span is None else round(span.total_seconds() * 1000)


def expiry(url):
    return None if url.expires_at is None else round(url.expires_at.timestamp() * 1000)


LAST_EXPIRY = 253_402_300_799_000
"""A signed URL may name a later one, but no `datetime` can."""


def agree(found, expected):
    """Whether the facts that a vector lists are those that were found."""
    listed = {name: text(value) if name == "api_text" else value for name, value in expected.items() if name != "says"}
    if listed.get("expires_at_ms") is not None:
        listed["expires_at_ms"] = min(listed["expires_at_ms"], LAST_EXPIRY)
    assert listed
    assert {name: found[name] for name in listed} == listed


def facts(error):
    """What an error says, in the words of the vectors."""
    reason, problem = getattr(error, "reason", None), getattr(error, "problem", None)
    return {
        "code": error.code,
        "is_retryable": error.is_retryable,
        "http_status": error.http_status or 0,
        "motivo": error.motivo,
        "api_text": error.api_text,
        "retry_after_ms": milliseconds(error.retry_after),
        "reason": "other" if isinstance(reason, webphone.OtherReason) else getattr(reason, "value", reason),
        "reason_value": reason.value if isinstance(reason, webphone.OtherReason) else None,
        "problem": "field" if isinstance(problem, webphone.FieldProblem) else getattr(problem, "value", None),
        "field": getattr(problem, "field", getattr(error, "field", None)),
    }


def refusal(work, expected, secrets=()):
    """Does what has to fail as the vector says."""
    with pytest.raises(webphone.WebphoneError) as caught:
        work()
    agree(facts(caught.value), expected)
    assert [part for part in expected.get("says", []) if text(part) not in str(caught.value)] == []
    hides(secrets, str(caught.value), repr(caught.value), str(caught.value.args))


def hides(secrets, *texts):
    assert [shown for shown in texts for secret in secrets if secret in shown] == []


@pytest.mark.parametrize("vector", ANSWERS["vectors"], ids=lambda vector: vector["name"])
def test_an_answer_ends_a_fetch(apis, vector):
    simulator, client = apis[vector["base"]]
    play(simulator, vector["answer"])

    def fetch():
        return client.fetch(Extension.number(4000), type=PhoneType(vector["asked"]))

    if "error" in vector["expect"]:
        refusal(fetch, vector["expect"]["error"], ANSWERS["secrets"])
    else:
        url = fetch()
        # No property of its own: it is what stands in the public text.
        host = re.split(" at |[,;]", str(url))[1]
        found = {"type": url.type.value, "origin": url.origin, "host": host, "reveal": url.reveal()}
        agree(found | {"expires_at_ms": expiry(url)}, vector["expect"]["url"])
        hides(ANSWERS["secrets"], str(url), repr(url))
    assert len(asked(simulator)) == 1


@pytest.mark.parametrize("vector", REQUESTS["vectors"], ids=lambda vector: vector["name"])
def test_a_request_is_sent_as_it_should_be_or_not_at_all(apis, vector):
    simulator, client = apis["loopback"]
    play(simulator, ANSWERS["vectors"][0]["answer"])
    told = vector["request"]

    def fetch():
        ((kind, written),) = told["extension"].items()
        extension = getattr(Extension, kind)(text(written))
        number = None if told["call_on_open"] is None else text(told["call_on_open"])
        client.fetch(UrlRequest(extension, PhoneType(told["type"]), number, told["close_at_end"]))

    if "error" in vector["expect"]:
        refusal(fetch, vector["expect"]["error"])
        assert asked(simulator) == []
    else:
        fetch()
        assert asked(simulator) == [f"/webphone?{vector['expect']['query']}"]


@pytest.mark.parametrize("vector", URLS["vectors"], ids=lambda vector: vector["why"])
def test_a_url_from_elsewhere_is_held_to_the_rule(vector):
    written, given, expected = text(vector["url"]), vector["given_type"], vector["expect"]

    def parse():
        return WebphoneUrl.parse(written, None if given is None else PhoneType(given))

    if "error" in expected:
        refusal(parse, expected["error"], URLS["secrets"])
    else:
        url = parse()
        assert url.reveal() == written
        found = {"type": url.type.value, "origin": url.origin, "public_text": str(url)}
        agree(found | {"expires_at_ms": expiry(url)}, expected)
        hides(URLS["secrets"], str(url), repr(url))
        for margin, is_expired in vector.get("expired", []):
            assert url.is_expired(timedelta(milliseconds=margin)) is is_expired, margin
            assert url.is_expired(margin / 1000) is is_expired, margin


def test_urls_expire_in_the_vectors():
    assert {each for vector in URLS["vectors"] for _, each in vector.get("expired", [])} == {True, False}
