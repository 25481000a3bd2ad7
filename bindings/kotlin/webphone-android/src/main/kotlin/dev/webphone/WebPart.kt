// The ways from a web view's callbacks to what they are about: shapes, no decisions.

package dev.webphone

import android.graphics.Bitmap
import android.net.http.SslError
import android.webkit.SslErrorHandler
import android.webkit.WebResourceError
import android.webkit.WebResourceRequest
import android.webkit.WebResourceResponse
import android.webkit.WebView
import android.webkit.WebViewClient
import dev.webphone.ffi.LoadFailure as FfiLoadFailure

/** One web view's page, as its client tells of it: the host page, or a window that the phone opened. */
internal interface WebPart {
    /** What to answer a request with; null: the network's answer. On a thread of the web view's. */
    fun intercept(request: WebResourceRequest): WebResourceResponse?

    /** Whether a navigation must not happen. */
    fun refuses(request: WebResourceRequest): Boolean

    /** A document begins to load. */
    fun started(view: WebView, url: String)

    /** A document has loaded. */
    fun finished(view: WebView, url: String)

    /** Something did not load. [document]: whether it is a document; null where that can't be told. */
    fun failed(url: String, failure: FfiLoadFailure, document: Boolean?)

    /** The renderer is gone, and with it all that the web view was. */
    fun gone(crashed: Boolean)
}

internal open class PartClient(protected val part: WebPart) : WebViewClient() {
    override fun shouldInterceptRequest(view: WebView, request: WebResourceRequest): WebResourceResponse? =
        part.intercept(request)

    override fun shouldOverrideUrlLoading(view: WebView, request: WebResourceRequest): Boolean = part.refuses(request)

    override fun onPageStarted(view: WebView, url: String?, favicon: Bitmap?) = part.started(view, url.orEmpty())

    override fun onPageFinished(view: WebView, url: String?) = part.finished(view, url.orEmpty())

    override fun onReceivedError(view: WebView, request: WebResourceRequest, error: WebResourceError) {
        part.failed(request.url.toString(), error.lower(), request.isDocument())
    }

    override fun onReceivedHttpError(view: WebView, request: WebResourceRequest, response: WebResourceResponse) =
        part.failed(request.url.toString(), FfiLoadFailure.Status(response.statusCode), request.isDocument())

    override fun onReceivedSslError(view: WebView, handler: SslErrorHandler, error: SslError) {
        // Never another answer: whoever sits in between would hold the phone.
        handler.cancel()
        part.failed(error.url, FfiLoadFailure.Tls, null)
    }
}

/** Chromium's own word tells more than the system's number. By its source; never seen on a device. */
private fun WebResourceError.lower(): FfiLoadFailure {
    val word = description?.toString() ?: errorCode.toString()
    return when {
        word.startsWith("net::ERR_BLOCKED_BY_") -> FfiLoadFailure.Blocked
        errorCode == WebViewClient.ERROR_FAILED_SSL_HANDSHAKE -> FfiLoadFailure.Tls
        else -> FfiLoadFailure.Network(word.whole())
    }
}

/** Chromium asks for documents, in frames too, with this. By its source; never seen on a device. */
private fun WebResourceRequest.isDocument(): Boolean? = requestHeaders?.get("Accept")?.startsWith("text/html")
