"""What the command line can be asked for: from arguments to typed commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from webphone import Client, InvalidError, PhoneNumber, PhoneType

from .access import DEFAULT_TIMEOUT, Access
from .exits import UserError
from .records import FORMATS
from .rows import COLUMNS, Defaults, Row, only_row

DEFAULT_CONCURRENCY: int = (Client.fetch_many.__kwdefaults__ or {})["concurrency"]


@dataclass(frozen=True, slots=True)
class UrlCommand:
    """`webphone url`: one URL."""

    access: Access
    row: Row
    as_json: bool


@dataclass(frozen=True, slots=True)
class BulkCommand:
    """`webphone bulk`: a URL for each row of a file."""

    access: Access
    input: str
    defaults: Defaults
    encoding: str | None
    concurrency: int
    rate: float | None
    format: str
    output: str | None
    resume: bool


@dataclass(frozen=True, slots=True)
class SimulatorCommand:
    """`webphone simulator`: the API on this machine."""

    port: int
    token: str | None
    extensions: tuple[tuple[str, str], ...] | None
    """Numbers and ids; an empty id is made from the number."""
    tls: bool
    rate_limit: int | None
    url_lifetime: float | None
    until_stdin_closes: bool
    command: tuple[str, ...]
    """What runs beside it; empty: it serves until it is told to stop."""


@dataclass(frozen=True, slots=True)
class ReplayCommand:
    """`webphone replay`: a recorded session as a timeline."""

    input: str
    """The trace's file; `-`: stdin."""


@dataclass(frozen=True, slots=True)
class PhoneCommand:
    """`webphone phone`: a phone in a browser."""

    access: Access
    row: Row
    call: str | None
    """A number to call as soon as the phone is ready."""
    headed: bool
    microphone: str
    """`fake`, `real` or a WAV file."""
    browser: str | None
    record: str | None
    masked: bool
    """Whether the recording has its telephone numbers masked."""
    simulated: bool


Command = UrlCommand | BulkCommand | SimulatorCommand | ReplayCommand | PhoneCommand

_EXIT_CODES = """\
exit codes:
  0  done
  1  some of a batch failed, a recorded session came out otherwise, or a command that `phone` read from a pipe failed
  2  wrong usage or input
  3  refused by the API (token, permission, balance, unknown extension)
  4  temporary failure: try again
  5  an answer that is not the API's: check the base URL
  70  a fault of this program: please report it
  130, 143, 141  ended by Ctrl-C, by SIGTERM, by a reader that has gone
"""

_ENVIRONMENT = """\
environment:
  TOTALVOICE_ACCESS_TOKEN    the access token, unless --token-file names a file; never an argument,
                             since everybody on this machine can read arguments
  WEBPHONE_BASE_URL          the API's base URL, unless --base-url is given
  WEBPHONE_ROOT_CERTIFICATE  a PEM file of what is trusted besides the public roots, unless --root-certificate is given
"""

_URL = """\
Prints the webphone URL of an extension, and nothing else, on stdout.

The URL is a credential: whoever opens it makes and takes the extension's calls.
"""

_BULK = f"""\
Prints a record for each row of FILE, in its order and as they come: with the webphone URL, or with the reason why not.

FILE is a list of extensions, one a line, or a CSV (`,` or `;`) whose header names at least `ramal` or `id_ramal`, of
  {", ".join(COLUMNS)}
in any order. An empty cell means the option of the same purpose. Blank lines are skipped, extensions may be there
twice, and a row that can't be sent costs only itself.

A record has the fields
  ramal, id_ramal, tipo, url, expires_at, error, api_text
`error` begins with a code, such as `refused`, and the line of FILE. In CSV a text that a spreadsheet would run as a
formula begins with an apostrophe.

The URLs are credentials: on a terminal they are what was asked for; for keeping them, use --output, which makes a file
that no other user can read.
"""

_SIMULATOR = """\
Serves the API on 127.0.0.1, for tests, demos and offline work, until SIGINT or SIGTERM.

The first line on stdout is a JSON object, which later versions may extend but not change:
  api                    the base URL of the API
  token                  the access token that it takes
  control                the base URL of its control: see below
  root_certificate       with --tls: the certificate to trust, as PEM
  root_certificate_file  with --tls: a file with that certificate, while the simulator runs

With `-- COMMAND` it prints nothing, runs the command with TOTALVOICE_ACCESS_TOKEN, WEBPHONE_BASE_URL and
WEBPHONE_CONTROL_URL (and WEBPHONE_ROOT_CERTIFICATE) set, and ends with its exit code
(126: it can't be run, 127: it is not there, 128 + N: signal N ended it).
"""

