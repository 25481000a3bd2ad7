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
import dev.webphone.ffi.HostPage
import dev.webphone.ffi.LoadFailure as FfiLoadFailure
import dev.webphone.ffi.MessageSource
import dev.webphone.ffi.NavigationDecision
import dev.webphone.ffi.PageLink
import dev.webphone.ffi.PageLoad
import dev.webphone.ffi.PagePart
import dev.webphone.ffi.PageReport as FfiPageReport

private const val HTTP_OK = 200

/** The oldest Chromium, of 2018, that reads the host page's script: `catch` without a name. */
private const val OLDEST_CHROMIUM = 66

/** The page and its load that the web view is to show. [hasView]: whether anybody can see what it shows. */
internal class Shown(val page: HostPage, val load: PageLoad, val hasView: Boolean) {
    val url: String = load.url()

    /** Whether a document of it has begun to load: until then the web view tells of what it showed before. */
    var hasBegun = false

    /** Whether its bridge has spoken. */
    var hasSpoken = false
}

internal class PhoneWeb(
    application: Context,
    private val main: Handler,
    private val link: PageLink,
    private val config: WebphoneConfig
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
        fault = try {
            val made = newView(this)
            val tooOld = ageOf(made)
            if (tooOld == null) {
                view = made
                place.hold(made)
            } else {
                made.destroy()
            }
            tooOld
        } catch (error: RuntimeException) {
            // A device without a provider, or one that is being replaced at this moment.
            unsupported("This device has no web view that works.", "web view", error)
        }
        fault?.let { link.report(FfiPageReport.Lost(it.message.orEmpty())) }
    }

    /** What is wrong with a web view that is too old; null: nothing, or it does not tell. */
    private fun ageOf(view: WebView): WebphoneException? =
        chromiumOf(view)?.takeIf { it < OLDEST_CHROMIUM }?.let { version ->
            unsupported(
                "This device's web view is of version $version, and the phone needs $OLDEST_CHROMIUM or later: " +
                    "update Android System WebView, or Chrome, in the app store.",
                "web view"
            )
        }

    /** As it names itself to servers; null when it does not. API 26 alone could ask for its package. */
    private fun chromiumOf(view: WebView): Int? =
        Regex("Chrome/(\\d+)").find(view.settings.userAgentString.orEmpty())?.groupValues?.get(1)?.toIntOrNull()

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
        setWebChromeClient(
            PartChrome(this@PhoneWeb, windows, link, isChild = part !== this@PhoneWeb, logsConsole = config.debugging)
        )
    }

    /** Loads this page in the place of the one before. */
    fun show(next: Shown) {
        make()
        val view = view ?: return
        dropPage()
        shown = next
        view.loadUrl(next.url)
    }

    /** Hands a text to the page. */
    fun deliver(envelope: String) {
        val port = port ?: return link.undelivered(envelope)
        try {
            port.postMessage(WebMessage(envelope))
        } catch (_: IllegalStateException) {
            // Closed under us: nothing comes from there any more either.
            dropPort()
            link.undelivered(envelope)
            link.report(FfiPageReport.Lost("The port to the host page is closed."))
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
        val shown = shown ?: return
        if (decide(url, PagePart.HOST_PAGE) == NavigationDecision.ALLOW) {
            shown.hasBegun = true
            // The document that the phone was in is gone, also if this one never says hello.
            if (shown.hasSpoken) link.report(FfiPageReport.Reloaded)
        } else if (shown.hasBegun) {
            leave(view)
        }
    }

    /** Something else has taken the host page's place, by a way that nobody was asked about: a form. It gets nothing. */
    private fun leave(view: WebView) {
        shown = null
        dropPage()
        view.stopLoading()
        view.loadUrl("about:blank")
        link.report(FfiPageReport.Lost("The host page was left."))
    }

    /** The host page has loaded; it waits for its port. */
    override fun finished(view: WebView, url: String) {
        val shown = shown ?: return
        if (url != shown.url || port != null) return
        val (ours, theirs) = view.createWebMessageChannel().let { it[0] to it[1] }
        ours.setWebMessageCallback(
            object : WebMessagePort.WebMessageCallback() {
                override fun onMessage(from: WebMessagePort, message: WebMessage) {
                    shown.hasSpoken = true
                    link.receiveEnvelope(message.data.orEmpty().whole(), MessageSource())
                }
            },
            main
        )
        port = ours
        view.postWebMessage(WebMessage(shown.load.portMessage(), arrayOf(theirs)), Uri.parse(shown.page.origin()))
    }

    override fun failed(url: String, failure: FfiLoadFailure, document: Boolean?) {
        link.documentFailed(url.whole(), failure, document)
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
        shown?.page?.navigation(target.whole(), part) ?: NavigationDecision.REFUSE
}
