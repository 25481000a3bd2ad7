package dev.webphone

import dev.webphone.ffi.Client as FfiClient
import dev.webphone.ffi.FetchStarted as FfiFetchStarted
import java.util.concurrent.CompletableFuture
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.future.future
import kotlinx.coroutines.withContext

/**
 * Fetches webphone URLs with one access token. Cheap to share between threads and coroutines; make one and keep it,
 * since it holds the connections.
 *
 * ```
 * Client(token).use { client ->
 *     val url = client.fetch(Extension.Number(4000), PhoneType.HIDDEN)
 *     println(url) // <WebphoneUrl hidden at …; use reveal()>
 * }
 * ```
 *
 * Every fetch fails with a [WebphoneException] that says what to do next.
 */
public class Client private constructor(private val native: FfiClient) : AutoCloseable {
    /**
     * A client with this access token (`Access-Token`).
     *
     * @throws WebphoneException.Invalid naming `token`, or the wrong setting.
     */
    @JvmOverloads
    public constructor(token: String, config: ClientConfig = ClientConfig()) :
        this(lifting { FfiClient(token, config.native) })

    /**
     * A client with the token in the environment variable `TOTALVOICE_ACCESS_TOKEN`. If `WEBPHONE_BASE_URL` is set, it
     * takes the place of a configuration's default base URL.
     *
     * @throws WebphoneException.Invalid naming the variable that is missing or unusable, or the wrong setting.
     */
    @JvmOverloads
    public constructor(config: ClientConfig = ClientConfig()) :
        this(lifting { FfiClient.fromEnvironment(config.native) })

    /**
     * Asks for the webphone URL of an extension (`GET /webphone`). Cancelling the coroutine cancels the request.
     *
     * @param extension Which extension (`ramal` or `id_ramal`).
     * @param type How the phone shows itself (`tipo`).
     * @param callOnOpen The number that the phone dials when it opens (`ligar_para`); null: it dials nothing.
     * @param closeAtEnd Whether the phone closes when its call ends (`fechar_fim`).
     * @throws WebphoneException in every kind that speaks of the API or the way to it.
     */
    @JvmSynthetic
    public suspend fun fetch(
        extension: Extension,
        type: PhoneType = PhoneType.FLOATING,
        callOnOpen: PhoneNumber? = null,
        closeAtEnd: Boolean = false
    ): WebphoneUrl = fetch(UrlRequest(extension, type, callOnOpen, closeAtEnd))

    /** As the other [fetch], with its arguments as one request. */
    @JvmSynthetic
    public suspend fun fetch(request: UrlRequest): WebphoneUrl {
        val lowered = request.lower()
        // Whoever polls may work for a while, a handshake say: not the caller's thread, which may draw a screen.
        return withContext(Dispatchers.Default) { lifting { WebphoneUrl(native.fetch(lowered)) } }
    }

    /** As [fetch], for Java. Cancelling the future cancels the request. */
    public fun fetchAsync(request: UrlRequest): CompletableFuture<WebphoneUrl> =
        CoroutineScope(Dispatchers.Default).future { fetch(request) }

    /** As [fetch], for Java: with the API's default type. Cancelling the future cancels the request. */
    public fun fetchAsync(extension: Extension): CompletableFuture<WebphoneUrl> = fetchAsync(UrlRequest(extension))

    /**
     * As [fetch], for threads that block. Interrupting the thread cancels the request within 100 ms.
     *
     * @throws InterruptedException The thread was interrupted.
     */
    @Throws(InterruptedException::class)
    public fun fetchBlocking(request: UrlRequest): WebphoneUrl = blocking {
        when (val started = native.startFetch(request.lower(), SLICE_MILLIS)) {
            is FfiFetchStarted.Done -> WebphoneUrl(started.value)

            is FfiFetchStarted.Pending -> started.operation.use { operation ->
                WebphoneUrl(await(operation::waitFor, operation::cancel))
            }
        }
    }

    /** As [fetchBlocking], with the API's default type. */
    @Throws(InterruptedException::class)
    public fun fetchBlocking(extension: Extension): WebphoneUrl = fetchBlocking(UrlRequest(extension))

    /**
     * Fetches the URLs of any number of requests, with bounded memory, one rate and one pause for all.
     *
     * The results come in the order of the requests, each as soon as it is there; one failure never sinks the others.
     * Collecting starts the batch, cancelling that ends it. A slow collector holds new requests back.
     *
     * @param requests What to ask for; taken only as far as results are read.
     * @param onProgress Told how far the batch is, by the collecting coroutine.
     * @throws WebphoneException.Invalid naming the wrong option, from the collection.
     */
    @JvmSynthetic
    public fun fetchMany(
        requests: Flow<UrlRequest>,
        options: BatchOptions = BatchOptions(),
        onProgress: (BatchProgress) -> Unit = {}
    ): Flow<BatchResult> = batchFlow(native, requests, options, onProgress)

    /**
     * As the other [fetchMany], for requests that are there already or are made by a sequence (`asIterable()`), which may
     * block.
     */
    @JvmSynthetic
    public fun fetchMany(
        requests: Iterable<UrlRequest>,
        options: BatchOptions = BatchOptions(),
        onProgress: (BatchProgress) -> Unit = {}
    ): Flow<BatchResult> = batchFlow(native, requests.taken(), options, onProgress)

    /**
     * As [fetchMany], for threads that block: an iterator over the results. Close it when it was not read to its end.
     *
     * @param requests What to ask for; taken by threads of a shared pool, one request at a time, and only as far as results
     *   are read.
     * @throws WebphoneException.Invalid naming the wrong option.
     */
    @JvmOverloads
    public fun fetchManyBlocking(
        requests: Iterable<UrlRequest>,
        options: BatchOptions = BatchOptions()
    ): BatchIterator = lifting { BatchIterator(native.batch(options.native), requests) }

    /** Ends the client: what is under way ends with [WebphoneException.Closed], and so does every later call. */
    override fun close(): Unit = native.shutDown()

    /** Without the token. */
    override fun toString(): String = "Client"
}
