"""The base of the public values: frozen, hashable, compared by what they hold.

To `dataclasses` they are frozen dataclasses with slots (`replace`, `fields`, `asdict`); to make them so as they are
defined would take longer than all the rest of this package's import.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from dataclasses import Field

    from typing_extensions import Self, dataclass_transform
else:

    def dataclass_transform(**_options: object) -> object:
        return lambda cls: cls


class _AsDataclass:
    """What makes a class a dataclass to `dataclasses`, made when that looks for it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, _instance: object, cls: type[Value]) -> object:
        import dataclasses

        known = [(name, cls.__annotations__[name]) for name in cls.__match_args__]
        twin = dataclasses.make_dataclass(cls.__name__, known, frozen=True)
        value: object = vars(twin)[self._name]
        setattr(cls, self._name, value)
        return value


@dataclass_transform(frozen_default=True)
class Value:
    """A class of values: its annotations are its fields, in the order in which it takes them; it has slots for them."""

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]] = ()
    _held: ClassVar[Any]
    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    else:
        __dataclass_fields__ = _AsDataclass("__dataclass_fields__")
        __dataclass_params__ = _AsDataclass("__dataclass_params__")

    def __init_subclass__(cls) -> None:
        cls.__match_args__ = tuple(cls.__annotations__)  # type: ignore[misc] # the transform takes it for its own
        cls._held = attrgetter(*cls.__match_args__)

    if not TYPE_CHECKING:

        def __init__(self, *values: object, **named: object) -> None:
            names = self.__match_args__
            if named:
                values += tuple(named.pop(name) for name in names[len(values) :] if name in named)
            if named or len(values) != len(names):
                raise TypeError(f"{type(self).__name__} takes {', '.join(names)}")
            for name, value in zip(names, values, strict=True):
                put(self, name, value)

        def __setattr__(self, name: str, value: object) -> None:
            from dataclasses import FrozenInstanceError

            raise FrozenInstanceError(f"cannot assign to field {name!r}")

        def __delattr__(self, name: str) -> None:
            from dataclasses import FrozenInstanceError

            raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(self._held(self) == self._held(other))

    def __hash__(self) -> int:
        return hash((self.__class__, self._held(self)))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__qualname__}({shown})"

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        return type(self), tuple(getattr(self, name) for name in self.__match_args__)

    def __replace__(self, /, **changes: Any) -> Self:
        """The same value with some fields changed, for `copy.replace`."""
        from dataclasses import replace

        return replace(self, **changes)


put = object.__setattr__
"""What `__init__` of a value sets its fields with."""
