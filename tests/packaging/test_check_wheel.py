"""What `check_wheel.py` has to find in a wheel that is not as it should be."""

import base64
import hashlib
import struct

import pytest

import check_wheel

INFO = "webphone-1.2.3.dist-info/"
NAME = "webphone-1.2.3-py3-none-manylinux_2_17_x86_64.whl"
LIBRARY = "webphone/_native/libwebphone.so"
SOURCES = {"webphone/__init__.py", "webphone/py.typed"}
METADATA = b"Name: webphone\nRequires-Python: >=3.10\nLicense-Expression: MIT OR Apache-2.0\n"


def elf(*section_kinds):
    """A 64-bit ELF file with nothing but a header and sections of these kinds."""
    header = bytearray(64)
    header[:6] = b"\x7fELF\x02\x01"
    struct.pack_into("<Q", header, 0x28, len(header))
    struct.pack_into("<HH", header, 0x3A, 64, len(section_kinds))
    return bytes(header) + b"".join(struct.pack("<II56x", 0, kind) for kind in section_kinds)


STRIPPED = elf(0, 1, 11)


def recorded(files):
    """The same files with a RECORD that lists them."""
    rows = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(data)}")
    rows.append(f"{INFO}RECORD,,")
    return {**files, f"{INFO}RECORD": "\n".join(rows).encode()}


def good(**changes):
    """The files of a wheel without a fault, but for the changes: a path's new content, or None to leave it out."""
    files = dict.fromkeys(SOURCES | check_wheel.GENERATED, b"")
    files |= {INFO + path: b"" for path in check_wheel.METADATA - {"RECORD"}}
    files |= {INFO + "METADATA": METADATA, LIBRARY: STRIPPED} | changes.pop("files", {})
    return recorded({path: data for path, data in files.items() if data is not None})


def faults(files, name=NAME, binding=None):
    return list(check_wheel.faults(name, files, SOURCES, binding))


def test_a_good_wheel_has_no_fault():
    assert faults(good()) == []
    assert faults(good(files={INFO + "entry_points.txt": b""}), binding=b"") == []
    assert faults(good(), name="webphone-1.2.3-py3-none-linux_x86_64.whl") == []


@pytest.mark.parametrize(
    "name",
    [
        "webphone-1.2.3-cp310-cp310-manylinux_2_17_x86_64.whl",
        "webphone-1.2.3-cp310-abi3-linux_x86_64.whl",
        "webphone-1.2.3-py3-none-any.whl",
        "webphone-1.2.3.tar.gz",
    ],
)
def test_a_wheel_for_some_pythons_only(name):
    (fault,) = faults(good(), name=name)
    assert "py3-none-PLATFORM" in fault


@pytest.mark.parametrize(
    ("files", "part"),
    [
        ({"webphone/stray.txt": b""}, "webphone/stray.txt: does not belong"),
        ({"tests/test_x.py": b""}, "tests/test_x.py: does not belong"),
        ({"webphone/__pycache__/x.pyc": b""}, "does not belong"),
        ({INFO + "x.json": b""}, "does not belong"),
        ({"webphone/__init__.py": None}, "webphone/__init__.py: is missing"),
        ({"webphone/_native/webphone.py": None}, "webphone/_native/webphone.py: is missing"),
        ({INFO + "licenses/LICENSE-MIT": None}, "LICENSE-MIT: is missing"),
        ({LIBRARY: None}, "one library is wanted"),
        ({"webphone/_native/libwebphone.dylib": STRIPPED}, "one library is wanted"),
        ({LIBRARY: elf(0, 1, 11, 2)}, "is not stripped"),
        ({LIBRARY: STRIPPED + b"uniffi_bindgen"}, "has the binding generator"),
        ({INFO + "METADATA": METADATA.replace(b"3.10", b"3.9")}, "Requires-Python"),
        ({INFO + "METADATA": METADATA.replace(b"MIT", b"GPL")}, "License-Expression"),
    ],
)
def test_a_fault_is_found_and_named(files, part):
    (fault,) = faults(good(files=files))
    assert part in fault


def test_missing_types_are_found_twice_since_they_are_easily_left_out():
    found = faults(good(files={"webphone/py.typed": None}))
    assert len(found) == 2
    assert all("webphone/py.typed: is missing" in fault for fault in found)


def test_other_bindings_than_the_other_builds():
    (fault,) = faults(good(), binding=b"x")
    assert "differs from the bindings" in fault


def test_a_record_that_is_not_true():
    files = good()
    (fault,) = faults({**files, "webphone/__init__.py": b"x"})
    assert "another hash or size for webphone/__init__.py" in fault
    record = INFO + "RECORD"
    (fault,) = faults({**files, record: files[record].split(b"\n", 1)[1]})
    assert "lists other files" in fault


def test_a_library_of_an_unknown_kind_is_not_taken_for_stripped():
    with pytest.raises(SystemExit, match="teach this script"):
        check_wheel.has_symbol_table(b"\x7fELF\x01")
    assert check_wheel.has_symbol_table(b"\xcf\xfa\xed\xfe _UNIFFI_META_X")
    assert not check_wheel.has_symbol_table(b"MZ")
