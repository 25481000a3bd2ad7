// What plays the device in the tests: the web view's engine, the bridge and the phone, by what they say to each other. The
// real bridge on the real host page is tested in Chromium, over a message port that is handed over in the same way.

package dev.webphone

import android.Manifest
import android.app.Application
import android.content.Context
import android.net.Uri
import android.os.Handler
import android.os.Looper
import android.webkit.PermissionRequest
import android.webkit.RenderProcessGoneDetail
import android.webkit.WebChromeClient
import android.webkit.WebMessage
import android.webkit.WebMessagePort
import android.webkit.WebResourceRequest
import android.webkit.WebResourceResponse
import android.webkit.WebView
import android.webkit.WebViewClient
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.FutureTask
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.add
import kotlinx.serialization.json.buildJsonArray
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import kotlinx.serialization.json.put
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadow.api.Shadow

/** So long anything may take that ends at all. */
val PATIENCE = 60.seconds

const val PHONE = "https://api2.totalvoice.com.br"
const val HOST = "https://webphone-host.api2.totalvoice.com.br"

val WebView.played: PlayedWebView get() = Shadow.extract(this)
val WebView.client: WebViewClient get() = played.webViewClient
val WebView.chrome: WebChromeClient get() = played.webChromeClient

val application: Application get() = RuntimeEnvironment.getApplication()

fun allowMicrophone() = shadowOf(application).grantPermissions(Manifest.permission.RECORD_AUDIO)

/** Runs on the main thread, after all that waits there. */
fun <T> onMain(block: () -> T): T {
    if (Looper.myLooper() == Looper.getMainLooper()) return block()
    val task = FutureTask(block)
    Handler(Looper.getMainLooper()).post(task)
    return try {
        task.get(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)
    } catch (error: java.util.concurrent.ExecutionException) {
        throw error.cause ?: error
    }
}

fun url(type: String = "hidden", more: String = ""): WebphoneUrl =
    WebphoneUrl.parse("$PHONE/w3/?key=S3CR3T&tipo=$type$more")

/** A request as a web view tells of it. */
class Asked(
    private val url: String,
    private val mainFrame: Boolean = false,
    private val headers: Map<String, String> = emptyMap()
) : WebResourceRequest {
    override fun getUrl(): Uri = Uri.parse(url)

    override fun isForMainFrame() = mainFrame

    override fun isRedirect() = false

    override fun hasGesture() = true

    override fun getMethod() = "GET"

    override fun getRequestHeaders() = headers

    companion object {
        fun document(url: String) = Asked(url, headers = mapOf("Accept" to "text/html,application/xhtml+xml"))
    }
}

/** A page's request; its answer: what was granted, empty for a denial, null for none so far. */
class Wish(private val from: String, private vararg val what: String) : PermissionRequest() {
    @Volatile
    var answer: List<String>? = null
        private set

    override fun getOrigin(): Uri = Uri.parse(from)

    override fun getResources() = what

    override fun grant(resources: Array<String>) = answer(resources.asList())

    override fun deny() = answer(emptyList())

    private fun answer(given: List<String>) {
        check(answer == null) { "Answered twice" }
        answer = given
    }
}

/** How a renderer ended. */
@Suppress("DEPRECATION")
class Gone(private val crashed: Boolean) : RenderProcessGoneDetail() {
    override fun didCrash() = crashed

    override fun rendererPriorityAtExit() = 0
}

/**
 * One end of a channel, as the system's: what comes is told on the thread of the handler that it is to be told on, and an end
 * that is closed takes nothing.
 */
class PlayedPort private constructor() : WebMessagePort() {
    private lateinit var other: PlayedPort
    private var callback: WebMessageCallback? = null

    @Volatile
    private var isClosed = false

    /** Where what comes is told of. */
    lateinit var handler: Handler
        private set

    override fun postMessage(message: WebMessage) {
        check(!isClosed) { "Port is already closed" }
        other.take(message)
    }

    private fun take(message: WebMessage) {
        if (isClosed) return
        handler.post { if (!isClosed) callback?.onMessage(this, message) }
    }

    override fun close() {
        isClosed = true
    }

    override fun setWebMessageCallback(callback: WebMessageCallback) =
        setWebMessageCallback(callback, Handler(Looper.getMainLooper()))

    override fun setWebMessageCallback(callback: WebMessageCallback, handler: Handler) {
        this.handler = handler
        this.callback = callback
    }

    companion object {
        @JvmStatic
        fun createPair(): Array<WebMessagePort> {
            val (one, other) = List(2) { PlayedPort() }
            one.other = other
            other.other = one
            return arrayOf(one, other)
        }

        /** The end that is not this one. */
        val WebMessagePort.otherEnd: PlayedPort get() = (this as PlayedPort).other

        val WebMessagePort.isClosed: Boolean get() = (this as PlayedPort).isClosed
    }
}

/** Hears all that happens to a session, from now on. */
class Heard(session: Session) {
    private val waiting = LinkedBlockingQueue<Update>()
    private val listening = session.addListener({ waiting += it }, Runnable::run)

