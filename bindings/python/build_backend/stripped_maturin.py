"""The build backend: maturin's, and then the library inside the wheel is stripped.

The binding generator reads the interface from the library's symbol table, so maturin has to build the library with it;
what is installed does not need it. Nothing else of maturin's wheel is changed.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import maturin
from maturin import (
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

# It would say that this package does not build with maturin.
os.environ.setdefault("MATURIN_NO_MISSING_BUILD_BACKEND_WARNING", "1")


def build_wheel(
    wheel_directory: str,
    config_settings: Mapping[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Build the wheel (PEP 517), its library stripped."""
    name: str = maturin.build_wheel(wheel_directory, config_settings, metadata_directory)
    strip_wheel(Path(wheel_directory, name))
    return name


def strip_wheel(wheel: Path) -> None:
    """Strip every library in a wheel, in place, and bring its RECORD up to date."""
    with tempfile.TemporaryDirectory(dir=wheel.parent) as scratch:
        stripped = Path(scratch, wheel.name)
        with (
            zipfile.ZipFile(wheel) as old,
            zipfile.ZipFile(stripped, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
        ):
            changed: dict[str, bytes] = {}
            for entry in old.infolist():
                data = old.read(entry)
                if entry.filename.endswith((".so", ".dylib")):
                    data = changed[entry.filename] = strip_library(data, Path(scratch))
                elif entry.filename.endswith(".dist-info/RECORD"):
                    # The last entry, as the wheel format recommends, so `changed` is complete.
                    data = update_record(data, changed)
                # The entry's own record keeps date, mode and method, so equal inputs give equal wheels.
                new.writestr(entry, data, compresslevel=9)
        stripped.replace(wheel)


def strip_library(data: bytes, scratch: Path) -> bytes:
    """A library without the symbols that nobody outside of it uses."""
    # As in every other build, STRIP names the tool for the platform that is built for.
    command = shlex.split(os.environ.get("STRIP", "strip"))
    if shutil.which(command[0]) is None:
        sys.exit(f"`{command[0]}` is missing: install binutils, or name another tool in STRIP (such as llvm-strip).")
    library = scratch / "library"
    library.write_bytes(data)
    local_symbols = "-x" if data.startswith(b"\xcf\xfa\xed\xfe") else "--strip-all"
    subprocess.run([*command, local_symbols, str(library)], check=True)
    return library.read_bytes()


def update_record(record: bytes, changed: Mapping[str, bytes]) -> bytes:
    """The wheel's list of files, with hash and size of the changed ones."""
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    for path, digest, size in csv.reader(record.decode().splitlines()):
        data = changed.get(path)
        if data is not None:
            sha256 = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            digest, size = f"sha256={sha256}", str(len(data))
        writer.writerow([path, digest, size])
    return rows.getvalue().encode()
