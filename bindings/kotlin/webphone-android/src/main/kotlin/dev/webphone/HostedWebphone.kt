// What is behind a Webphone: the session, its tie to the page, and the one door to the main thread.

@file:JvmSynthetic

package dev.webphone

import android.content.Context
import android.os.Handler
import android.os.Looper
import android.view.View
import android.webkit.WebView
import dev.webphone.ffi.HostPage
import dev.webphone.ffi.PageHost
import dev.webphone.ffi.PageLink
import dev.webphone.ffi.PageReport as FfiPageReport
import dev.webphone.ffi.WebphoneException as FfiWebphoneException
import java.util.concurrent.atomic.AtomicBoolean
import java.util.logging.Level
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch

internal class HostedWebphone private constructor(
    context: Context,
    private val core: CoreSession,
    private val link: PageLink,
    @Volatile private var url: WebphoneUrl,
    private val config: WebphoneConfig
) : Webphone,
    Session by core {
    private val main = Handler(Looper.getMainLooper())
    private val closed = AtomicBoolean()

    /** Loads are begun in the order in which they are shown. */
    private val order = Any()

    internal val web = PhoneWeb(context.applicationContext, main, link, config)

    override val view: View?
        get() {
            if (!isMainThread()) {
                throw unsupported("Webphone.view is for the main thread only.", "view on this thread")
            }
            if (closed.get()) throw FfiWebphoneException.Closed().lift()
            needWeb()
            return if (url.type == PhoneType.HIDDEN) null else web.place.frame()
        }

    override val blocking: Verbs<Outcome> = object : Verbs<Outcome>() {
        override fun execute(request: Request): Outcome {
            // It would wait for itself: the main thread carries what goes to the page and what comes from there.
            if (isMainThread()) {
                throw unsupported(
                    "The main thread carries commands to the phone and may not block: use `async` or suspend verbs.",
                    "blocking on this thread"
                )
            }
            return core.blocking.execute(request)
        }
    }

    override fun microphonePermission(granted: Boolean) {
        main.post { web.microphone.answer(granted) }
    }

    override fun restart() = load(url)

    override fun renew(url: WebphoneUrl) = load(url)

    private fun load(url: WebphoneUrl) {
        synchronized(order) {
            // Where the phone went to, it keeps its cookies.
            val below = if (url == this.url) link.pinnedOrigin() else null
            // First: a web view would outlive a page that can't be.
            val page = lifting { HostPage.open(url.native, PageHost.MessagePort, config.pageOptions(below)) }
            needWeb()
            val load = lifting { link.load(page) }
            val hasView = url.type != PhoneType.HIDDEN
            main.post { web.show(Shown(page, load, hasView)) }
            this.url = url
        }
    }

    /** Elsewhere than on the main thread it shows later whether there is a web view. */
    private fun needWeb() {
        if (isMainThread()) web.make()
        web.fault?.let {
            // There may be one by now: for the next who asks.
            main.post(web::make)
            throw it
        }
    }

    override fun close() {
        closed.set(true)
        // The page hears of it by the pump, which then lets go of the web view.
        core.close()
    }

    override fun toString(): String = "Webphone(${core.toString().substringAfter('(')}"

    /** Carries to the page what the session has for it. */
    private fun pump() {
        CoroutineScope(Dispatchers.Default).launch {
            try {
                while (true) {
                    val envelope = lifting { link.nextEnvelope() }
                    main.post { web.deliver(envelope) }
                }
            } catch (_: WebphoneException.Closed) {
                // The session's end.
            } catch (error: Throwable) {
                log.log(Level.SEVERE, "Nothing goes to the phone's page any more", error)
                // Nobody would know: it stays as it was, and hears nothing.
                core.pageReport(PageReport.Lost("Nothing goes to the phone's page any more."))
                close()
            } finally {
                main.post(web::destroy)
            }
        }
    }

    internal companion object {
        fun open(context: Context, url: WebphoneUrl, config: WebphoneConfig, clock: Clock?): HostedWebphone {
            config.check()
            val core = CoreSession.open(config.session, url, clock)
            try {
                val link = lifting { PageLink.open(core.native) }
                val phone = HostedWebphone(context, core, link, url, config)
                if (config.debugging) phone.main.post { WebView.setWebContentsDebuggingEnabled(true) }
                phone.load(url)
                phone.pump()
                return phone
            } catch (error: WebphoneException) {
                core.close()
                throw error
            }
        }
    }
}

private fun isMainThread() = Looper.myLooper() == Looper.getMainLooper()

/** Something that this device or this place can't do. */
internal fun unsupported(text: String, feature: String, cause: Throwable? = null): WebphoneException =
    WebphoneException.Unsupported(Told(text, "unsupported"), feature, cause)

/** Tells the session of something worth telling. */
internal fun PageLink.notice(name: String, detail: String) = report(FfiPageReport.Notice(name, detail))
