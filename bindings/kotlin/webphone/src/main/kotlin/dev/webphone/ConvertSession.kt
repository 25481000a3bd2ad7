// What crosses between the core's generated types and the public ones of a session. Shapes only: no rules.

@file:JvmSynthetic

package dev.webphone

import dev.webphone.ffi.BrokenEvent as FfiBrokenEvent
import dev.webphone.ffi.Call as FfiCall
import dev.webphone.ffi.CallEnd as FfiCallEnd
import dev.webphone.ffi.CallNumber as FfiCallNumber
import dev.webphone.ffi.CallStatus as FfiCallStatus
import dev.webphone.ffi.Cause as FfiCause
import dev.webphone.ffi.Command as FfiCommand
import dev.webphone.ffi.Consultation as FfiConsultation
import dev.webphone.ffi.Event as FfiEvent
import dev.webphone.ffi.LoadFailure as FfiLoadFailure
import dev.webphone.ffi.Moment as FfiMoment
import dev.webphone.ffi.Outcome as FfiOutcome
import dev.webphone.ffi.Page as FfiPage
import dev.webphone.ffi.PageReport as FfiPageReport
import dev.webphone.ffi.PhoneError as FfiPhoneError
import dev.webphone.ffi.Queue as FfiQueue
import dev.webphone.ffi.Request as FfiRequest
import dev.webphone.ffi.Snapshot as FfiSnapshot
import dev.webphone.ffi.Update as FfiUpdate

/** A session's time; null where nobody knows it any more. */
internal typealias Now = (() -> Moment)?

internal fun Command.lower(): FfiCommand = when (this) {
    Command.Connect -> FfiCommand.Connect
    Command.Disconnect -> FfiCommand.Disconnect
    is Command.Call -> FfiCommand.Call(number)
    Command.Answer -> FfiCommand.Answer
    Command.HangUp -> FfiCommand.HangUp
    is Command.SendDtmf -> FfiCommand.SendDtmf(digit)
    Command.ToggleMute -> FfiCommand.ToggleMute
    is Command.BlindTransfer -> FfiCommand.BlindTransfer(number)
    is Command.ConsultTransfer -> FfiCommand.ConsultTransfer(number)
    Command.StartRecording -> FfiCommand.StartRecording
    Command.StopRecording -> FfiCommand.StopRecording
    is Command.PauseInQueue -> FfiCommand.PauseInQueue(queue)
    is Command.ResumeInQueue -> FfiCommand.ResumeInQueue(queue)
    is Command.JoinQueue -> FfiCommand.JoinQueue(queue)
    is Command.LeaveQueue -> FfiCommand.LeaveQueue(queue)
}

internal fun FfiCommand.lift(): Command = when (this) {
    FfiCommand.Connect -> Command.Connect
    FfiCommand.Disconnect -> Command.Disconnect
    is FfiCommand.Call -> Command.Call(number)
    FfiCommand.Answer -> Command.Answer
    FfiCommand.HangUp -> Command.HangUp
    is FfiCommand.SendDtmf -> Command.SendDtmf(digit)
    FfiCommand.ToggleMute -> Command.ToggleMute
    is FfiCommand.BlindTransfer -> Command.BlindTransfer(number)
    is FfiCommand.ConsultTransfer -> Command.ConsultTransfer(number)
    FfiCommand.StartRecording -> Command.StartRecording
    FfiCommand.StopRecording -> Command.StopRecording
    is FfiCommand.PauseInQueue -> Command.PauseInQueue(queue)
    is FfiCommand.ResumeInQueue -> Command.ResumeInQueue(queue)
    is FfiCommand.JoinQueue -> Command.JoinQueue(queue)
    is FfiCommand.LeaveQueue -> Command.LeaveQueue(queue)
}

internal fun Request.lower(): FfiRequest = when (this) {
    is Request.Execute -> FfiRequest.Execute(command.lower())
    is Request.SendDtmf -> FfiRequest.SendDtmf(keys)
    is Request.SetMuted -> FfiRequest.SetMuted(muted)
}

internal fun FfiRequest.lift(): Request = when (this) {
    is FfiRequest.Execute -> Request.Execute(command.lift())
    is FfiRequest.SendDtmf -> Request.SendDtmf(keys)
    is FfiRequest.SetMuted -> Request.SetMuted(muted)
}

internal fun FfiOutcome.lift(): Outcome = when (this) {
    is FfiOutcome.Confirmed -> Outcome.Confirmed(by, callId)
    FfiOutcome.Unchanged -> Outcome.Unchanged
    is FfiOutcome.Sent -> Outcome.Sent(keys)
    FfiOutcome.Unconfirmed -> Outcome.Unconfirmed
}

private fun LoadFailure.lower(): FfiLoadFailure = when (this) {
    is LoadFailure.Status -> FfiLoadFailure.Status(status)
    LoadFailure.Tls -> FfiLoadFailure.Tls
    LoadFailure.Blocked -> FfiLoadFailure.Blocked
    is LoadFailure.Network -> FfiLoadFailure.Network(code.whole())
    LoadFailure.TimedOut -> FfiLoadFailure.TimedOut
    LoadFailure.Script -> FfiLoadFailure.Script
}

