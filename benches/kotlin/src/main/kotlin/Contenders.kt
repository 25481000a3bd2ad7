// One way of doing the work on a JVM, timed inside of its own process.
//
// usage: java -cp … ContendersKt fetch NAME BASE_URL TOKEN REQUESTS     (prints requests a second)
//        java -cp … ContendersKt start NAME                            (prints nothing: its whole life is timed)
//        java -cp … ContendersKt event NAME                            (prints microseconds a message)

import dev.webphone.BaseUrl
import dev.webphone.BatchOptions
import dev.webphone.Client
import dev.webphone.ClientConfig
import dev.webphone.Extension
import dev.webphone.PageReport
import dev.webphone.PhoneType
import dev.webphone.Session
import dev.webphone.UrlRequest
import java.io.IOException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.util.concurrent.atomic.AtomicInteger
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.future.await
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import okhttp3.Call
import okhttp3.Callback
import okhttp3.Dispatcher
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.Response

private const val CONCURRENCY = 64
private const val QUERY = "/webphone?ramal=4000&tipo=hidden"

private val request = UrlRequest(Extension.Number(4000), PhoneType.HIDDEN)
private val json = Json { ignoreUnknownKeys = true }

@Serializable
private class Data(val url: String)

@Serializable
private class Envelope(val dados: Data)

private fun url(body: String): String = json.decodeFromString<Envelope>(body).dados.url

/** Who fetches: one by one on the calling thread, or in a coroutine, of which 64 run. */
private sealed interface Fetcher

private fun interface Blocking : Fetcher {
    fun fetch(): String
}

private fun interface Suspending : Fetcher {
    suspend fun fetch(): String
}

private fun interface Batch : Fetcher {
    suspend fun fetch(count: Int)
}

private fun fetcher(name: String, base: String, token: String): Fetcher {
    fun webphone() = Client(token, ClientConfig(BaseUrl.Other(base)))
    fun java() = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()
    val get = HttpRequest.newBuilder(URI(base + QUERY)).header("Access-Token", token).build()
    fun okhttp() = OkHttpClient.Builder().dispatcher(
        Dispatcher().apply {
            maxRequests = CONCURRENCY
            maxRequestsPerHost = CONCURRENCY
        }
    ).build()
    val call = Request.Builder().url(base + QUERY).header("Access-Token", token).build()
    return when (name) {
        "webphone" -> webphone().let { client -> Blocking { client.fetchBlocking(request).reveal() } }
        "webphone-coroutines" -> webphone().let { client -> Suspending { client.fetch(request).reveal() } }
        "webphone-batch" -> webphone().let { client ->
            Batch { count ->
                client.fetchMany(generateSequence { request }.take(count).asIterable(), BatchOptions(CONCURRENCY))
                    .collect { it.getOrThrow() }
            }
        }
        "java.net.http" -> java().let { client -> Blocking { url(client.send(get, BodyHandlers.ofString()).body()) } }
        "java.net.http-coroutines" -> java().let { client ->
            Suspending { url(client.sendAsync(get, BodyHandlers.ofString()).await().body()) }
        }
        "okhttp" -> okhttp().let { client -> Blocking { client.newCall(call).execute().use { url(it.body.string()) } } }
        "okhttp-coroutines" -> okhttp().let { client -> Suspending { url(client.newCall(call).await()) } }
        else -> error("no contender is called $name")
    }
}

private suspend fun Call.await(): String = suspendCancellableCoroutine { continuation ->
    continuation.invokeOnCancellation { cancel() }
    enqueue(object : Callback {
        override fun onFailure(call: Call, e: IOException) = continuation.resumeWithException(e)
        override fun onResponse(call: Call, response: Response) = continuation.resume(response.use { it.body.string() })
    })
}

private suspend fun Fetcher.run(count: Int) {
    when (this) {
        is Blocking -> repeat(count) { fetch() }
        is Batch -> fetch(count)
        is Suspending -> coroutineScope {
            val left = AtomicInteger(count)
            repeat(CONCURRENCY) { launch(Dispatchers.Default) { while (left.getAndDecrement() > 0) fetch() } }
        }
    }
}

