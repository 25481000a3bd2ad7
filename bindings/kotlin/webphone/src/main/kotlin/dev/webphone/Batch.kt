@file:JvmSynthetic

package dev.webphone

import dev.webphone.ffi.Batch as FfiBatch
import dev.webphone.ffi.BatchOptions as FfiBatchOptions
import dev.webphone.ffi.BatchStarted as FfiBatchStarted
import dev.webphone.ffi.BatchStep as FfiBatchStep
import dev.webphone.ffi.Client as FfiClient
import dev.webphone.ffi.FetchOutcome as FfiFetchOutcome
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.produceIn
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.withContext

/** Requests that are pushed at a time, at most. */
private const val CHUNK = 64

/** Results that are pulled at a time, at most. */
private const val MANY = 256

/** How a batch works. For Java there is a [Builder]. */
public class BatchOptions internal constructor(internal val native: FfiBatchOptions) {
    /**
     * Options; what is not named has its default.
     *
     * @param concurrency How many requests are under way at the same time, 1 to 1,024.
     * @param rate How many requests start a second, at most: 0.001 to 100,000, evenly spread. Null: as fast as the
     *   concurrency and the API allow.
     * @param rateLimitPatience How long the API may answer "too many requests" to everything before requests fail with
     *   [WebphoneException.RateLimited], up to an hour. These waits are no part of a request's timeout. While the API asks
     *   for a wait that does not fit into it, requests are not sent and fail too, with what is left to wait; after that
     *   they are sent again.
     */
    public constructor(concurrency: Int = 16, rate: Double? = null, rateLimitPatience: Duration = 1.minutes) :
        this(FfiBatchOptions(concurrency, rate, rateLimitPatience.inWholeMilliseconds))

    override fun toString(): String = with(native) {
        "BatchOptions(concurrency=$concurrency, rate=$rate, rateLimitPatience=${rateLimitPatienceMs}ms)"
    }

    /** Makes [BatchOptions] step by step, for Java. What is not set has its default. */
    public class Builder {
        private val native = FfiBatchOptions()

        /** How many requests are under way at the same time, 1 to 1,024. */
        public fun concurrency(value: Int): Builder = apply { native.concurrency = value }

        /** How many requests start a second, at most: 0.001 to 100,000, evenly spread. */
        public fun rate(value: Double): Builder = apply { native.rate = value }

        /** How long the API may answer "too many requests" to everything, 0 to 3,600,000 ms. */
        public fun rateLimitPatienceMillis(value: Long): Builder = apply { native.rateLimitPatienceMs = value }

        /** The options. */
        public fun build(): BatchOptions = BatchOptions(native.copy())
    }
}

/**
 * How far a batch is.
 *
 * @property pushed How many requests it took.
 * @property fetched How many of them gave a URL.
 * @property failed How many of them failed, those that were not tried included.
 * @property rateLimitPauses How often the API made the whole batch pause.
 */
public data class BatchProgress(
    public val pushed: Long,
    public val fetched: Long,
    public val failed: Long,
    public val rateLimitPauses: Long
)

/**
 * What became of one request of a batch: a URL or an error.
 *
 * @property request What was asked.
 * @property url The URL, a secret; null when it failed.
 * @property error Why it failed; null when it did not.
 */
@ConsistentCopyVisibility
public data class BatchResult internal constructor(
    public val request: UrlRequest,
    public val url: WebphoneUrl?,
    public val error: WebphoneException?
) {
    /**
     * The URL.
     *
     * @throws WebphoneException The error, when it failed.
     */
    public fun getOrThrow(): WebphoneUrl = url ?: throw checkNotNull(error)
}

/** A batch as a flow, whose input is pulled by a coroutine beside the one that reads results. */
internal fun batchFlow(
    client: FfiClient,
    requests: Flow<UrlRequest>,
    options: BatchOptions,
    onProgress: (BatchProgress) -> Unit
): Flow<BatchResult> = flow {
    val batch = lifting { client.batch(options.native) }
    try {
        coroutineScope {
            val input = Intake(batch, requests)
            launch(Dispatchers.Default) { input.takeAll() }
            var progress: BatchProgress? = null
            do {
                val step = withContext(Dispatchers.Default) { input.step { lifting { batch.nextResults(MANY) } } }
                val now = step.progress.lift()
                if (now != progress) {
                    progress = now
                    onProgress(now)
                }
                input.results(step).forEach { emit(it) }
                if (step.results.isEmpty() && !step.finished) input.awaitNews()
            } while (!step.finished)
        }
    } finally {
        batch.cancel()
        batch.close()
    }
}

/** The same as a flow, which takes them where threads may block. */
internal fun Iterable<UrlRequest>.taken(): Flow<UrlRequest> = flow {
    val requests = runInterruptible { iterator() }
    while (runInterruptible { requests.hasNext() }) emit(runInterruptible { requests.next() })
}.flowOn(Dispatchers.IO)

