// What is behind a Session: the core's, its followers, and the coroutine that posts for it.

@file:JvmSynthetic

package dev.webphone

import dev.webphone.ffi.CommandStarted as FfiCommandStarted
import dev.webphone.ffi.Posted as FfiPosted
import dev.webphone.ffi.Session as FfiSession
import dev.webphone.ffi.WebphoneException as FfiWebphoneException
import dev.webphone.ffi.systemTime
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import java.util.logging.Level
import java.util.logging.Logger
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalForInheritanceCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.future.future
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull

/** Updates that wait for a listener, at most. */
private const val LISTENER_LIMIT = 4096

private const val ONE_SECOND_MILLIS = 1000

internal val log: Logger = Logger.getLogger("dev.webphone")

/**
 * Opens a session over a transport of one's own.
 *
 * What the phone says has to be handed to [Session.receive], and what becomes of its page to [Session.pageReport].
 *
 * @param config How long the session waits, and for what.
 * @param url The URL that the page loads: so the session knows when it expires, whether it makes the phone dial, and whether
 *   the phone can be seen.
 * @param clock A clock that a test moves; null: the system's.
 * @param context Where [post] runs; its `Job`, if any, is left out: what is under way ends with the session.
 * @param post What posts a text to the phone's window. It may use the session, but not wait for a command of it. What it
 *   throws means that the text was not posted, and so does taking longer than the config's post timeout.
 * @throws WebphoneException.Invalid A setting is out of its range.
 */
@JvmSynthetic
public fun Session(
    config: SessionConfig = SessionConfig(),
    url: WebphoneUrl? = null,
    clock: Clock? = null,
    context: CoroutineContext = Dispatchers.Default,
    post: suspend (text: String) -> Unit
): Session = CoreSession.open(config, url, clock).also { it.postBy(context, config, post) }

/** As `Session.open`. */
internal fun openWith(poster: Poster, config: SessionConfig, url: WebphoneUrl?, clock: Clock?): Session =
    Session(config, url, clock, Dispatchers.IO) { text -> poster.post(text) }

/** A [Session] over the core's. */
internal class CoreSession(internal val native: FfiSession, private val now: Now) : Session {
    private val scope = CoroutineScope(SupervisorJob())

    override val state: StateFlow<Snapshot> = LiveState()

    override val history: List<Call> get() = lifting { native.history().map { it.lift(now) } }

    override val blocking: Verbs<Outcome> = object : Verbs<Outcome>() {
        override fun execute(request: Request): Outcome = executeBlocking(request)
    }

    override val async: Verbs<CompletableFuture<Outcome>> = object : Verbs<CompletableFuture<Outcome>>() {
        override fun execute(request: Request): CompletableFuture<Outcome> {
            val execute: suspend CoroutineScope.() -> Outcome = { this@CoreSession.execute(request) }
            return CoroutineScope(Dispatchers.Default).future(block = execute)
        }
    }

    override suspend fun execute(request: Request): Outcome = lifting { native.execute(request.lower()).lift() }

    private fun executeBlocking(request: Request): Outcome = lifting {
        // One that was interrupted already does not begin.
        if (Thread.currentThread().isInterrupted) throw FfiWebphoneException.CommandCancelled(FfiPosted.NO)
        when (val started = native.startExecute(request.lower(), SLICE_MILLIS)) {
            is FfiCommandStarted.Done -> started.value.lift()

            is FfiCommandStarted.Pending -> started.operation.use { operation ->
                try {
                    await(operation::waitFor, operation::cancel).lift()
                } catch (_: InterruptedException) {
                    Thread.currentThread().interrupt()
                    // The core knows how far it was; it may even have ended just before.
                    checkNotNull(operation.waitFor(0)).lift()
                }
            }
        }
    }

    override fun updates(limit: Int): Flow<Update> = flow { follow(follower(limit)) }

    private fun follower(limit: Int) = Follower(lifting { native.updates(limit) })

    /** Emits what is followed until the session's end, and unsubscribes when that is no longer wanted. */
    private suspend fun FlowCollector<Update>.follow(follower: Follower) {
        follower.use {
            while (true) {
                val updates = follower.next() ?: return
                updates.forEach { emit(it.lift(now)) }
            }
        }
    }

