package dev.webphone.example

import dev.webphone.Call
import dev.webphone.CallPhase
import dev.webphone.Line
import dev.webphone.Mute
import dev.webphone.PagePhase
import dev.webphone.Snapshot
import kotlin.time.Duration

/** What the screen shows, made from the session's picture alone. */
data class Screen(
    val status: String,
    val call: String,
    val canCall: Boolean,
    val canAnswer: Boolean,
    val canHangUp: Boolean,
    val canMute: Boolean,
    val muteLabel: String,
    val canTransfer: Boolean,
    val canUseQueues: Boolean,
    val canRestart: Boolean,
    val queues: String
)

fun screenOf(state: Snapshot): Screen {
    val call = state.call?.takeIf { it.end == null }
    val talking = call?.phase == CallPhase.TALKING
    val lost = state.page.phase == PagePhase.LOST
    return Screen(
        status = statusOf(state),
        call = listOfNotNull(state.ringing?.let { "Incoming: ${it.party()}" }, call?.let(::line)).joinToString("\n"),
        canCall = !lost && (call == null || call.doubtful),
        canAnswer = state.ringing != null,
        canHangUp = call != null || state.ringing != null,
        canMute = talking,
        muteLabel = when (state.mute) {
            Mute.ASSUMED_MUTED -> "Unmute"
            Mute.ASSUMED_UNMUTED -> "Mute"
            Mute.UNKNOWN -> "Mute?"
        },
        canTransfer = talking,
        canUseQueues = !lost,
        canRestart = lost || state.page.failed,
        queues = state.queues.joinToString("\n") { "Queue ${it.id}: ${member(it.member)}, ${paused(it.paused)}" }
    )
}

/** The call's line alone: it ticks. */
fun line(call: Call): String {
    val doubt = if (call.doubtful) "?" else ""
    val asked = call.consultation?.let { ", asking ${it.number.digits}" }.orEmpty()
    return "${call.phase.name.lowercase()}$doubt ${call.party()} ${clock(call.talkTime ?: call.elapsed())}$asked"
}

private fun Call.party() = number?.raw ?: "somebody"

private fun clock(time: Duration) = time.toComponents { hours, minutes, seconds, _ ->
    listOfNotNull(hours.takeIf { it > 0 }, minutes, seconds.toString().padStart(2, '0')).joinToString(":")
}

private fun statusOf(state: Snapshot): String {
    val page = state.page
    return when {
        state.shutDown -> "Closed"
        page.phase == PagePhase.LOST -> "The phone is gone"
        page.failed -> "The phone did not load"
        state.line == Line.DISCONNECTED -> "Off line"
        page.phase == PagePhase.READY -> "Ready"
        page.phase == PagePhase.ALIVE -> "Getting ready"
        else -> "Loading"
    } + if (page.renewalDue) ", expires soon" else ""
}

private fun member(member: Boolean?) = when (member) {
    true -> "in it"
    false -> "not in it"
    null -> "in it?"
}

private fun paused(paused: Boolean?) = when (paused) {
    true -> "pausing"
    false -> "taking calls"
    null -> "pausing?"
}