/** Takes the requests of a flow as the batch wants them, and pairs its results with them. */
private class Intake(private val batch: FfiBatch, private val requests: Flow<UrlRequest>) {
    private val asked = ConcurrentLinkedQueue<UrlRequest>()
    private val room = Channel<Long>(Channel.CONFLATED)
    private val news = Channel<Unit>(Channel.CONFLATED)

    @Volatile
    private var failure: Throwable? = null

    /** Takes them to their end, whatever that is: it is told to the reader. */
    suspend fun takeAll() {
        try {
            coroutineScope {
                val waiting = requests.buffer(CHUNK).flowOn(Dispatchers.Default).produceIn(this)
                var wanted = CHUNK.toLong()
                while (true) {
                    while (wanted <= 0) wanted = room.receive()
                    val chunk = nextChunk(waiting, wanted) ?: break
                    asked.addAll(chunk)
                    wanted = lifting { batch.push(chunk.map(UrlRequest::lower)) }
                    wake()
                }
            }
            batch.finish()
        } catch (error: Throwable) {
            // Nobody reads any more, or else the caller's own code failed: who waits for results looks here then.
            currentCoroutineContext().ensureActive()
            failure = error
            batch.cancel()
        }
        wake()
    }

    /** What is there now, at least one; null at the end. */
    private suspend fun nextChunk(waiting: ReceiveChannel<UrlRequest>, wanted: Long): List<UrlRequest>? {
        val first = waiting.receiveCatching()
        first.exceptionOrNull()?.let { throw it }
        val chunk = mutableListOf(first.getOrNull() ?: return null)
        while (chunk.size < minOf(wanted, CHUNK.toLong())) chunk += waiting.tryReceive().getOrNull() ?: break
        return chunk
    }

    /** A step of the batch, after which there may be room again. */
    inline fun step(next: () -> FfiBatchStep): FfiBatchStep {
        val step = try {
            next()
        } catch (error: WebphoneException.Cancelled) {
            throw failure ?: error
        }
        if (step.wanted > 0) room.trySend(step.wanted)
        return step
    }

    fun results(step: FfiBatchStep): List<BatchResult> = step.results.map { outcome ->
        val request = checkNotNull(asked.poll())
        when (outcome) {
            is FfiFetchOutcome.Fetched -> BatchResult(request, WebphoneUrl(outcome.url), null)
            is FfiFetchOutcome.Failed -> BatchResult(request, null, outcome.error.lift())
        }
    }

    /** Waits until something was pushed, or the input has ended. */
    suspend fun awaitNews() = news.receive()

    fun wake() {
        news.trySend(Unit)
    }
}

/**
 * A running batch, for threads that block: an iterator over its results, which come in the order of the requests, each as
 * soon as it is there. One thread reads at a time; the requests are taken by threads of a shared pool meanwhile.
 *
 * Close it to stop what is under way. Interrupting the reading thread does so too, within 100 ms; a thread that waits for a
 * request is interrupted then.
 */
public class BatchIterator internal constructor(private val batch: FfiBatch, requests: Iterable<UrlRequest>) :
    Iterator<BatchResult>,
    AutoCloseable {
    private val input = Intake(batch, requests.taken())
    private val taking = CoroutineScope(Dispatchers.Default).launch(start = CoroutineStart.LAZY) { input.takeAll() }
    private val ready = ArrayDeque<BatchResult>()
    private var finished = false

    @Volatile
    private var closed = false

    /** How far the batch is. */
    public val progress: BatchProgress get() = lifting { batch.progress().lift() }

    /**
     * Whether there is another result; waits until that is known.
     *
     * @throws InterruptedException The thread was interrupted; the batch is over.
     * @throws WebphoneException.Cancelled The batch was closed.
     */
    @Throws(InterruptedException::class)
    override fun hasNext(): Boolean {
        if (closed && ready.isNotEmpty()) {
            // The reader hears that they are lost.
            ready.clear()
            finished = false
        }
        while (ready.isEmpty() && !finished) read()
        return ready.isNotEmpty()
    }

    /** The next result, as soon as it is there. It fails as [hasNext] does. */
    @Throws(InterruptedException::class)
    override fun next(): BatchResult = if (hasNext()) ready.removeFirst() else throw NoSuchElementException()

    /** Stops what is under way, from any thread; results that were not read are lost. Twice is fine. */
    override fun close() {
        closed = true
        batch.cancel()
        taking.cancel()
        input.wake()
    }

    private fun read() {
        var whole = false
        try {
            taking.start()
            val step = input.step { blocking { step() } }
            ready += input.results(step)
            finished = step.finished
            if (step.results.isEmpty() && !finished) runBlocking { input.awaitNews() }
            whole = true
        } finally {
            if (!whole) close()
        }
    }

    private fun step(): FfiBatchStep = when (val started = batch.startNextResults(MANY, SLICE_MILLIS)) {
        is FfiBatchStarted.Done -> started.value
        is FfiBatchStarted.Pending -> started.operation.use { await(it::waitFor, it::cancel) }
    }
}
