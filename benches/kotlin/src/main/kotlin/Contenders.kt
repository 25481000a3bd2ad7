// One way of doing the work on a JVM, timed inside of its own process: `scripts/bench kotlin` runs them beside the same in
// Rust.
//
// usage: java -cp … ContendersKt fetch NAME BASE_URL TOKEN             one by one: microseconds each
//                                many NAME BASE_URL TOKEN REQUESTS     64 at once: requests a second
//                                single | backlog NAME                 from a message to the collector: microseconds each
//                                start NAME                            prints nothing: its whole life is timed

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
import kotlinx.serialization.json.JsonElement
import okhttp3.Call
import okhttp3.Callback
import okhttp3.Dispatcher
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.Response

private const val CONCURRENCY = 64
private const val QUERY = "/webphone?ramal=4000&tipo=hidden"

/** Runs, whose median is told. */
private const val RUNS = 9

private val request = UrlRequest(Extension.Number(4000), PhoneType.HIDDEN)
private val json = Json { ignoreUnknownKeys = true }

@Serializable
private class Data(val url: String)

@Serializable
private class Envelope(val dados: Data)

private fun url(body: String): String = json.decodeFromString<Envelope>(body).dados.url

/** Fetches one URL, or many of them by itself. */
private interface Fetcher {
    suspend fun fetch(): String

    suspend fun fetch(count: Int): Unit = coroutineScope {
        val left = AtomicInteger(count)
        repeat(CONCURRENCY) { launch(Dispatchers.Default) { while (left.getAndDecrement() > 0) fetch() } }
    }
}

private fun fetcher(work: suspend () -> String) = object : Fetcher {
    override suspend fun fetch() = work()
}

