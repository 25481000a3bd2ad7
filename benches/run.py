"""Measures the package beside what a user would pick instead, in one run, and prints ratios.

usage: run.py [throughput] [start] [session] [size] [rate] [page] [swift] [kotlin]
    (by default all before page, which needs a browser; swift and kotlin need their own tools)

Rounds are interleaved, so that a machine whose speed drifts treats everybody alike; a figure is the median of its
rounds, with the range beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
ROUNDS = 7

# Contender, and how many requests it sends in a round: half a second or more of work.
THROUGHPUT = {
    "webphone": 4_000,
    "pycurl": 4_000,
    "urllib3": 1_500,
    "httpx": 1_000,
    "requests": 750,
    "vendor": 400,
    "webphone-async": 5_000,
    "aiohttp": 4_000,
    "webphone-async+uvloop": 6_000,
    "aiohttp+uvloop": 5_000,
    "webphone-batch": 60_000,
    "reqwest loop (Rust)": 60_000,
}
# What is held against what, and how much it has to be at least.
RATIOS = [
    ("webphone-batch", "aiohttp", 4.0),
    ("webphone-batch", "reqwest loop (Rust)", 0.75),
    ("webphone", "pycurl", 0.75),
    ("webphone-async", "aiohttp", 1.3),
    ("webphone-async+uvloop", "aiohttp+uvloop", 1.3),
    ("webphone", "vendor", None),
    ("webphone", "requests", None),
]


@contextmanager
def simulator(*options: str) -> Iterator[tuple[str, str]]:
    """Run a simulated API in a process of its own; gives its base URL and its token."""
    command = [sys.executable, "-m", "webphone", "simulator", "--until-stdin-closes", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        yield line["api"], line["token"]
        process.communicate()


def rate_of(name: str, base: str, token: str, count: int) -> float:
    """Requests a second of one contender, in a process of its own."""
    if name.startswith("reqwest"):
        command = [str(TARGET / "release/webphone-yardstick"), base, token, str(count), "64"]
    else:
        command = [sys.executable, str(ROOT / "benches/contenders.py"), name, base, token, str(count)]
    return float(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def build_yardstick() -> Path:
    """Build what a Rust programmer would write by hand."""
    print("building the yardstick …", flush=True)
    build = ["cargo", "build", "-q", "--release", "--manifest-path", "benches/yardstick/Cargo.toml"]
    subprocess.run(build, cwd=ROOT, check=True, env={**os.environ, "CARGO_TARGET_DIR": str(TARGET)})
    return TARGET / "release/webphone-yardstick"


def throughput() -> None:
    """Requests a second against a simulated API on loopback."""
    build_yardstick()
    figures: dict[str, list[float]] = {name: [] for name in THROUGHPUT}
    with simulator() as (base, token):
        for _ in range(ROUNDS):
            for name, count in THROUGHPUT.items():
                figures[name].append(rate_of(name, base, token, count))
    print(f"\nRequests a second, plain HTTP on loopback, median of {ROUNDS} (range)")
    for name, rates in figures.items():
        print(f"  {name:<24}{statistics.median(rates):>10,.0f}   ({min(rates):,.0f} to {max(rates):,.0f})")
    print("\nRatios, round by round, median (range)")
    for name, other, least in RATIOS:
        ratios = [a / b for a, b in zip(figures[name], figures[other], strict=True)]
        if least is None:
            report(f"{name} / {other}", ratios, None, held=True)
        else:
            report(f"{name} / {other}", ratios, f"at least {least}", statistics.median(ratios) >= least)


def report(what: str, ratios: list[float], budget: str | None, held: bool) -> None:
    """Print one ratio beside its budget."""
    verdict = f"   {budget}: {'held' if held else 'MISSED'}" if budget else ""
    print(f"  {what:<42}{statistics.median(ratios):>6.2f}  ({min(ratios):.2f} to {max(ratios):.2f}){verdict}")


BARE = "import ctypes, asyncio"
STARTS = {
    "interpreter with ctypes and asyncio": BARE,
    "webphone and a client": f"{BARE}\nimport webphone\nwebphone.Client('token')",
    "requests and a session": f"{BARE}\nimport requests\nrequests.Session()",
    "aiohttp": f"{BARE}\nimport aiohttp",
}


def start() -> None:
    """How long until a first client is there."""
    seconds: dict[str, list[float]] = {name: [] for name in STARTS}
    for code in STARTS.values():
        # Compiles what is imported, so that every counted start finds it compiled.
        subprocess.run([sys.executable, "-c", code], check=True, env=writing_bytecode())
    for _ in range(3 * ROUNDS):
        for name, code in STARTS.items():
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, env=writing_bytecode())
            seconds[name].append(time.perf_counter() - begin)
    bare = statistics.median(seconds["interpreter with ctypes and asyncio"])
    print(f"\nStart, milliseconds above an interpreter with ctypes and asyncio ({bare * 1000:.0f} ms)")
    for name, each in seconds.items():
        print(f"  {name:<42}{(statistics.median(each) - bare) * 1000:>6.1f}")
    ours, theirs = (
        statistics.median(seconds[name]) - bare for name in ("webphone and a client", "requests and a session")
    )
    report("webphone / requests", [ours / theirs], "at most 0.25", ours / theirs <= 0.25)


def writing_bytecode() -> dict[str, str]:
    """Return the environment in which modules are compiled once and for all, as after an installation."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