_CONTROL = """\
control, with its base URL as $CONTROL (`--json` needs curl 7.82; before: -H 'Content-Type: application/json' -d):
  what was asked, without tokens  curl $CONTROL/requests
  the last ten of it              curl "$CONTROL/requests?last=10"
  forget it                       curl -X DELETE $CONTROL/requests
  the next three fail             curl --json '{"fault":{"fail":{"http_status":503}},"times":3}' $CONTROL/faults
  all of one extension            curl --json '{"fault":"reset","extension":"4001"}' $CONTROL/faults
  no more faults                  curl -X DELETE $CONTROL/faults
  the extensions                  curl $CONTROL/extensions
  other extensions                curl -X PUT --json '["4000",{"number":"4001","id":"77"}]' $CONTROL/extensions
  the phones that are open        curl $CONTROL/phones
  a phone opens without a page    curl -X POST $CONTROL/phones/4000/open
  somebody calls it               curl --json '{"from":"(79) 91234-5678"}' $CONTROL/phones/4000/incoming
  its user answers                curl --json '{"message":"answer"}' $CONTROL/phones/4000/post
  the other side hangs up         curl -X POST $CONTROL/phones/4000/hangup
  all as after the start          curl -X POST $CONTROL/reset
An answer is JSON or empty; what is refused says why in `error`.

faults, each as the "fault" of such a line:
  the right answer, late          {"delay":{"delay_ms":500}}
  in small pieces, then closed    {"drip":{"chunk_bytes":10,"pause_ms":100}}
  broken off                      {"cut":{"body_bytes":5}}
  a reset instead (TCP RST)       "reset"
  the connection closed at once   "refuse"
  bytes that are not HTTP         "garbage"
  a body of this size             {"oversized":{"claimed_bytes":1073741824}}
  a body without an end           "endless"
  the API's own failure           {"fail":{"http_status":429,"retry_after_ms":2000}}
  any other answer                {"answer":{"http_status":302,"headers":{"Location":"https://elsewhere.example/"}}}
"""

_REPLAY = """\
Lives a recorded session again, and prints what happened in it as a timeline: seconds, what the phone said, what was
asked for and posted, what became of each command, and what changed. Where it comes out otherwise than it was recorded,
a line says so.

FILE is what `Session(record=...)` and `trace()` gave. It holds what the phone said, telephone numbers too unless they
were masked; secrets never.
"""


_PHONE = """\
Opens the phone of an extension in a Chromium, shows what happens as it comes, and takes commands by their names, one a
line: `call 11999990000`, `hangup`, `help`. It ends with `quit`, at the end of its input, and with Ctrl-C.

It needs Playwright (pip install "webphone[playwright]") and a full Chromium: the system's, or Playwright's own
(playwright install chromium). On a terminal commands work side by side; from a pipe each waits for the end of the one
before.
"""


def parse(argv: Sequence[str]) -> Command:
    """The command that these arguments ask for.

    Raises:
        SystemExit: They ask for help (0) or for nothing that there is (2); this was said already.
        UserError: A value is unusable.
    """
    argv, beside = _split_command(argv)
    parser = _parser()
    options, unknown = parser.parse_known_args(argv)
    if unknown:
        options.parser.error(_unknown(unknown))
    if beside and options.until_stdin_closes:
        options.parser.error("--until-stdin-closes is for serving without a COMMAND, which reads stdin itself")
    command: Command = options.read(options, beside)
    return command


