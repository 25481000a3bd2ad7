"""The installed package: that it is the wheel that is tested, and that it is whole."""

import importlib.metadata
import sysconfig
from pathlib import Path

import webphone


def test_the_installed_wheel_is_what_is_tested():
    assert Path(webphone.__file__).is_relative_to(sysconfig.get_path("purelib"))


def test_types_and_library_are_in_the_package():
    package = Path(webphone.__file__).parent
    assert (package / "py.typed").is_file()
    assert len([*package.glob("_native/*webphone.so"), *package.glob("_native/*webphone.d*")]) == 1


def test_the_metadata_is_the_librarys():
    metadata = importlib.metadata.metadata("webphone")
    assert metadata["Name"] == "webphone"
    assert metadata["Requires-Python"] == ">=3.10"


def test_the_generated_module_loads_its_library():
    from webphone._native import webphone as native

    url = native.WebphoneUrl.parse("https://host.example/w3/?key=K")
    assert url.reveal() == "https://host.example/w3/?key=K"