# From a message of the phone to its update in Python, and in Kotlin, microseconds at most.
SESSION = {"single": 40.0, "backlog": 25.0}


def session() -> None:
    """From a message of a phone to its update, beside a handler written by hand: json and dataclasses, nothing else."""
    print(
        f"\nMessage to update, two queues and a call, microseconds of processor time each, median of {ROUNDS} (range)"
    )
    for how, most in SESSION.items():
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(message_to_update("webphone", how))
            theirs.append(message_to_update("handwritten", how))
        report(f"webphone, {how}", ours, f"at most {most:.0f}", statistics.median(ours) <= most)
        report(f"json and dataclasses by hand, {how}", theirs, None, held=True)
        report("  ratio, round by round", [a / b for a, b in zip(ours, theirs, strict=True)], None, held=True)


def message_to_update(name: str, how: str) -> float:
    """Microseconds a message, in a process of its own."""
    command = [sys.executable, str(ROOT / "benches/session.py"), name, how]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def size() -> None:
    """Measure the shipped library beside a bare one that only fetches with reqwest and rustls."""
    with tempfile.TemporaryDirectory() as scratch:
        sizes = {
            "bare": stripped("bare", ROOT / "benches/yardstick", "webphone_yardstick", [], Path(scratch)),
            "webphone": stripped("plain", ROOT, "webphone", [], Path(scratch)),
            "webphone with simulator": stripped("simulator", ROOT, "webphone", ["simulator"], Path(scratch)),
        }
    print("\nStripped library, bytes")
    for name, each in sizes.items():
        print(f"  {name:<42}{each:>12,}")
    over, more = sizes["webphone"] - sizes["bare"], sizes["webphone with simulator"] - sizes["webphone"]
    print(f"  over the bare one {over:,}: at most 1,000,000: {'held' if over <= 1_000_000 else 'MISSED'}")
    print(f"  for the simulator {more:,}: at most 900,000: {'held' if more <= 900_000 else 'MISSED'}")


def stripped(label: str, crate: Path, name: str, features: list[str], scratch: Path) -> int:
    """Build a library as it ships, and give its size without symbols."""
    command = ["cargo", "rustc", "-q", "--release", "--lib", "--crate-type", "cdylib", "--features", ",".join(features)]
    subprocess.run(command, cwd=crate, check=True, env={**os.environ, "CARGO_TARGET_DIR": str(TARGET)})
    copy = scratch / label
    subprocess.run(["strip", "-o", str(copy), str(TARGET / f"release/lib{name}.so")], check=True)
    return copy.stat().st_size


# How much longer than ideal a batch may take that keeps to the API's limit by itself.
RATE = 1.15


def rate() -> None:
    """Time a batch of 5,000 against an API that lets 200 a second through."""
    from webphone import Client, Extension, PhoneType, Simulator

    count, limit = 5_000, 200
    print(f"\n{count} requests against an API limited to {limit} a second; ideal {count / limit:.1f} s")
    for option in (float(limit), None):
        with Simulator(rate_limit=limit) as api, Client(api.token, base_url=api.api_url) as client:
            begin = time.perf_counter()
            run = client.fetch_many((Extension.number(4000) for _ in range(count)), type=PhoneType.HIDDEN, rate=option)
            failed = sum(result.error is not None for result in run)
            took = (time.perf_counter() - begin) * limit / count
        # Without a rate it is the API's refusals that slow it down: what that costs is shown, not promised.
        budget = None if option is None else f"at most {RATE} and 0 failed"
        report(f"rate={option}, {failed} failed, time / ideal", [took], budget, took <= RATE and failed == 0)


# From a page that is ready to a confirmed call, milliseconds at most.
CALL_IN_A_PAGE = 50.0


