// The core's own values, as they are: nothing here mirrors them. Their documentation is the core's.
//
// Exported one by one, so that nothing else of the generated module reaches a program.

// A session.
@_exported import enum WebphoneFFI.AliveBy
// What is fetched.
@_exported import enum WebphoneFFI.AnswerProblem
@_exported import struct WebphoneFFI.ApiFailure
@_exported import enum WebphoneFFI.ApiReason
@_exported import enum WebphoneFFI.BaseURL
@_exported import struct WebphoneFFI.BatchProgress
// The phone's language.
@_exported import struct WebphoneFFI.BrokenEvent
@_exported import struct WebphoneFFI.Call
@_exported import struct WebphoneFFI.CallEnd
@_exported import struct WebphoneFFI.CallNumber
@_exported import enum WebphoneFFI.CallOrigin
@_exported import enum WebphoneFFI.CallPhase
@_exported import enum WebphoneFFI.CallStatus
@_exported import enum WebphoneFFI.Cause
@_exported import enum WebphoneFFI.Command
@_exported import enum WebphoneFFI.CommandResult
@_exported import struct WebphoneFFI.Consultation
@_exported import enum WebphoneFFI.EndReason
@_exported import enum WebphoneFFI.Event
@_exported import enum WebphoneFFI.Extension
@_exported import enum WebphoneFFI.Input
@_exported import enum WebphoneFFI.Line
@_exported import enum WebphoneFFI.LoadFailure
// What the library does.
@_exported import enum WebphoneFFI.LogLevel
@_exported import struct WebphoneFFI.LogRecord
@_exported import struct WebphoneFFI.Moment
@_exported import enum WebphoneFFI.Mute
// What goes wrong.
@_exported import enum WebphoneFFI.NotReadyReason
@_exported import enum WebphoneFFI.Outcome
@_exported import struct WebphoneFFI.OutgoingText
@_exported import struct WebphoneFFI.Page
@_exported import enum WebphoneFFI.PagePhase
@_exported import enum WebphoneFFI.PageReport
@_exported import struct WebphoneFFI.PhoneError
@_exported import enum WebphoneFFI.PhoneType
@_exported import enum WebphoneFFI.Posted
@_exported import struct WebphoneFFI.Queue
@_exported import enum WebphoneFFI.RecordNumbers
@_exported import enum WebphoneFFI.Recording
@_exported import struct WebphoneFFI.ReplayedSettlement
@_exported import struct WebphoneFFI.ReplayedStep
@_exported import enum WebphoneFFI.Request
@_exported import struct WebphoneFFI.SessionConfig
@_exported import struct WebphoneFFI.Snapshot
@_exported import enum WebphoneFFI.UnreachableCause
@_exported import struct WebphoneFFI.Update
@_exported import struct WebphoneFFI.UrlFacts
@_exported import struct WebphoneFFI.UrlRequest
@_exported import enum WebphoneFFI.WebphoneError
@_exported import func WebphoneFFI.parseCommand
@_exported import func WebphoneFFI.parsePhoneNumber

#if canImport(WebKit)
    // A page.
    @_exported import struct WebphoneFFI.HostPageOptions
    @_exported import enum WebphoneFFI.PhoneLoading
#endif

/// A telephone number to call, as people write it: `"(11) 99999-0000"`, `"4000"`. Whatever takes one drops spaces and
/// `( ) - .`, and `+55` before an area code; it keeps digits, `*` and `#`, 2 to 20 of them. Any letter and any other `+` is
/// refused with ``WebphoneError/invalid(field:reason:)``. No area code is ever added.
public typealias PhoneNumber = String

/// The id of a call (`chamada_id`): it names the call in the API and its webhooks.
public typealias CallId = String

/// The id of a queue (`filaId`), as text.
public typealias QueueId = String