private fun FfiLoadFailure.lift(): LoadFailure = when (this) {
    is FfiLoadFailure.Status -> LoadFailure.Status(status)
    FfiLoadFailure.Tls -> LoadFailure.Tls
    FfiLoadFailure.Blocked -> LoadFailure.Blocked
    is FfiLoadFailure.Network -> LoadFailure.Network(code)
    FfiLoadFailure.TimedOut -> LoadFailure.TimedOut
    FfiLoadFailure.Script -> LoadFailure.Script
}

internal fun PageReport.lower(): FfiPageReport = when (this) {
    PageReport.Loading -> FfiPageReport.Loading
    PageReport.Loaded -> FfiPageReport.Loaded
    is PageReport.Failed -> FfiPageReport.Failed(detail.whole(), failure?.lower())
    is PageReport.Lost -> FfiPageReport.Lost(detail.whole())
    PageReport.Closed -> FfiPageReport.Closed
    PageReport.Navigated -> FfiPageReport.Navigated
    PageReport.Reloaded -> FfiPageReport.Reloaded
    is PageReport.Notice -> FfiPageReport.Notice(name.whole(), detail.whole())
}

internal fun FfiPageReport.lift(): PageReport = when (this) {
    FfiPageReport.Loading -> PageReport.Loading
    FfiPageReport.Loaded -> PageReport.Loaded
    is FfiPageReport.Failed -> PageReport.Failed(detail, failure?.lift())
    is FfiPageReport.Lost -> PageReport.Lost(detail)
    FfiPageReport.Closed -> PageReport.Closed
    FfiPageReport.Navigated -> PageReport.Navigated
    FfiPageReport.Reloaded -> PageReport.Reloaded
    is FfiPageReport.Notice -> PageReport.Notice(name, detail)
}

internal fun FfiMoment.lift() = Moment(monoMs, unixMs)

private fun FfiCallNumber.lift() = CallNumber(raw, digits)

private fun FfiCallStatus.lift(): CallStatus = when (this) {
    FfiCallStatus.Connected -> CallStatus.Connected
    FfiCallStatus.Disconnected -> CallStatus.Disconnected
    FfiCallStatus.Calling -> CallStatus.Calling
    FfiCallStatus.Talking -> CallStatus.Talking
    FfiCallStatus.Ended -> CallStatus.Ended
    is FfiCallStatus.Other -> CallStatus.Other(text)
}

private fun FfiEvent.lift(): Event = when (this) {
    is FfiEvent.IncomingCall -> Event.IncomingCall(caller?.lift(), called?.lift(), callId)
    is FfiEvent.Status -> Event.Status(status.lift())
    is FfiEvent.CallId -> Event.CallId(callId)
    is FfiEvent.CallError -> Event.CallError(statusErro)
    is FfiEvent.Quality -> Event.Quality(internet, computer)
    is FfiEvent.JoinedQueue -> Event.JoinedQueue(queue)
    is FfiEvent.LeftQueue -> Event.LeftQueue(queue)
    is FfiEvent.PausedInQueue -> Event.PausedInQueue(queue)
    is FfiEvent.ResumedInQueue -> Event.ResumedInQueue(queue)
    is FfiEvent.Unknown -> Event.Unknown(name, payload)
}

private fun FfiBrokenEvent.lift() = BrokenEvent(name, field, reason)

internal fun FfiCall.lift(now: Now): Call = Call(
    serial,
    origin.named(),
    phase.named(),
    doubtful,
    number?.lift(),
    called?.lift(),
    callId,
    consultation?.lift(),
    began.lift(),
    calling?.lift(),
    talking?.lift(),
    end?.lift()
).also { it.now = now }

private fun FfiConsultation.lift() = Consultation(number.lift(), phase.named(), callId)

private fun FfiCallEnd.lift() = CallEnd(at.lift(), reason.named(), statusErro)

private fun FfiPage.lift() = Page(phase.named(), aliveBy?.named<AliveBy>(), generation, failed, renewalDue)

private fun FfiQueue.lift() = Queue(id, member, paused)

private fun FfiPhoneError.lift() = PhoneError(statusErro, at.lift())

internal fun FfiSnapshot.lift(now: Now) = Snapshot(
    page.lift(),
    line.named(),
    call?.lift(now),
    ringing?.lift(now),
    mute.named(),
    recording.named(),
    queues.map(FfiQueue::lift),
    lastError?.lift(),
    unexpectedEvents,
    brokenEvents,
    shutDown
)

private fun FfiCause.lift(now: Now): Cause = when (this) {
    is FfiCause.Event -> Cause.Event(event.lift(), unexpected)
    is FfiCause.BrokenEvent -> Cause.BrokenEvent(broken.lift())
    is FfiCause.Page -> Cause.Page(report.lift())
    is FfiCause.Posting -> Cause.Posting(id, name)
    is FfiCause.TakenBack -> Cause.TakenBack(id)
    is FfiCause.Settled -> Cause.Settled(id, code)
    is FfiCause.CallEnded -> Cause.CallEnded(call.lift(now))
    is FfiCause.MuteAssumed -> Cause.MuteAssumed(muted)
    FfiCause.UrlChanged -> Cause.UrlChanged
    is FfiCause.AutoDialled -> Cause.AutoDialled(number)
    is FfiCause.RenewalDue -> Cause.RenewalDue(expiresAtMs)
    FfiCause.Time -> Cause.Time
    FfiCause.ShutDown -> Cause.ShutDown
    is FfiCause.Overflow -> Cause.Overflow(lost)
}

internal fun FfiUpdate.lift(now: Now) = Update(number, at.lift(), cause.lift(now), state.lift(now))
