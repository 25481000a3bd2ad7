"""Where a batch writes: stdout, or a file that nobody else can read and that is valid after every record."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from abc import abstractmethod
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from .exits import Exit, UserError
from .records import Format, Record
from .resume import Held, NotOursError, held_lines

_FOR_NOBODY_ELSE = 0o600
# Windows has neither the first nor the rights of a file, and inherits nothing anyway.
_SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Output(Protocol):
    """Takes whole lines, each at once."""

    @abstractmethod
    def append(self, line: bytes) -> None:
        """Write a line, so that others can read it now."""

    @abstractmethod
    def close(self) -> None:
        """That was all."""


class Stdout:
    """The lines go to stdout."""

    def append(self, line: bytes) -> None:
        """Write a line, so that others can read it now."""
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()

    def close(self) -> None:
        """That was all."""


class File:
    """The lines go to the end of a file."""

    def __init__(self, descriptor: int, path: str) -> None:
        self._descriptor = descriptor
        self._path = path
        self._end = os.lseek(descriptor, 0, os.SEEK_END)

    def append(self, line: bytes) -> None:
        """Write a line, so that others can read it now.

        Raises:
            UserError: It can't be written, such as when the disk is full. The file then ends with the line before.
        """
        rest = memoryview(line)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as error:
            self._undo()
            raise UserError(
                f"can't write {self._path}: {error.strerror}; make room, then go on with --resume", Exit.TRY_AGAIN
            ) from None
        except BaseException:
            self._undo()
            raise
        self._end += len(line)

    def close(self) -> None:
        """That was all."""
        os.close(self._descriptor)

    def _undo(self) -> None:
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, self._end)


def is_same(one: str, other: str) -> bool:
    """Whether two paths lead to the same file."""
    try:
        return Path(one).samefile(other)
    except OSError:
        return False


def create(path: str, form: Format) -> File:
    """A new file, for this user only from its beginning on.

    Raises:
        UserError: It is there already, as a file, a link or anything else, or it can't be made.
    """
    hint = "go on with it by --resume, or name another --output (for stdout leave it out)"
    return _begun(new_file(path, hint), path, form)


def new_file(path: str, hint: str) -> int:
    """The descriptor of a new file, for this user only from its beginning on.

    Args:
        path: The file.
        hint: What to do when it is there already.

    Raises:
        UserError: It is there already, as a file, a link or anything else, or it can't be made.
    """
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _SAFELY, _FOR_NOBODY_ELSE)
    except FileExistsError:
        raise UserError(f"{path} is there already: {hint}") from None
    except OSError as error:
        raise UserError(f"can't create {path}: {error.strerror}") from None


def resume(path: str, form: Format, now: datetime, held: Held, say: Callable[[str], None]) -> File:
    """The file that an earlier run left, with what it holds still and nothing else.

    Failures, expired URLs and a last line that breaks off are dropped; their rows are due again. Without such a file
    there is a new one.

    Args:
        path: The file.
        form: How its records stand in it.
        now: The time that decides what has expired.
        held: Told what the file holds.
        say: Told what else was done to the file.

    Raises:
        UserError: It is no file of this user's that a batch wrote in this format, or another batch writes to it.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | _SAFELY)
    except FileNotFoundError:
        return create(path, form)
    except OSError as error:
        raise UserError(f"can't go on with {path}: {_why_not_opened(path, error)}") from None
    try:
        _claim(descriptor, path, say)
        descriptor = _with_what_holds(descriptor, path, form, now, held)
        return _begun(descriptor, path, form)
    except BaseException:
        os.close(descriptor)
        raise


def _why_not_opened(path: str, error: OSError) -> str:
    return "it is a symbolic link: name the file itself" if Path(path).is_symlink() else str(error.strerror)


def _claim(descriptor: int, path: str, say: Callable[[str], None]) -> None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise UserError(f"can't go on with {path}: it is not a regular file")
    _lock(descriptor, path)
    if os.name == "posix" and stat.S_IMODE(status.st_mode) != _FOR_NOBODY_ELSE:
        try:
            os.fchmod(descriptor, _FOR_NOBODY_ELSE)
        except OSError as error:
            raise UserError(f"can't keep the URLs in {path} from others: {error.strerror}") from None
        if status.st_mode & 0o077:
            say(f"warning: other users could read {path} or write to it until now; it is yours alone from here on")


def _lock(descriptor: int, path: str) -> None:
    try:
        import fcntl
    except ImportError:
        return  # Not on this system.
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UserError(f"another run is writing {path}: wait for its end", Exit.TRY_AGAIN) from None
    except OSError:
        pass  # A file system without locks.


def _begun(descriptor: int, path: str, form: Format) -> File:
    _lock(descriptor, path)
    file = File(descriptor, path)
    if os.fstat(descriptor).st_size == 0 and form.header:
        file.append(form.header)
    return file


def _with_what_holds(descriptor: int, path: str, form: Format, now: datetime, held: Held) -> int:
    """Drops from a file what does not hold, and gives the descriptor of what is then at its path."""
    kept = len(form.header)
    try:
        for line, record in _held_lines(descriptor, form, now):
            held.add(record)
            kept += len(line)
    except NotOursError as error:
        raise UserError(
            f"line {error.line} of {path} is not one that a batch in this --format writes: name another --output"
        ) from None
    if kept == os.fstat(descriptor).st_size:
        return descriptor
    # A new file takes its place at once, so that there is a whole one at any time.
    try:
        renewed, name = tempfile.mkstemp(prefix=".webphone-", dir=Path(path).parent)
        try:
            with os.fdopen(os.dup(renewed), "wb") as stream:
                stream.write(form.header)
                stream.writelines(line for line, _ in _held_lines(descriptor, form, now))
                stream.flush()
                os.fsync(renewed)
            os.replace(name, path)  # noqa: PTH105
        except BaseException:
            os.close(renewed)
            os.unlink(name)  # noqa: PTH108
            raise
    except OSError as error:
        raise UserError(f"can't renew {path}: {error.strerror}; it is as it was", Exit.TRY_AGAIN) from None
    os.close(descriptor)
    return renewed


def _held_lines(descriptor: int, form: Format, now: datetime) -> Iterator[tuple[bytes, Record]]:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "rb") as stream:
        yield from held_lines(stream, form, now)