private fun fetch(name: String, base: String, token: String, count: Int) {
    val fetcher = fetcher(name, base, token)
    runBlocking {
        // Connections, and what a JVM compiles when it runs often.
        fetcher.run(count / 2)
        val begin = System.nanoTime()
        fetcher.run(count)
        println(count * 1e9 / (System.nanoTime() - begin))
    }
    // Idle threads of the contenders would stay for a while.
    Runtime.getRuntime().halt(0)
}

private val BEFORE = listOf(
    """{"message":"status","status":"conectado"}""",
    """{"message":"chegandoChamada","numeroChegando":"(79) 91234-5678","numeroDestino":"4000","chamadaRecebidaId":123}""",
    """{"message":"status","status":"conversando"}""",
    """{"message":"entrou_na_fila","filaId":47}""",
    """{"message":"entrou_na_fila","filaId":48}"""
)
private val MESSAGES = listOf("pausou_na_fila", "despausou_na_fila").map { """{"message":"$it","filaId":47}""" }
private const val MANY = 100_000
private const val BURST = 100

@Serializable
private data class Message(
    val message: String,
    val filaId: Long? = null,
    val numeroChegando: String? = null,
    @SerialName("chamadaRecebidaId") val callId: Long? = null,
    val status: String? = null
)

private data class Queue(val id: Long, val member: Boolean = false, val paused: Boolean = false)

private data class State(
    val line: String = "unknown",
    val number: String? = null,
    val callId: Long? = null,
    val phase: String? = null,
    val queues: Map<Long, Queue> = emptyMap()
)

private data class Change(val number: Long, val at: Long, val message: Message, val state: State)

/** The least that does it by hand: no commands, no doubt, no faults of the phone. */
private class Handwritten {
    val updates = MutableSharedFlow<Change>(extraBufferCapacity = 256, onBufferOverflow = BufferOverflow.DROP_OLDEST)
    private var state = State()
    private var count = 0L

    fun receive(text: String) {
        val message = json.decodeFromString<Message>(text)
        fun queue(change: Queue.() -> Queue): State {
            val id = checkNotNull(message.filaId)
            return state.copy(queues = state.queues + (id to (state.queues[id] ?: Queue(id)).change()))
        }
        state = when (message.message) {
            "entrou_na_fila" -> queue { copy(member = true) }
            "pausou_na_fila" -> queue { copy(paused = true) }
            "despausou_na_fila" -> queue { copy(paused = false) }
            "chegandoChamada" -> state.copy(number = message.numeroChegando?.filter(Char::isDigit), callId = message.callId)
            else -> if (message.status == "conversando") state.copy(phase = "talking") else state.copy(line = "${message.status}")
        }
        updates.tryEmit(Change(++count, System.nanoTime(), message, state))
    }
}

private fun event(name: String) {
    when (name) {
        "webphone" -> {
            val phone = Session {}
            phone.pageReport(PageReport.Loaded)
            measure(phone::receive, phone.updates)
        }
        "handwritten" -> Handwritten().let { measure(it::receive, it.updates) }
        else -> error("no contender is called $name")
    }
}

/** From a message to the collector of a flow, a hundred at a time. */
private fun measure(receive: (String) -> Unit, updates: Flow<*>) = runBlocking {
    BEFORE.forEach(receive)
    suspend fun run(count: Int): Double {
        val begin = System.nanoTime()
        repeat(count / BURST) {
            val reading = launch(start = CoroutineStart.UNDISPATCHED) { updates.take(BURST).collect {} }
            repeat(BURST / 2) { MESSAGES.forEach(receive) }
            reading.join()
        }
        return (System.nanoTime() - begin) / 1e3 / count
    }
    run(MANY / 2)
    println(run(MANY))
    Runtime.getRuntime().halt(0)
}

private fun start(name: String) {
    when (name) {
        "bare" -> Unit
        "webphone" -> Client("token")
        "java.net.http" -> listOf(HttpClient.newHttpClient(), url("""{"dados":{"url":"u"}}"""))
        "okhttp" -> listOf(OkHttpClient(), url("""{"dados":{"url":"u"}}"""))
        else -> error("no contender is called $name")
    }
    Runtime.getRuntime().halt(0)
}

fun main(arguments: Array<String>) = when (val what = arguments[0]) {
    "fetch" -> fetch(arguments[1], arguments[2], arguments[3], arguments[4].toInt())
    "event" -> event(arguments[1])
    "start" -> start(arguments[1])
    else -> error("nothing is called $what")
}