    /** The next update that fits; those before it are gone. */
    fun <T : Any> next(fits: (Cause) -> T?): T {
        while (true) {
            val update = waiting.poll(PATIENCE.inWholeSeconds, TimeUnit.SECONDS) ?: error("Nothing more was heard")
            fits(update.cause)?.let {
                return it
            }
        }
    }

    inline fun <reified T : PageReport> report(): T = next { (it as? Cause.Page)?.report as? T }

    fun notice(name: String): PageReport.Notice =
        next { ((it as? Cause.Page)?.report as? PageReport.Notice)?.takeIf { notice -> notice.name == name } }

    fun close() = listening.close()
}

fun Session.until(fits: (Snapshot) -> Boolean): Snapshot = runBlocking { withTimeout(PATIENCE) { state.first(fits) } }

/** One load of the page of a phone, as its engine, bridge and phone. */
class PlayedPage(val phone: Webphone) {
    /** What was asked of the page and not yet taken. */
    val orders = LinkedBlockingQueue<JsonArray>()
    val view: WebView = onMain { checkNotNull((phone as HostedWebphone).web.view) { "There is no web view" } }
    lateinit var nonce: String
        private set
    lateinit var port: WebMessagePort
        private set
    lateinit var html: String
        private set
    private var seq = 0
    private val answers = ConcurrentLinkedQueue<Pair<String, List<String>>>()

    /** The host page loads and gets its port. */
    fun load(): PlayedPage = apply {
        onMain {
            val url = checkNotNull(view.played.lastLoadedUrl)
            html = checkNotNull(fetch(url, mainFrame = true)).data.reader().readText()
            view.client.onPageStarted(view, url, null)
            view.client.onPageFinished(view, url)
            val posted = view.played.posted.last()
            nonce = Json.parseToJsonElement(posted.message.data).jsonObject.getValue("nonce").jsonPrimitive.content
            port = posted.message.ports!!.single()
            port.setWebMessageCallback(object : WebMessagePort.WebMessageCallback() {
                override fun onMessage(from: WebMessagePort, message: WebMessage) = take(message.data)
            })
        }
    }

    /** … and its bridge says that it is there, the phone loads and has its line. */
    @JvmOverloads
    fun ready(origin: String = PHONE): PlayedPage = apply {
        load()
        say(item("hello"))
        order("start")
        say(item("loaded", 1), item("pinned", origin))
        speak("""{"message":"status","status":"conectado"}""")
        phone.until { it.page.phase == PagePhase.READY }
    }

    fun fetch(url: String, mainFrame: Boolean): WebResourceResponse? =
        view.client.shouldInterceptRequest(view, Asked(url, mainFrame))

    /** From now on the phone answers this command so. */
    fun answer(word: String, vararg messages: String) {
        answers += word to messages.asList()
    }

    fun say(vararg items: JsonArray) = post(
        buildJsonObject {
            put("webphone", 1)
            put("nonce", nonce)
            put("seq", ++seq)
            put("batch", JsonArray(items.asList()))
        }.toString()
    )

    fun speak(vararg messages: String) = say(*messages.map { item("message", it) }.toTypedArray())

    /** It is there when this returns. */
    fun post(text: String?) {
        port.postMessage(WebMessage(text))
        onMain { }
    }

    /** The next order of this kind; those before it are gone. */
    fun order(word: String): JsonArray {
        while (true) {
            val order = orders.poll(PATIENCE.inWholeSeconds, TimeUnit.SECONDS) ?: error("Nothing more was ordered")
            if (order[0].jsonPrimitive.content == word) return order
        }
    }

    private fun take(text: String) {
        val envelope = Json.parseToJsonElement(text).jsonObject
        check(envelope.getValue("nonce").jsonPrimitive.content == nonce) { "An envelope of another load" }
        for (order in envelope.getValue("batch").jsonArray.map { it.jsonArray }) {
            orders += order
            if (order[0].jsonPrimitive.content != "post") continue
            val command = Json.parseToJsonElement(order[3].jsonPrimitive.content) as JsonObject
            val said = answers.filter { it.first == command.getValue("message").jsonPrimitive.content }
            val posted = item("posted", order[1].jsonPrimitive.long, true)
            // Not within the call that brought it.
            Handler(Looper.getMainLooper()).post {
                say(posted, *said.flatMap { it.second }.map { item("message", it) }.toTypedArray())
            }
        }
    }

    companion object {
        fun item(word: String, vararg values: Any): JsonArray = buildJsonArray {
            add(word)
            values.forEach {
                when (it) {
                    is Boolean -> add(it)
                    is Number -> add(it)
                    else -> add(JsonPrimitive(it.toString()))
                }
            }
        }
    }
}

/** Opens a phone, from a thread that is not the main one, and closes it. */
fun withPhone(
    url: WebphoneUrl = url(),
    config: WebphoneConfig = WebphoneConfig(),
    context: Context = application,
    use: (Webphone) -> Unit
) = Webphone(context, url, config).use(use)
