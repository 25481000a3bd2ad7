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
@_exported import typealias WebphoneFFI.CallId
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
@_exported import typealias WebphoneFFI.PhoneNumber
@_exported import enum WebphoneFFI.PhoneType
@_exported import enum WebphoneFFI.Posted
@_exported import struct WebphoneFFI.Queue
@_exported import typealias WebphoneFFI.QueueId
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

#if canImport(WebKit)
    // A page.
    @_exported import struct WebphoneFFI.HostPageOptions
    @_exported import enum WebphoneFFI.PhoneLoading
#endif