private fun fetcher(name: String, base: String, token: String): Fetcher {
    val client by lazy { Client(token, ClientConfig(BaseUrl.Other(base))) }
    val http by lazy { HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build() }
    val get = HttpRequest.newBuilder(URI(base + QUERY)).header("Access-Token", token).build()
    val okhttp by lazy {
        val dispatcher = Dispatcher().apply {
            maxRequests = CONCURRENCY
            maxRequestsPerHost = CONCURRENCY
        }
        OkHttpClient.Builder().dispatcher(dispatcher).build()
    }
    val call = Request.Builder().url(base + QUERY).header("Access-Token", token).build()
    return when (name) {
        "webphone" -> fetcher { client.fetch(request).reveal() }

        "webphone-blocking" -> fetcher { client.fetchBlocking(request).reveal() }

        "webphone-batch" -> object : Fetcher {
            override suspend fun fetch() = error("a batch is of many")

            override suspend fun fetch(count: Int) {
                val requests = generateSequence { request }.take(count).asIterable()
                client.fetchMany(requests, BatchOptions(CONCURRENCY)).collect { it.getOrThrow().reveal() }
            }
        }

        "java.net.http" -> fetcher { url(http.sendAsync(get, BodyHandlers.ofString()).await().body()) }

        "java.net.http-blocking" -> fetcher { url(http.send(get, BodyHandlers.ofString()).body()) }

        "okhttp" -> fetcher { url(okhttp.newCall(call).await()) }

        "okhttp-blocking" -> fetcher { okhttp.newCall(call).execute().use { url(it.body.string()) } }

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

/** The middle of what several runs of so many pieces of work took, each: microseconds. The first runs are for the compiler. */
private suspend fun median(count: Int, run: suspend () -> Unit): Double = List(2 * RUNS) {
    val begin = System.nanoTime()
    run()
    (System.nanoTime() - begin) / 1e3 / count
}.takeLast(RUNS).sorted()[RUNS / 2]

private suspend fun oneByOne(fetcher: Fetcher): Double {
    val count = 500
    return median(count) { repeat(count) { fetcher.fetch() } }
}

private suspend fun many(fetcher: Fetcher, count: Int): Double {
    // Connections, and what a JVM compiles when it runs often.
    fetcher.fetch(count)
    val begin = System.nanoTime()
    fetcher.fetch(count)
    return count * 1e9 / (System.nanoTime() - begin)
}

/** What leads to a call, another one that rings, and two queues: as in the benchmarks of the core. */
private val BEFORE = listOf(
    """{"message":"status","status":"conectado"}""",
    """{"message":"entrou_na_fila","filaId":47}""",
    """{"message":"entrou_na_fila","filaId":48}""",
    """{"message":"chegandoChamada","numeroChegando":"(79) 91234-5678","numeroDestino":"4000","chamadaRecebidaId":77}""",
    """{"message":"status","status":"chamando"}""",
    """{"message":"status","status":"conversando"}"""
)

/** What is measured: one message is as good as another. */
private val MEASURED = listOf(
    """{"message":"stats_webphone","internet":{"ping":31,"jitter":2},"computador":{"cpu":17}}""",
    """{"message":"pausou_na_fila","filaId":47}""",
    """{"message":"despausou_na_fila","filaId":47}"""
)

private const val MESSAGES = 9_999
private const val BACKLOG = 99

@Serializable
private data class Message(
    val message: String,
    val status: String? = null,
    val filaId: Long? = null,
    val numeroChegando: String? = null,
    @SerialName("chamadaRecebidaId") val callId: Long? = null,
    val internet: JsonElement? = null,
    val computador: JsonElement? = null
)

private data class Queue(val id: Long, val member: Boolean = false, val paused: Boolean = false)

private data class State(
    val line: String = "unknown",
    val number: String? = null,
    val callId: Long? = null,
    val phase: String? = null,
    val quality: JsonElement? = null,
    val queues: Map<Long, Queue> = emptyMap()
)

private data class Change(val number: Long, val at: Long, val message: Message, val state: State)

/** What a phone says goes in, and what became of it comes out. */
private class Follower(val updates: Flow<*>, val receive: (String) -> Unit)

/** The least that does it by hand: no commands, no doubt, no faults of the phone. */
private class Handwritten {
    val updates = MutableSharedFlow<Change>(extraBufferCapacity = 256, onBufferOverflow = BufferOverflow.DROP_OLDEST)
    private var state = State()
    private var count = 0L

    fun receive(text: String) {
        val message = json.decodeFromString<Message>(text)
        state = after(message)
        updates.tryEmit(Change(++count, System.nanoTime(), message, state))
    }

    private fun after(message: Message): State {
        fun queue(change: Queue.() -> Queue): State {
            val id = checkNotNull(message.filaId)
            return state.copy(queues = state.queues + (id to (state.queues[id] ?: Queue(id)).change()))
        }
        return when (message.message) {
            "entrou_na_fila" -> queue { copy(member = true) }

            "pausou_na_fila" -> queue { copy(paused = true) }

            "despausou_na_fila" -> queue { copy(paused = false) }

            "stats_webphone" -> state.copy(quality = message.internet)

            "chegandoChamada" ->
                state.copy(number = message.numeroChegando?.filter(Char::isDigit), callId = message.callId)

            else -> when (val status = message.status) {
                "chamando", "conversando" -> state.copy(phase = status)
                else -> state.copy(line = "$status")
            }
        }
    }
}

private fun follower(name: String): Follower {
    val follower = when (name) {
        "webphone" -> Session {}.let { phone ->
            phone.pageReport(PageReport.Loaded)
            Follower(phone.updates, phone::receive)
        }

        "by hand" -> Handwritten().let { Follower(it.updates, it::receive) }

        else -> error("no contender is called $name")
    }
    BEFORE.forEach(follower.receive)
    return follower
}

/** Each message waits for the update of the one before. */
private suspend fun single(follower: Follower): Double = coroutineScope {
    median(MESSAGES) {
        var number = 0
        val send = { follower.receive(MEASURED[number++ % MEASURED.size]) }
        val reading = launch(start = CoroutineStart.UNDISPATCHED) {
            follower.updates.take(MESSAGES).collect { if (number < MESSAGES) send() }
        }
        send()
        reading.join()
    }
}

/** Many messages wait for the collector. */
private suspend fun backlog(follower: Follower): Double = coroutineScope {
    median(MESSAGES) {
        repeat(MESSAGES / BACKLOG) {
            val reading = launch(start = CoroutineStart.UNDISPATCHED) { follower.updates.take(BACKLOG).collect {} }
            repeat(BACKLOG / MEASURED.size) { MEASURED.forEach(follower.receive) }
            reading.join()
        }
    }
}

private fun start(name: String): Any = when (name) {
    "bare" -> name
    "webphone" -> Client("token")
    "java.net.http" -> HttpClient.newHttpClient() to url("""{"dados":{"url":"u"}}""")
    "okhttp" -> OkHttpClient() to url("""{"dados":{"url":"u"}}""")
    else -> error("no contender is called $name")
}

fun main(arguments: Array<String>) {
    val (what, name) = arguments
    when (what) {
        "start" -> start(name)
        "fetch" -> println(runBlocking { oneByOne(fetcher(name, arguments[2], arguments[3])) })
        "many" -> println(runBlocking { many(fetcher(name, arguments[2], arguments[3]), arguments[4].toInt()) })
        "single" -> println(runBlocking { single(follower(name)) })
        "backlog" -> println(runBlocking { backlog(follower(name)) })
        else -> error("nothing is called $what")
    }
    // Idle threads of the contenders would stay for a while.
    Runtime.getRuntime().halt(0)
}
