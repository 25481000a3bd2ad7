"""Look into a built wheel: is it the one wheel for all Pythons, whole, and without anything that should not ship?

usage: check_wheel.py WHEEL [BINDING]     with BINDING, the generated module that the wheel's has to equal
"""

from __future__ import annotations

import base64
import csv
import hashlib
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import BytesParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "bindings/python/src"

NAME = re.compile(r"webphone-(?P<version>[^-]+)-py3-none-(manylinux|musllinux|linux|macosx|win)[a-z0-9_]*\.whl")
LIBRARY = re.compile(r"webphone/_native/(libwebphone\.(so|dylib)|webphone\.dll)")
GENERATED = {"webphone/_native/__init__.py", "webphone/_native/webphone.py"}
# Below `webphone-….dist-info/`. The inventory of what the library was built from is maturin's.
METADATA = {
    "METADATA",
    "RECORD",
    "WHEEL",
    "licenses/LICENSE-APACHE",
    "licenses/LICENSE-MIT",
    "sboms/webphone.cyclonedx.json",
}
# What the generator leaves in a library that was built with it.
GENERATOR = b"uniffi_bindgen"

ELF_SYMBOL_TABLE = 2


def faults(name: str, files: dict[str, bytes], sources: set[str], binding: bytes | None) -> Iterator[str]:
    """What is wrong with a wheel of this name and these files, which should hold these sources."""
    match = NAME.fullmatch(name)
    if match is None:
        yield f"{name}: is not named webphone-VERSION-py3-none-PLATFORM.whl"
        return
    info = f"webphone-{match['version']}.dist-info/"
    optional = {f"{info}entry_points.txt"}
    wanted = sources | GENERATED | {info + path for path in METADATA}
    libraries = {path for path in files if LIBRARY.fullmatch(path)}
    yield from (f"{path}: is missing" for path in sorted(wanted - set(files)))
    yield from (f"{path}: does not belong there" for path in sorted(set(files) - wanted - libraries - optional))
    if "webphone/py.typed" not in files:
        yield "webphone/py.typed: is missing, so nobody's type checker reads the types"
    if len(libraries) != 1:
        yield f"one library is wanted, not {sorted(libraries)}"
    for path in libraries:
        if has_symbol_table(files[path]):
            yield f"{path}: is not stripped"
        if GENERATOR in files[path]:
            yield f"{path}: has the binding generator in it"
    if binding is not None and files.get("webphone/_native/webphone.py") != binding:
        yield "webphone/_native/webphone.py: differs from the bindings of the other builds"
    if f"{info}METADATA" in files:
        yield from metadata_faults(files[f"{info}METADATA"])
    if f"{info}RECORD" in files:
        yield from record_faults(files[f"{info}RECORD"].decode(), files, f"{info}RECORD")


def metadata_faults(metadata: bytes) -> Iterator[str]:
    """What is wrong with the package's metadata."""
    headers = BytesParser().parsebytes(metadata)
    for header, wanted in {
        "Name": "webphone",
        "Requires-Python": ">=3.10",
        "License-Expression": "MIT OR Apache-2.0",
    }.items():
        if headers[header] != wanted:
            yield f"METADATA: {header} is {headers[header]!r} instead of {wanted!r}"


def record_faults(record: str, files: dict[str, bytes], itself: str) -> Iterator[str]:
    """What is wrong with the list of files: installers check it."""
    recorded = {path: (digest, size) for path, digest, size in csv.reader(record.splitlines())}
    if set(recorded) != set(files):
        yield f"RECORD: lists other files: {sorted(set(recorded) ^ set(files))}"
    for path in (recorded.keys() & files.keys()) - {itself}:
        digest = base64.urlsafe_b64encode(hashlib.sha256(files[path]).digest()).rstrip(b"=").decode()
        if recorded[path] != (f"sha256={digest}", str(len(files[path]))):
            yield f"RECORD: has another hash or size for {path}"


def has_symbol_table(library: bytes) -> bool:
    """Whether a library still has the symbols that only debuggers and the binding generator read.

    An ELF library keeps them in a table of their own; in a Mach-O library some have to stay, so the linker's mark of
    local symbols decides. A DLL never has any.
    """
    if library.startswith(b"\x7fELF\x02\x01"):
        (table,) = struct.unpack_from("<Q", library, 0x28)
        size, count = struct.unpack_from("<HH", library, 0x3A)
        kinds = (struct.unpack_from("<I", library, table + at * size + 4)[0] for at in range(count))
        return ELF_SYMBOL_TABLE in kinds
    if library.startswith(b"\xcf\xfa\xed\xfe"):
        return b"_UNIFFI_META_" in library
    if library.startswith(b"MZ"):
        return False
    sys.exit("the library is neither 64-bit ELF nor Mach-O nor a DLL: teach this script to read it")


def packaged_sources() -> set[str]:
    """The hand-written files of the package."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "webphone", "pytest_webphone"]
    listed = subprocess.run(command, cwd=PACKAGE, check=True, capture_output=True, text=True).stdout.splitlines()
    return {path for path in listed if (PACKAGE / path).is_file()}


def main() -> None:
    """Print the wheel's sizes, or what is wrong with it."""
    wheel = Path(sys.argv[1])
    binding = Path(sys.argv[2]).read_bytes() if len(sys.argv) > 2 else None
    with zipfile.ZipFile(wheel) as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    found = list(faults(wheel.name, files, packaged_sources(), binding))
    if found:
        sys.exit(f"{wheel.name}:\n" + "\n".join(found))
    library = sum(len(data) for path, data in files.items() if LIBRARY.fullmatch(path))
    print(f"{wheel.name}: {wheel.stat().st_size:,} bytes, its library {library:,}")


if __name__ == "__main__":
    main()