def _split_command(argv: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    if argv[:1] != ["simulator"] or "--" not in argv:
        return list(argv), ()
    at = list(argv).index("--")
    return list(argv[:at]), tuple(argv[at + 1 :])


def _unknown(arguments: list[str]) -> str:
    """Names options, but never values: one of them may be a token."""
    options = [argument.partition("=")[0] for argument in arguments if argument.startswith("-")]
    if any(option in ("--token", "--access-token") for option in options):
        return "the access token is no argument: set TOTALVOICE_ACCESS_TOKEN, or name a file by --token-file"
    if options:
        return f"there is no option {options[0]}"
    return f"there are {len(arguments)} arguments too many"


class _Parser(argparse.ArgumentParser):
    def __init__(self, *arguments: object, **options: object) -> None:
        # An abbreviation could make the value of a mistyped option a file's name, and show it.
        options |= {"allow_abbrev": False, "formatter_class": argparse.RawDescriptionHelpFormatter}
        super().__init__(*arguments, **options)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}\n{self.format_usage().rstrip()}\nFor help: {self.prog} --help")


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        sys.stdout.write(f"webphone {version('webphone')}\n")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="webphone",
        description="Fetch TotalVoice/Zenvia webphone URLs, and test without an account.",
        epilog=f"{_ENVIRONMENT}\n{_EXIT_CODES}",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, text: str, what: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, description=text, help=what, epilog=f"{_ENVIRONMENT}\n{_EXIT_CODES}")

    url = command("url", _URL, "print the webphone URL of an extension")
    url.add_argument("extension", metavar="EXTENSION", help="the extension's number (ramal), such as 4000")
    url.add_argument("--id", dest="by_id", action="store_true", help="EXTENSION is a unique id (id_ramal)")
    _add_request(url)
    url.add_argument("--json", dest="as_json", action="store_true", help="print a JSON object, as `bulk` does")
    _add_access(url)
    url.set_defaults(read=_url, parser=url, until_stdin_closes=False)

    bulk = command("bulk", _BULK, "print the webphone URLs of many extensions")
    bulk.add_argument("input", metavar="FILE", help="the list or CSV of extensions; - for stdin")
    bulk.add_argument("--id", dest="by_id", action="store_true", help="the lines of a list are unique ids (id_ramal)")
    _add_request(bulk)
    bulk.add_argument("--encoding", metavar="E", help="how FILE is encoded, such as latin-1 (default: UTF-8)")
    bulk.add_argument(
        "--concurrency",
        type=int,
        default=DEFAULT_CONCURRENCY,
        metavar="N",
        help="requests under way at a time, 1 to 1024 (default: %(default)s)",
    )
    bulk.add_argument("--rate", type=float, metavar="N", help="requests a second at most (default: as the API allows)")
    bulk.add_argument(
        "--format", choices=list(FORMATS), default="ndjson", help="JSON, one object a line (default), or CSV"
    )
    bulk.add_argument(
        "--output", metavar="FILE", help="a new file for the records, readable by you alone (default, and -: stdout)"
    )
    bulk.add_argument(
        "--resume",
        action="store_true",
        help="go on with --output: keep its URLs that have not expired, drop its failures, do the rest; rows are told "
        "apart by all that they ask for, as far as a URL says it",
    )
    _add_access(bulk)
    bulk.set_defaults(read=_bulk, parser=bulk, until_stdin_closes=False)

    simulator = command("simulator", _SIMULATOR, "serve the API on this machine, for tests")
    simulator.usage = "%(prog)s [options] [-- COMMAND ...]"
    simulator.epilog = f"{_CONTROL}\n{_ENVIRONMENT}\n{_EXIT_CODES}"
    simulator.add_argument(
        "--port", type=int, default=0, metavar="N", help="the API's port (default, and 0: a free one)"
    )
    simulator.add_argument("--token", metavar="T", help="the access token that it takes (default: Seu_Token)")
    simulator.add_argument(
        "--extensions", metavar="LIST", help="numbers, or NUMBER:ID, with commas between (default: 4000,4001)"
    )
    simulator.add_argument("--tls", action="store_true", help="HTTPS, with a certificate of a throw-away authority")
    simulator.add_argument("--rate-limit", type=int, metavar="N", help="answer 429 above N requests a second")
    simulator.add_argument(
        "--url-lifetime", type=float, metavar="S", help="sign URLs, and let them expire after S seconds"
    )
    simulator.add_argument(
        "--until-stdin-closes", action="store_true", help="end also when stdin closes, as it does when a parent dies"
    )
    simulator.set_defaults(read=_simulator, parser=simulator)

    phone = command("phone", _PHONE, "open the phone of an extension, and command it")
    phone.add_argument("extension", metavar="EXTENSION", help="the extension's number (ramal), such as 4000")
    phone.add_argument("--id", dest="by_id", action="store_true", help="EXTENSION is a unique id (id_ramal)")
    phone.add_argument(
        "--type",
        type=str.lower,
        choices=[kind.value for kind in PhoneType],
        help="(tipo; default: hidden, with --headed embedded)",
    )
    phone.add_argument("--call", metavar="NUMBER", help="call this number as soon as the phone is ready")
    phone.add_argument("--headed", action="store_true", help="show the browser's window")
    phone.add_argument(
        "--microphone",
        default=None,
        metavar="M",
        help="fake (beeps), real, or a WAV file (default: fake, with --headed real)",
    )
    phone.add_argument("--browser", metavar="FILE", help="the Chromium or Chrome to start")
    phone.add_argument("--record", metavar="FILE", help="a new file for what happened, which `webphone replay` shows")
    phone.add_argument("--plain", action="store_true", help="do not mask the telephone numbers in --record")
    phone.add_argument("--simulate", action="store_true", help="open a simulated phone: no account is needed")
    _add_access(phone)
    phone.set_defaults(read=_phone, parser=phone, until_stdin_closes=False)

    replay = command("replay", _REPLAY, "show a recorded session as a timeline")
    replay.add_argument("input", metavar="FILE", help="the trace; - for stdin")
    replay.set_defaults(read=_replay, parser=replay, until_stdin_closes=False)
    return parser


