// A recorded session, lived again.

@file:JvmName("Replay")

package dev.webphone

import dev.webphone.ffi.CommandResult as FfiCommandResult
import dev.webphone.ffi.Input as FfiInput
import dev.webphone.ffi.ReplayedStep as FfiReplayedStep
import dev.webphone.ffi.UrlFacts as FfiUrlFacts
import dev.webphone.ffi.replay as ffiReplay
import kotlin.time.Instant

/**
 * Lives a recorded session again: feeds its inputs, at their times, to a fresh one, and tells what comes of each.
 *
 * @param trace The text that [Session.trace] gave.
 * @throws WebphoneException.Invalid It is no trace; the reason says where.
 */
public fun replay(trace: String): List<ReplayedStep> = lifting { ffiReplay(trace).map(FfiReplayedStep::lift) }

/**
 * One step of a session that was lived again: what went in, and what came of it.
 *
 * @property at When.
 * @property note A remark for the reader; null when the trace has none.
 * @property input What happened.
 * @property texts Texts that were posted to the page, in order.
 * @property settlements Commands that ended, in order.
 * @property updates What followers heard, in order.
 * @property deadlineMs When the session wanted to look again, in monotonic milliseconds; null when nothing waited.
 * @property state The session after the step.
 * @property differs Which parts of the step came out otherwise than the trace has them: `texts`, `settled`, `updates`,
 *   `state`, `deadline`, and, at the first step, `initial`. None of them, unless another version wrote the trace.
 */
public data class ReplayedStep(
    public val at: Moment,
    public val note: String?,
    public val input: Input,
    public val texts: List<OutgoingText>,
    public val settlements: List<Settlement>,
    public val updates: List<Update>,
    public val deadlineMs: Long?,
    public val state: Snapshot,
    public val differs: List<String>
)

/**
 * A text to post to the phone.
 *
 * @property n Its number, 1, 2, 3, … in the order of posting.
 * @property generation The load of the page that it is for.
 * @property text The message as JSON text.
 */
public data class OutgoingText(public val n: Long, public val generation: Long, public val text: String)

/**
 * The end of a command: an outcome or an error.
 *
 * @property id The command's number.
 * @property outcome What became of it; null when it failed.
 * @property error Why it failed; null when it did not.
 */
@ConsistentCopyVisibility
public data class Settlement internal constructor(
    public val id: Long,
    public val outcome: Outcome?,
    public val error: WebphoneException?
)

/**
 * What a session needs to know about a phone's URL; never the URL.
 *
 * @property expiresAt When it expires (`expires`); null when it does not.
 * @property callOnOpen The number that the phone dials each time it loads this URL (`ligar_para`).
 */
public data class UrlFacts(public val expiresAt: Instant?, public val callOnOpen: String?)

/** What goes into a session. */
public sealed class Input {
    /**
     * Text came from the phone's window.
     *
     * @property text The message as JSON text.
     */
    public data class PhoneMessage(public val text: String) : Input()

    /**
     * The host reported on the page.
     *
     * @property report What about it.
     */
    public data class PageReport(public val report: dev.webphone.PageReport) : Input()

    /**
     * A command was given.
     *
     * @property id Its number: 1, 2, 3, ….
     * @property request What to do.
     */
    public data class Command(public val id: Long, public val request: Request) : Input()

    /**
     * A command's caller waits no more.
     *
     * @property id The command's number.
     */
    public data class Cancel(public val id: Long) : Input()

    /**
     * The host reported on a text that it was given.
     *
     * @property n The text's number.
     * @property ok Whether it was posted to the page.
     */
    public data class Posted(public val n: Long, public val ok: Boolean) : Input()

    /**
     * Somebody told whether the microphone is muted.
     *
     * @property muted Whether it is.
     */
    public data class AssumeMuted(public val muted: Boolean) : Input()

    /**
     * The URL that the page will load next, or has begun to load, is another one.
     *
     * @property url What the session knows about it.
     */
    public data class UrlChanged(public val url: UrlFacts) : Input()

    /** Time passed. */
    public data object Tick : Input()

    /** The session ended. */
    public data object ShutDown : Input()
}

private fun FfiReplayedStep.lift() = ReplayedStep(
    at.lift(),
    note,
    input.lift(),
    texts.map { OutgoingText(it.n, it.generation, it.text) },
    settlements.map {
        when (val result = it.result) {
            is FfiCommandResult.Ended -> Settlement(it.id, result.outcome.lift(), null)
            is FfiCommandResult.Failed -> Settlement(it.id, null, result.error.lift())
        }
    },
    updates.map { it.lift(null) },
    deadlineMs,
    state.lift(null),
    differs
)

private fun FfiInput.lift(): Input = when (this) {
    is FfiInput.PhoneMessage -> Input.PhoneMessage(text)
    is FfiInput.PageReport -> Input.PageReport(report.lift())
    is FfiInput.Command -> Input.Command(id, request.lift())
    is FfiInput.Cancel -> Input.Cancel(id)
    is FfiInput.Posted -> Input.Posted(n, ok)
    is FfiInput.AssumeMuted -> Input.AssumeMuted(muted)
    is FfiInput.UrlChanged -> Input.UrlChanged(url.lift())
    FfiInput.Tick -> Input.Tick
    FfiInput.ShutDown -> Input.ShutDown
}

private fun FfiUrlFacts.lift() = UrlFacts(expiresAtMs?.let(Instant::fromEpochMilliseconds), callOnOpen)