    // It may block.
    override fun addListener(listener: UpdateListener): Subscription = listen(listener, Dispatchers.IO)

    override fun addListener(listener: UpdateListener, executor: Executor): Subscription =
        listen(listener, executor.asCoroutineDispatcher())

    private fun listen(listener: UpdateListener, context: CoroutineContext): Subscription {
        // Here and not in the coroutine: from now on.
        val follower = follower(LISTENER_LIMIT)
        val job = scope.launch(context) {
            flow { follow(follower) }.collect { update ->
                try {
                    listener.onUpdate(update)
                } catch (error: Throwable) {
                    log.log(Level.WARNING, "A listener of a session failed", error)
                }
            }
        }
        // Also when it never began, since its executor is gone.
        job.invokeOnCompletion { follower.close() }
        return Subscription { job.cancel() }
    }

    override fun receive(text: String) = Direct.receive(native, text)

    override fun pageReport(report: PageReport) = native.pageReport(report.lower())

    override fun assumeMuted(muted: Boolean) = native.assumeMuted(muted)

    override fun changeUrl(url: WebphoneUrl) = lifting { native.changeUrl(url.native) }

    override fun trace(): String? = lifting { native.trace() }

    override fun close() {
        native.shutDown()
    }

    override fun toString(): String = with(state.value) {
        val page = if (shutDown) "closed" else page.phase.name.lowercase()
        "Session($page${call?.let { ", ${it.phase.name.lowercase()}" }.orEmpty()})"
    }

    /** Starts to post, each text in its time and reported on. */
    internal fun postBy(context: CoroutineContext, config: SessionConfig, post: suspend (String) -> Unit) {
        val patience = config.native.postTimeoutMs.milliseconds
        val place = context.minusKey(Job)
        // Not there: it has to be on time, whatever takes its time there.
        scope.launch(Dispatchers.Default) {
            try {
                while (true) {
                    native.nextTexts(1).forEach {
                        native.posted(it.n, isPosted(it.n, patience) { scope.async(place) { post(it.text) } })
                    }
                }
            } catch (_: FfiWebphoneException.Closed) {
                // Nothing is posted any more, not even what was begun.
                scope.cancel()
            }
        }
    }

    private suspend fun isPosted(n: Long, patience: Duration, begin: () -> Deferred<Unit>): Boolean {
        var posting: Deferred<Unit>? = null
        return try {
            posting = begin()
            // Not waited for longer than that: it may resist.
            val posted = withTimeoutOrNull(patience) { posting.await() } != null
            if (!posted) log.warning("Text $n counts as not posted: the transport took more than $patience")
            posted
        } catch (error: Throwable) {
            // The session's end; any other cancellation is the transport's own.
            currentCoroutineContext().ensureActive()
            // Only its kind: its words may hold the text, and so a telephone number.
            log.warning("Text $n was not posted: the transport threw ${error.javaClass.name}")
            false
        } finally {
            posting?.cancel()
        }
    }

    /** The core's own state, asked for whenever somebody looks, and pulled by whoever collects. */
    @OptIn(ExperimentalForInheritanceCoroutinesApi::class)
    private inner class LiveState : StateFlow<Snapshot> {
        override val value: Snapshot get() = lifting { native.state().lift(now) }

        override val replayCache: List<Snapshot> get() = listOf(value)

        override suspend fun collect(collector: FlowCollector<Snapshot>): Nothing {
            // One waits, and one stands for those that were missed: the newest is what counts.
            follower(1).use { follower ->
                var last = value
                collector.emit(last)
                while (true) {
                    val newest = follower.next()?.last()?.state?.lift(now) ?: break
                    if (newest != last) {
                        last = newest
                        collector.emit(newest)
                    }
                }
            }
            awaitCancellation()
        }
    }

    internal companion object {
        fun open(config: SessionConfig, url: WebphoneUrl?, clock: Clock?): CoreSession = lifting {
            // The watch over the transport reports in any case: the core's own, which takes silence for success, comes later.
            val settings = config.native.copy(postTimeoutMs = config.native.postTimeoutMs + ONE_SECOND_MILLIS)
            val native = FfiSession.open(settings, url?.native, clock?.native)
            CoreSession(native, clock?.let { it::now } ?: { systemTime().lift() })
        }
    }
}
