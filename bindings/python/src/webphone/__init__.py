"""Fetch the webphone of a TotalVoice/Zenvia extension.

>>> import webphone
>>> with webphone.Client("token") as client:  # doctest: +SKIP
...     url = client.fetch(webphone.Extension.number(4000), type=webphone.PhoneType.HIDDEN)
...     print(url)
<WebphoneUrl hidden at api2.totalvoice.com.br; use reveal()>
"""

from importlib import import_module
from typing import TYPE_CHECKING

from . import _exit, _public

__all__ = _public.names()

if TYPE_CHECKING:
    # What `_public` has as data, for type checkers. A test holds the two together.
    from . import causes as causes
    from . import commands as commands
    from . import events as events
    from . import faults as faults
    from . import inputs as inputs
    from . import reports as reports
    from . import scripts as scripts
    from ._batch import AsyncBatchRun as AsyncBatchRun
    from ._batch import BatchRun as BatchRun
    from ._client import AsyncClient as AsyncClient
    from ._client import Client as Client
    from ._errors import BusyError as BusyError
    from ._errors import ClosedError as ClosedError
    from ._errors import InternalError as InternalError
    from ._errors import InvalidError as InvalidError
    from ._errors import NotTriedError as NotTriedError
    from ._errors import RateLimitedError as RateLimitedError
    from ._errors import RefusedError as RefusedError
    from ._errors import UnauthorizedError as UnauthorizedError
    from ._errors import UnavailableError as UnavailableError
    from ._errors import UnexpectedAnswerError as UnexpectedAnswerError
    from ._errors import UnreachableError as UnreachableError
    from ._errors import UnsupportedError as UnsupportedError
    from ._errors import WebphoneError as WebphoneError
    from ._errors import WorkCancelledError as WorkCancelledError
    from ._log import disable_logging as disable_logging
    from ._log import enable_logging as enable_logging
    from ._proxy import Proxy as Proxy
    from ._session.clock import Clock as Clock
    from ._session.errors import CallInProgressError as CallInProgressError
    from ._session.errors import CommandCancelledError as CommandCancelledError
    from ._session.errors import DialsOnOpenError as DialsOnOpenError
    from ._session.errors import MuteUnknownError as MuteUnknownError
    from ._session.errors import NoCallError as NoCallError
    from ._session.errors import NotReadyError as NotReadyError
    from ._session.errors import NotReadyReason as NotReadyReason
    from ._session.errors import PageLostError as PageLostError
    from ._session.errors import Posted as Posted
    from ._session.errors import RejectedError as RejectedError
    from ._session.errors import SessionClosedError as SessionClosedError
    from ._session.outcomes import Confirmed as Confirmed
    from ._session.outcomes import Outcome as Outcome
    from ._session.outcomes import Sent as Sent
    from ._session.outcomes import Unchanged as Unchanged
    from ._session.outcomes import Unconfirmed as Unconfirmed
    from ._session.phone import SimulatedLeg as SimulatedLeg
    from ._session.phone import SimulatedPhone as SimulatedPhone
    from ._session.phone import SimulatedPhoneState as SimulatedPhoneState
    from ._session.phone import SimulatedQueue as SimulatedQueue
    from ._session.replayed import OutgoingText as OutgoingText
    from ._session.replayed import ReplayedStep as ReplayedStep
    from ._session.replayed import Settlement as Settlement
    from ._session.replayed import replay as replay
    from ._session.sessions import BlockingSession as BlockingSession
    from ._session.sessions import Session as Session
    from ._session.sessions import SessionConfig as SessionConfig
    from ._session.states import AliveBy as AliveBy
    from ._session.states import Call as Call
    from ._session.states import CallEnd as CallEnd
    from ._session.states import CallNumber as CallNumber
    from ._session.states import CallOrigin as CallOrigin
    from ._session.states import CallPhase as CallPhase
    from ._session.states import Consultation as Consultation
    from ._session.states import EndReason as EndReason
    from ._session.states import Line as Line
    from ._session.states import Moment as Moment
    from ._session.states import Mute as Mute
    from ._session.states import Page as Page
    from ._session.states import PagePhase as PagePhase
    from ._session.states import PhoneError as PhoneError
    from ._session.states import Queue as Queue
    from ._session.states import Recording as Recording
    from ._session.states import Snapshot as Snapshot
    from ._session.states import Update as Update
    from ._session.updates import Updates as Updates
    from ._simulator import RequestLog as RequestLog
    from ._simulator import SimulatedExtension as SimulatedExtension
    from ._simulator import SimulatedRateLimit as SimulatedRateLimit
    from ._simulator import SimulatedRequest as SimulatedRequest
    from ._simulator import Simulator as Simulator
    from ._simulator import TokenCheck as TokenCheck
    from ._types import AnswerProblem as AnswerProblem
    from ._types import ApiFailure as ApiFailure
    from ._types import ApiReason as ApiReason
    from ._types import BaseUrl as BaseUrl
    from ._types import BatchProgress as BatchProgress
    from ._types import BatchResult as BatchResult
    from ._types import Extension as Extension
    from ._types import FieldProblem as FieldProblem
    from ._types import OtherReason as OtherReason
    from ._types import PhoneNumber as PhoneNumber
    from ._types import PhoneType as PhoneType
    from ._types import UnreachableCause as UnreachableCause
    from ._types import UrlRequest as UrlRequest
    from ._url import WebphoneUrl as WebphoneUrl
    from .causes import Cause as Cause
    from .commands import Command as Command
    from .events import Event as Event
    from .reports import PageReport as PageReport
else:

    def __dir__() -> list[str]:
        return __all__

    def __getattr__(name: str) -> object:
        home = _public.home(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(f".{home}", __name__)
        value = globals()[name] = module if name in _public.MODULES else getattr(module, name)
        return value


_exit.install()