def page() -> None:
    """A call through a real page, from `ready` to `Confirmed`, with a remote side that answers at once."""
    command = [sys.executable, str(ROOT / "benches/page.py"), str(3 * ROUNDS)]
    out = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    took = [float(line) for line in out.split()]
    print("\nA call in a Chromium, from a page that is ready to its confirmation, milliseconds, median (range)")
    held = statistics.median(took) <= CALL_IN_A_PAGE
    report(f"{len(took)} phones, each in a page of its own", took, f"at most {CALL_IN_A_PAGE:.0f}", held)


# What is measured through another language beside Rust, and how much more it may cost at most.
CROSSINGS = {"receive": None, "fetch": 1.5}
# From the cancellation of a task to the end of its work, at the server too: microseconds at most.
CANCELLATION = 50_000.0
CANCELLED = ["fetch", "batch", "command", "updates"]


def swift() -> None:
    """Measure a message to its update, and a fetch, through Swift and in Rust; and how soon a cancellation arrives."""
    print("\nbuilding …", flush=True)
    scripts = ROOT / "scripts"
    subprocess.run([str(scripts / "swift"), "--release"], check=True, stdout=subprocess.DEVNULL)
    scratch = TARGET / "swift/release"
    package = ["--package-path", str(ROOT / "bindings/swift"), "--scratch-path", str(scratch / "build")]
    environment = {**os.environ, "PKG_CONFIG_PATH": str(scratch / "lib/pkgconfig")}
    in_swift = str(scripts / "in-swift")
    build = [in_swift, "swift", "build", "-c", "release", "--product", "Benchmark", *package]
    subprocess.run(build, check=True, env=environment, stdout=subprocess.DEVNULL)
    programs = {
        "Swift": [in_swift, str(scratch / "build/release/Benchmark")],
        "Rust": ["cargo", "bench", "-q", "--bench", "crossing", "--"],
    }

    def measure(language: str, *what: str) -> float:
        command = [*programs[language], *what]
        return float(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, env=environment).stdout)

    with simulator() as (base, token):
        arguments: dict[str, list[str]] = {"receive": [], "fetch": [base, token]}
        measure("Rust", "receive")
        print(f"\nThrough Swift and in Rust, microseconds, median of {ROUNDS} (range)")
        for what, most in CROSSINGS.items():
            figures: dict[str, list[float]] = {language: [] for language in programs}
            for _ in range(ROUNDS):
                for language, each in figures.items():
                    each.append(measure(language, what, *arguments[what]))
            for language, each in figures.items():
                report(f"{what}, {language}", each, None, held=True)
            ratios = [a / b for a, b in zip(figures["Swift"], figures["Rust"], strict=True)]
            held = most is None or statistics.median(ratios) <= most
            report("  ratio, round by round", ratios, None if most is None else f"at most {most}", held)
        for what in CANCELLED:
            slowest = measure("Swift", "cancel", what)
            report(f"cancel {what}, slowest of 100", [slowest], f"at most {CANCELLATION:,.0f}", slowest <= CANCELLATION)


# What is measured on a JVM, by the contenders' names there, and what is held against what.
JVM_STARTS = ["bare", "webphone", "java.net.http", "okhttp"]
JVM_FETCHES = ["webphone", "webphone-blocking", "java.net.http", "java.net.http-blocking", "okhttp", "okhttp-blocking"]
JVM_MANY = {"webphone-batch": 60_000, "webphone": 20_000, "java.net.http": 20_000, "okhttp": 20_000}
JVM_RATIOS = {
    "fetch": [
        ("webphone", "Rust"),
        ("webphone", "java.net.http"),
        ("webphone", "okhttp"),
        ("webphone-blocking", "java.net.http-blocking"),
        ("webphone-blocking", "okhttp-blocking"),
    ],
    "many": [
        ("webphone-batch", "reqwest loop (Rust)"),
        ("webphone-batch", "java.net.http"),
        ("webphone-batch", "okhttp"),
        ("webphone", "java.net.http"),
        ("webphone", "okhttp"),
    ],
    "single": [("webphone", "Rust"), ("webphone", "by hand")],
    "backlog": [("webphone", "by hand")],
}


