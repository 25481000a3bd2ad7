// Windows that the phone opens: its own become views over it and close with it, links leave the app. On the main thread.

package dev.webphone

import android.content.ActivityNotFoundException
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.os.Handler
import android.os.Message
import android.view.KeyEvent
import android.webkit.WebResourceRequest
import android.webkit.WebResourceResponse
import android.webkit.WebView
import dev.webphone.ffi.LoadFailure as FfiLoadFailure
import dev.webphone.ffi.NavigationDecision
import dev.webphone.ffi.PageLink
import dev.webphone.ffi.PagePart
import java.util.logging.Level

internal class ChildWindows(
    private val web: PhoneWeb,
    private val place: PhonePlace,
    private val main: Handler,
    private val link: PageLink
) {
    private val open = ArrayList<WebView>()

    /** A window is asked for: whether there is one. Where it goes shows only when it gets there. */
    fun open(result: Message): Boolean {
        val view = try {
            ChildWindow().make()
        } catch (error: RuntimeException) {
            log.log(Level.WARNING, "The phone's window could not be made", error)
            return false
        }
        open += view
        val back = { if (view.canGoBack()) view.goBack() else close(view) }
        view.setOnKeyListener { _, key, event ->
            val isBack = key == KeyEvent.KEYCODE_BACK
            if (isBack && event.action == KeyEvent.ACTION_UP) back()
            isBack
        }
        if (Build.VERSION.SDK_INT >=
            Build.VERSION_CODES.TIRAMISU
        ) {
            view.addOnAttachStateChangeListener(BackGesture(back))
        }
        (result.obj as WebView.WebViewTransport).webView = view
        result.sendToTarget()
        return true
    }

    fun close(view: WebView) {
        if (!open.remove(view)) return
        place.release(view)
        // Not within a call of its own.
        main.post(view::destroy)
    }

    fun closeAll() = open.toList().forEach(::close)

    private fun leave(target: String) {
        val intent = Intent(Intent.ACTION_VIEW, Uri.parse(target))
            .addCategory(Intent.CATEGORY_BROWSABLE)
            .addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
        try {
            place.application.startActivity(intent)
        } catch (_: ActivityNotFoundException) {
            tellNothingOpens()
        } catch (_: SecurityException) {
            // The one that takes such links is not for other apps.
            tellNothingOpens()
        }
    }

    private fun tellNothingOpens() = link.notice("nothing_opens", "No app on this device opens the link.")

    /** A window: nothing but a target until it is let in somewhere. */
    private inner class ChildWindow : WebPart {
        private lateinit var view: WebView
        private var isShown = false

        fun make(): WebView = web.newView(this).also { view = it }

        override fun intercept(request: WebResourceRequest): WebResourceResponse? = null

        override fun refuses(request: WebResourceRequest): Boolean {
            val part = if (request.isForMainFrame) part() else PagePart.FRAME
            return !follow(request.url.toString(), part)
        }

        /** Also what came by no link: a form, a redirect. */
        override fun started(view: WebView, url: String) {
            if (follow(url, part())) return
            // It has taken the place of what was there.
            view.stopLoading()
            close(view)
        }

        override fun finished(view: WebView, url: String) = Unit

        override fun failed(url: String, failure: FfiLoadFailure, document: Boolean?) = Unit

        override fun gone(crashed: Boolean) = close(view)

        private fun show() {
            place.hold(view)
            // The keys are for it now.
            view.requestFocus()
        }

        private fun part() = if (isShown) PagePart.CHILD_WINDOW else PagePart.NEW_WINDOW

        /** Does what the core says; whether the window goes there. */
        private fun follow(target: String, part: PagePart): Boolean {
            // Closed by what it tried before.
            if (view !in open) return false
            val decision = web.decide(target, part)
            if (decision == NavigationDecision.OPEN_OUTSIDE) leave(target)
            val allowed = decision == NavigationDecision.ALLOW
            return if (part == PagePart.NEW_WINDOW && target != ABOUT_BLANK) settle(allowed) else allowed
        }

        /** It is a window now, or ends. */
        private fun settle(allowed: Boolean): Boolean {
            isShown = allowed && web.shown?.hasView == true
            if (isShown) show() else close(view)
            // It could use the microphone, and nobody could see or close it.
            if (allowed && !isShown) link.notice("window_refused", "The phone has no view, so it may open no window.")
            return isShown
        }
    }

    private companion object {
        /** Every new window begins so. */
        const val ABOUT_BLANK = "about:blank"
    }
}
