package dev.webphone.example

import dev.webphone.Cause
import dev.webphone.Mute
import dev.webphone.Outcome
import dev.webphone.PageReport
import dev.webphone.Webphone
import dev.webphone.WebphoneException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.launch

/**
 * What one can do with the phone, each with a sentence about what became of it.
 *
 * @param scope The application's: a rotation cancels what the activity began, and with it the command.
 */
class Desk(val phone: Webphone, private val scope: CoroutineScope) {
    private val told = MutableStateFlow("")
    private val wanted = MutableStateFlow(false)

    /** The last thing worth saying. */
    val message: StateFlow<String> get() = told

    /** Whether the phone waits for the permission to use the microphone. */
    val permissionWanted: StateFlow<Boolean> get() = wanted

    init {
        scope.launch { phone.updates.collect { notice(it.cause) } }
    }

    fun call(number: String) = perform("Calling $number") { phone.call(number) }

    fun answer() = perform("Answering") { phone.answer() }

    fun hangUp() = perform("Hanging up") { phone.hangUp() }

    fun press(key: String) = perform("Key $key") { phone.sendDtmf(key) }

    /** The phone has only a toggle: where nobody knows how it stands, that is what is left. */
    fun mute() = perform("Mute") {
        when (phone.state.value.mute) {
            Mute.ASSUMED_MUTED -> phone.setMuted(false)
            Mute.ASSUMED_UNMUTED -> phone.setMuted(true)
            Mute.UNKNOWN -> phone.toggleMute()
        }
    }

    fun transfer(number: String) = perform("Transferring to $number") { phone.blindTransfer(number) }

    fun consult(number: String) = perform("Asking $number") { phone.consultTransfer(number) }

    fun joinQueue(queue: String) = perform("Joining queue $queue") { phone.joinQueue(queue) }

    fun leaveQueue(queue: String) = perform("Leaving queue $queue") { phone.leaveQueue(queue) }

    fun pause(queue: String) = perform("Pausing") { phone.pauseInQueue(queue.ifEmpty { null }) }

    fun resume(queue: String) = perform("Resuming") { phone.resumeInQueue(queue.ifEmpty { null }) }

    /** Loads the phone again, after it was lost. */
    fun restart() {
        told.value = try {
            phone.restart()
            "Loading the phone again."
        } catch (error: WebphoneException) {
            error.message.orEmpty()
        }
    }

    /** What the user said to the permission. */
    fun permission(granted: Boolean) {
        wanted.value = false
        phone.microphonePermission(granted)
    }

    private fun perform(what: String, verb: suspend () -> Outcome) {
        scope.launch {
            told.value = "$what …"
            told.value = try {
                when (val outcome = verb()) {
                    is Outcome.Confirmed -> "$what: done (${outcome.by})."
                    is Outcome.Sent -> "$what: sent. The phone does not confirm this."
                    Outcome.Unchanged -> "$what: it is so already."
                    Outcome.Unconfirmed -> "$what: sent, and nobody confirmed it. It may have worked."
                }
            } catch (error: WebphoneException) {
                // Its text says what to do.
                "$what: ${error.message}"
            }
        }
    }

    private fun notice(cause: Cause) {
        when (cause) {
            is Cause.Page -> when (val report = cause.report) {
                is PageReport.Notice -> {
                    if (report.name == "microphone_permission_needed") wanted.value = true
                    told.value = report.detail
                }

                is PageReport.Failed -> told.value = report.detail

                is PageReport.Lost -> told.value = report.detail

                else -> Unit
            }

            is Cause.CallEnded -> told.value = "The call ended: ${cause.call.end?.reason?.name?.lowercase()}."

            is Cause.RenewalDue -> told.value = "The phone's URL expires at ${cause.expiresAt}: fetch a new one."

            else -> Unit
        }
    }
}
