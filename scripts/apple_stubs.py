"""Writes what a linker has to know of Apple's frameworks where there is no Apple's kit.

That is where they are on a Mac, and the names that Rust's declarations of them speak of.

usage: apple_stubs.py FOLDER
"""

import json
import re
import subprocess
import sys
from pathlib import Path

FRAMEWORKS = {"CoreFoundation": "core-foundation-sys", "Security": "security-framework-sys"}
DECLARED = re.compile(r"^\s*pub (?:fn|static) (\w+)", re.MULTILINE)
STUB = """--- !tapi-tbd
tbd-version: 4
targets: [ arm64-macos ]
install-name: '{place}'
exports:
  - targets: [ arm64-macos ]
    symbols: [ {names} ]
...
"""


def write(folder: Path) -> None:
    """Write a framework for each crate, and the one library that Rust's standard library names besides."""
    command = ["cargo", "metadata", "--locked", "--format-version=1", "--filter-platform=aarch64-apple-darwin"]
    packages = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["packages"]
    sources = {package["name"]: Path(package["manifest_path"]).parent / "src" for package in packages}
    for framework, crate in FRAMEWORKS.items():
        names = {name for file in sources[crate].rglob("*.rs") for name in DECLARED.findall(file.read_text("utf-8"))}
        stub = folder / f"{framework}.framework/{framework}.tbd"
        stub.parent.mkdir(parents=True, exist_ok=True)
        place = f"/System/Library/Frameworks/{framework}.framework/Versions/A/{framework}"
        stub.write_text(STUB.format(place=place, names=", ".join(f"_{name}" for name in sorted(names))), "utf-8")
    iconv = STUB.format(place="/usr/lib/libiconv.2.dylib", names="_iconv, _iconv_close, _iconv_open")
    (folder / "libiconv.tbd").write_text(iconv, "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