def _add_request(parser: argparse.ArgumentParser) -> None:
    words = [kind.value for kind in PhoneType]
    parser.add_argument("--type", type=str.lower, choices=words, default="floating", help="(tipo; default: floating)")
    parser.add_argument("--call", metavar="NUMBER", help="what the phone dials when it opens (ligar_para)")
    parser.add_argument("--close-at-end", action="store_true", help="close the phone when its call ends (fechar_fim)")


def _add_access(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--token-file", metavar="FILE", help="a file with the access token")
    parser.add_argument("--base-url", metavar="URL", help="(default: https://api2.totalvoice.com.br)")
    parser.add_argument("--root-certificate", metavar="FILE", help="trust these certificates (PEM) too")
    parser.add_argument(
        "--timeout",
        type=float,
        default=DEFAULT_TIMEOUT,
        metavar="S",
        help="seconds for a request with its retries (default: %(default)s)",
    )


def _access(options: argparse.Namespace) -> Access:
    return Access(options.token_file, options.base_url, options.root_certificate, options.timeout)


def _defaults(options: argparse.Namespace) -> Defaults:
    try:
        call_on_open = None if options.call is None else PhoneNumber(options.call)
    except InvalidError as error:
        raise UserError(f"--call {error.reason}") from None
    return Defaults(options.by_id, PhoneType(options.type), call_on_open, options.close_at_end)


def _url(options: argparse.Namespace, _: tuple[str, ...]) -> UrlCommand:
    return UrlCommand(_access(options), only_row(options.extension, _defaults(options)), options.as_json)


def _bulk(options: argparse.Namespace, _: tuple[str, ...]) -> BulkCommand:
    output = None if options.output == "-" else options.output
    if options.resume and output is None:
        raise UserError("--resume goes on with a file: name it by --output")
    return BulkCommand(
        access=_access(options),
        input=options.input,
        defaults=_defaults(options),
        encoding=options.encoding,
        concurrency=options.concurrency,
        rate=options.rate,
        format=options.format,
        output=output,
        resume=options.resume,
    )


def _simulator(options: argparse.Namespace, command: tuple[str, ...]) -> SimulatorCommand:
    return SimulatorCommand(
        port=options.port,
        token=options.token,
        extensions=None if options.extensions is None else _extensions(options.extensions),
        tls=options.tls,
        rate_limit=options.rate_limit,
        url_lifetime=options.url_lifetime,
        until_stdin_closes=options.until_stdin_closes,
        command=command,
    )


def _phone(options: argparse.Namespace, _: tuple[str, ...]) -> PhoneCommand:
    if options.simulate and options.by_id:
        raise UserError("--simulate makes an extension of this number: leave out --id")
    if options.plain and options.record is None:
        raise UserError("--plain is about a recording: name its file by --record")
    kind = PhoneType(options.type or ("embedded" if options.headed else "hidden"))
    return PhoneCommand(
        access=_access(options),
        row=only_row(options.extension, Defaults(options.by_id, kind)),
        call=options.call,
        headed=options.headed,
        microphone=options.microphone or ("real" if options.headed else "fake"),
        browser=options.browser,
        record=options.record,
        masked=not options.plain,
        simulated=options.simulate,
    )


def _replay(options: argparse.Namespace, _: tuple[str, ...]) -> ReplayCommand:
    return ReplayCommand(options.input)


def _extensions(text: str) -> tuple[tuple[str, str], ...]:
    parts = (part.strip().partition(":") for part in text.split(","))
    return tuple((number, unique_id) for number, _, unique_id in parts) if text.strip() else ()
