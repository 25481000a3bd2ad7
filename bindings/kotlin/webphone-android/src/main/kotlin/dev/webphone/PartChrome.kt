// What a page asks of the browser around it.

package dev.webphone

import android.os.Message
import android.webkit.ConsoleMessage
import android.webkit.GeolocationPermissions
import android.webkit.JsPromptResult
import android.webkit.JsResult
import android.webkit.PermissionRequest
import android.webkit.WebChromeClient
import android.webkit.WebView
import dev.webphone.ffi.PageLink
import dev.webphone.ffi.PermissionRequest as FfiPermissionRequest

internal class PartChrome(
    private val web: PhoneWeb,
    private val windows: ChildWindows,
    private val link: PageLink,
    private val isChild: Boolean,
    private val logsConsole: Boolean
) : WebChromeClient() {
    override fun onPermissionRequest(request: PermissionRequest) {
        val (microphone, others) = request.resources.partition { it == PermissionRequest.RESOURCE_AUDIO_CAPTURE }
        val asked = FfiPermissionRequest(
            origin = request.origin.toString().whole(),
            childWindow = isChild,
            microphone = microphone.isNotEmpty(),
            others = others.isNotEmpty()
        )
        if (web.shown?.page?.permits(asked) == true) {
            web.microphone.ask(request)
        } else {
            request.deny()
            link.notice("permission_refused", "A page asked for what is not for it, and was refused.")
        }
    }

    override fun onPermissionRequestCanceled(request: PermissionRequest) = web.microphone.forget(request)

    override fun onGeolocationPermissionsShowPrompt(origin: String, callback: GeolocationPermissions.Callback) =
        callback.invoke(origin, false, false)

    override fun onCreateWindow(view: WebView, isDialog: Boolean, isUserGesture: Boolean, result: Message) =
        windows.open(result)

    override fun onCloseWindow(window: WebView) = windows.close(window)

    override fun onJsAlert(view: WebView, url: String?, message: String?, result: JsResult) = dismissed(result)

    override fun onJsConfirm(view: WebView, url: String?, message: String?, result: JsResult) = dismissed(result)

    override fun onJsPrompt(
        view: WebView,
        url: String?,
        message: String?,
        defaultValue: String?,
        result: JsPromptResult
    ) = dismissed(result)

    override fun onJsBeforeUnload(view: WebView, url: String?, message: String?, result: JsResult): Boolean {
        // Nobody is asked whether the host page may go.
        result.confirm()
        return true
    }

    /** What is left to the web view it logs with the URL of where it was said: a phone's is a secret. Never seen on a device. */
    override fun onConsoleMessage(said: ConsoleMessage) = !logsConsole

    /** Whether a dialog can't be shown, since only an activity can; it then counts as refused. */
    private fun dismissed(result: JsResult): Boolean {
        if (web.place.isInActivity) return false
        result.cancel()
        link.notice("dialog_dismissed", "The page wanted to show a dialog, and there was no activity to show it in.")
        return true
    }
}
