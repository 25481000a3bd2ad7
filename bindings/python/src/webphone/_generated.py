"""The generated module, as it was loaded: the package takes it from `_core`, which fits it in.

The generated file is used as it is, but for one thing that costs nearly half of its import: it decorates each of its
classes as a dataclass although it writes all of their methods itself. It is given a decorator that does nothing, by an
`__import__` of its own, so that nobody else is touched. Its native library is what it loads itself.
"""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._native import webphone as native
else:
    from importlib.util import module_from_spec, spec_from_file_location
    from os.path import dirname, join
    from types import ModuleType, SimpleNamespace

    def _load() -> ModuleType:
        name = f"{__package__}._native.webphone"
        spec = spec_from_file_location(name, join(dirname(__file__), "_native", "webphone.py"))  # noqa: PTH118, PTH120
        module = module_from_spec(spec)
        stand_ins = {"dataclasses": SimpleNamespace(dataclass=lambda cls: cls)}

        def import_for_it(name: str, *args: object, **options: object) -> object:
            return stand_ins.get(name) or builtins.__import__(name, *args, **options)

        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": import_for_it}
        # Before it is run, as the import system does, so that whoever imports it by name gets this one.
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        return module

    native = _load()

__all__ = ["native"]