def kotlin() -> None:
    """Measure the installed package for the JVM beside java.net.http, OkHttp and kotlinx.serialization, and Rust."""
    yardstick = build_yardstick()
    in_rust = ["cargo", "bench", "-q", "--bench", "crossing", "--"]
    project = ROOT / "benches/kotlin"
    jars = TARGET / "jvm-bench"
    shutil.rmtree(jars, ignore_errors=True)
    build = ["mvn", "-q", "-B", "-ntp", "-Dkotlin.compiler.daemon=false", "compile", "dependency:copy-dependencies"]
    subprocess.run([*build, "-DincludeScope=runtime", f"-DoutputDirectory={jars}"], cwd=project, check=True)
    java = ["java", "-cp", os.pathsep.join([str(project / "target/classes"), f"{jars}/*"]), "ContendersKt"]
    measure_jars(jars)

    def measured(*command: str) -> float:
        return float(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)

    def started(name: str) -> float:
        begin = time.perf_counter()
        subprocess.run([*java, "start", name], check=True)
        return (time.perf_counter() - begin) * 1000

    starts = rounds({name: partial(started, name) for name in JVM_STARTS})
    bare = statistics.median(starts["bare"])
    print(f"\nStart with a client, milliseconds above a bare JVM ({bare:.0f} ms), median of {ROUNDS} (range)")
    for name, each in starts.items():
        report(name, [took - bare for took in each], None, held=True)

    with simulator() as (base, token):
        fetches = {name: partial(measured, *java, "fetch", name, base, token) for name in JVM_FETCHES}
        fetches["Rust"] = partial(measured, *in_rust, "fetch", base, token)
        fetches["Rust"]()
        told("fetch", "One fetch after the other, plain HTTP on loopback, microseconds each", rounds(fetches))
        many = {
            name: partial(measured, *java, "many", name, base, token, str(count)) for name, count in JVM_MANY.items()
        }
        many["reqwest loop (Rust)"] = partial(measured, str(yardstick), base, token, "60000", "64")
        told("many", "64 fetches at once, requests a second", rounds(many))
    names = ["webphone", "by hand"]
    single = {name: partial(measured, *java, "single", name) for name in names}
    single["Rust"] = partial(measured, *in_rust, "receive")
    took = {"single": rounds(single), "backlog": rounds({n: partial(measured, *java, "backlog", n) for n in names})}
    told("single", "A message to the collector of a flow, one by one, microseconds each", took["single"])
    told("backlog", "A message to the collector of a flow, 99 at a time, microseconds each", took["backlog"])
    for how, most in SESSION.items():
        ours = took[how]["webphone"]
        report(f"webphone, {how}", ours, f"at most {most:.0f}", statistics.median(ours) <= most)


def rounds(contenders: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Run all contenders in turn, several times."""
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, run in contenders.items():
            figures[name].append(run())
    return figures


def told(what: str, title: str, figures: dict[str, list[float]]) -> None:
    """Print figures of the JVM, and their ratios round by round."""
    print(f"\n{title}, median of {ROUNDS} (range)")
    for name, each in figures.items():
        print(f"  {name:<42}{statistics.median(each):>10,.1f}   ({min(each):,.1f} to {max(each):,.1f})")
    for name, other in JVM_RATIOS[what]:
        ratios = [a / b for a, b in zip(figures[name], figures[other], strict=True)]
        report(f"ratio {name} / {other}", ratios, None, held=True)


def measure_jars(folder: Path) -> None:
    """Print what the packages weigh, with what they stand on."""
    with zipfile.ZipFile(next(folder.glob("webphone-*.jar"))) as package:
        natives = [each for each in package.infolist() if each.filename.endswith((".so", ".dylib", ".dll"))]
    print("\nJARs, bytes")
    both = ["kotlin-stdlib", "annotations", "kotlinx-coroutines"]
    for name, parts in {
        "webphone": ["webphone", "jna", *both],
        "okhttp": ["okhttp", "okio", "kotlinx-serialization", *both],
        "java.net.http": ["kotlinx-serialization", *both],
    }.items():
        sizes = {jar.name: jar.stat().st_size for jar in folder.iterdir() if jar.name.startswith(tuple(parts))}
        print(f"  {name:<42}{sum(sizes.values()):>12,}  ({', '.join(sorted(sizes))})")
    for native in natives:
        print(f"  {'of which ' + native.filename:<42}{native.compress_size:>12,}")


def main(parts: list[str]) -> None:
    """Measure the parts that are named."""
    known = {
        "throughput": throughput,
        "start": start,
        "session": session,
        "size": size,
        "rate": rate,
        "page": page,
        "swift": swift,
        "kotlin": kotlin,
    }
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}", flush=True)
    for part in parts or ["throughput", "start", "session", "size", "rate"]:
        known[part]()


if __name__ == "__main__":
    main(sys.argv[1:])
