// The web view that the phone lives in: made once, again only when its renderer died. On the main thread, but for what is
// said to be otherwise.

package dev.webphone

import android.annotation.SuppressLint
import android.content.Context
import android.net.Uri
import android.os.Build
import android.os.Handler
import android.webkit.CookieManager
import android.webkit.WebMessage
import android.webkit.WebMessagePort
import android.webkit.WebResourceRequest
import android.webkit.WebResourceResponse
import android.webkit.WebSettings
import android.webkit.WebView
import dev.webphone.ffi.LoadFailure as FfiLoadFailure
import dev.webphone.ffi.HostPage
import dev.webphone.ffi.MessageSource
import dev.webphone.ffi.NavigationDecision
import dev.webphone.ffi.PageLink
import dev.webphone.ffi.PageLoad
import dev.webphone.ffi.PagePart
import dev.webphone.ffi.PageReport as FfiPageReport

private const val HTTP_OK = 200

/** The page and its load that the web view is to show. */
internal class Shown(val page: HostPage, val load: PageLoad) {
    val url: String = load.url()
}

internal class PhoneWeb(
    application: Context,
    private val main: Handler,
    private val link: PageLink,
    config: WebphoneConfig
) : WebPart {
    val place = PhonePlace(application)
    val microphone = MicrophoneRequests(application, main, config.permissionTimeout, link)
    private val windows = ChildWindows(this, place, main, link)

    /** Why there is no web view on this device. Read from any thread. */
    @Volatile
    var fault: WebphoneException? = null
        private set

    /** What is shown. Read from the web view's own threads. */
    @Volatile
    var shown: Shown? = null
        private set

    var view: WebView? = null
        private set

    private var port: WebMessagePort? = null
    private var destroyed = false

    /** Makes the web view, if there is none. */
    fun make() {
        if (view != null || destroyed) return
        try {
            val made = newView(this)
            view = made
            place.hold(made)
            fault = null
        } catch (error: RuntimeException) {
            // A device without a provider, or one that is being replaced at this moment.
            fault = unsupported("This device has no web view that works.", "web view", error)
            link.report(FfiPageReport.Lost("This device has no web view that works."))
        }
    }

    /** A web view for the phone's page or for a window that it opens. */
    @SuppressLint("SetJavaScriptEnabled")
    fun newView(part: WebPart): WebView = WebView(place.context).apply {
        settings.apply {
            javaScriptEnabled = true
            domStorageEnabled = true
            mediaPlaybackRequiresUserGesture = false
            mixedContentMode = WebSettings.MIXED_CONTENT_NEVER_ALLOW
            allowFileAccess = false
            allowContentAccess = false
            @Suppress("DEPRECATION")
            allowFileAccessFromFileURLs = false
            @Suppress("DEPRECATION")
            allowUniversalAccessFromFileURLs = false
            setGeolocationEnabled(false)
            setSupportMultipleWindows(true)
        }
        // The phone's frame may be on another site than the host page after a redirect.
        CookieManager.getInstance().setAcceptThirdPartyCookies(this, true)
        setWebViewClient(
            if (Build.VERSION.SDK_INT >=
                Build.VERSION_CODES.O
            ) {
                SurvivingClient(part)
            } else {
                PartClient(part)
            }
        )
        setWebChromeClient(PartChrome(this@PhoneWeb, windows, link, isChild = part !== this@PhoneWeb))
    }

    /** Loads this page in the place of the one before. */
    fun show(next: Shown) {
        make()
        val view = view ?: return
        dropPage()
        shown = next
        view.loadUrl(next.url)
    }

    /** Hands a text to the page; whether it went out. */
    fun deliver(envelope: String): Boolean {
        val port = port ?: return false
        return try {
            port.postMessage(WebMessage(envelope))
            true
        } catch (_: IllegalStateException) {
            // Closed under us.
            false
        }
    }

    fun destroy() {
        destroyed = true
        shown = null
        dropView()
        place.close()
    }

    private fun dropView() {
        dropPage()
        view?.let {
            place.release(it)
            it.destroy()
        }
        view = null
    }

    private fun dropPage() {
        microphone.denyAll()
        windows.closeAll()
        dropPort()
    }

    private fun dropPort() {
        port?.let { runCatching { it.close() } }
        port = null
    }

    // What the web view says of the main page.

    /** On a thread of the web view's. The host page is for the main frame alone: a frame that got it would know its number. */
    override fun intercept(request: WebResourceRequest): WebResourceResponse? {
        val shown = shown?.takeIf { request.isForMainFrame && request.url.toString() == it.url } ?: return null
        // The type goes by itself.
        val headers = shown.load.headers() - "Content-Type"
        return WebResourceResponse("text/html", "utf-8", HTTP_OK, "OK", headers, shown.load.html().byteInputStream())
    }

    override fun refuses(request: WebResourceRequest): Boolean {
        val part = if (request.isForMainFrame) PagePart.HOST_PAGE else PagePart.FRAME
        return decide(request.url.toString(), part) != NavigationDecision.ALLOW
    }

    override fun started(view: WebView, url: String) {
        // Another document, also of the same page: a port is for one.
        dropPort()
    }

    /** The host page has loaded; it waits for its port. */
    override fun finished(view: WebView, url: String) {
        val shown = shown ?: return
        if (url != shown.url || port != null) return
        val (ours, theirs) = view.createWebMessageChannel().let { it[0] to it[1] }
        ours.setWebMessageCallback(
            object : WebMessagePort.WebMessageCallback() {
                override fun onMessage(from: WebMessagePort, message: WebMessage) {
                    link.receiveEnvelope(message.data.orEmpty(), MessageSource())
                }
            },
            main
        )
        port = ours
        view.postWebMessage(WebMessage(shown.load.portMessage(), arrayOf(theirs)), Uri.parse(shown.page.origin()))
    }

    override fun failed(url: String, failure: FfiLoadFailure, document: Boolean?) {
        link.documentFailed(url, failure, document)
    }

    override fun gone(crashed: Boolean) {
        val detail = if (crashed) "The page's renderer crashed." else "The system ended the page's renderer."
        // A web view without its renderer can only be destroyed.
        shown = null
        dropView()
        link.report(FfiPageReport.Lost(detail))
    }

    /** What the core says to a navigation; without a page, nothing may happen. */
    fun decide(target: String, part: PagePart): NavigationDecision =
        shown?.page?.navigation(target, part) ?: NavigationDecision.REFUSE
}
