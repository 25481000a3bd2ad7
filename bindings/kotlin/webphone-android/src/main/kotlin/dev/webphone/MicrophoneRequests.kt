// The microphone, between the phone that asks for it, the system, and the app that asks the user. On the main thread.

package dev.webphone

import android.Manifest
import android.content.Context
import android.content.pm.PackageManager
import android.os.Handler
import android.webkit.PermissionRequest
import dev.webphone.ffi.PageLink
import kotlin.time.Duration

/**
 * A page that was refused does not ask again: so without `RECORD_AUDIO` its request is held while the app asks the user. All
 * of them are requests that the core permits.
 */
internal class MicrophoneRequests(
    private val application: Context,
    private val main: Handler,
    private val patience: Duration,
    private val link: PageLink
) {
    /** Each with what ends its wait: that holds the request, and with it the phone. */
    private val held = LinkedHashMap<PermissionRequest, Runnable>()

    fun ask(request: PermissionRequest) {
        if (isAllowed()) return grant(request)
        val end = Runnable { if (held.remove(request) != null) deny(request) }
        held[request] = end
        main.postDelayed(end, patience.inWholeMilliseconds)
        link.notice("microphone_permission_needed", "The phone waits for the permission RECORD_AUDIO.")
    }

    /** What the user said; the system's word counts. */
    fun answer(granted: Boolean) {
        held.keys.toList().forEach {
            forget(it)
            if (granted && isAllowed()) grant(it) else deny(it)
        }
    }

    /** The page no longer wants it. */
    fun forget(request: PermissionRequest) {
        held.remove(request)?.let(main::removeCallbacks)
    }

    fun denyAll() = answer(granted = false)

    private fun grant(request: PermissionRequest) = request.grant(arrayOf(PermissionRequest.RESOURCE_AUDIO_CAPTURE))

    private fun deny(request: PermissionRequest) {
        request.deny()
        link.notice(
            "microphone_refused",
            "The phone did not get the microphone: the permission RECORD_AUDIO is missing."
        )
    }

    private fun isAllowed() =
        application.checkSelfPermission(Manifest.permission.RECORD_AUDIO) == PackageManager.PERMISSION_GRANTED
}
