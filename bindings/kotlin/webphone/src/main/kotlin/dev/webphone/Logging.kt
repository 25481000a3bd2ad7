// What the library does, told to whoever asks.

@file:JvmName("Logging")

package dev.webphone

import dev.webphone.ffi.LogLevel as FfiLogLevel
import dev.webphone.ffi.WebphoneException as FfiWebphoneException
import dev.webphone.ffi.collectLogs
import dev.webphone.ffi.nextLogRecords
import java.util.concurrent.atomic.AtomicReference
import java.util.logging.Level
import kotlin.time.Instant
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield

/** How grave a log record is. */
public enum class LogLevel {
    /** Something failed that will not mend itself. */
    ERROR,

    /** Something is not as it should be. */
    WARN,

    /** Something that an operator wants to know. */
    INFO,

    /** Something that a developer wants to know. */
    DEBUG,

    /** Every step. */
    TRACE
}

/**
 * One thing that the library did. It never holds a token, a key or a signature.
 *
 * @property level How grave it is.
 * @property target Which part speaks: `webphone::api`.
 * @property text What happened, in English.
 * @property at When.
 * @property lost How many records before this one were dropped, because nobody pulled in time.
 */
public data class LogRecord(
    public val level: LogLevel,
    public val target: String,
    public val text: String,
    public val at: Instant,
    public val lost: Long
)

/** What hears the library's log records. */
public fun interface LogListener {
    /** The library did something. */
    public fun onRecord(record: LogRecord)
}

/**
 * The library's log records of this level and graver ones, while they are collected; none are made otherwise. There is one
 * collector at a time. For Java there is [addLogListener].
 *
 * ```
 * scope.launch { logRecords(LogLevel.DEBUG).collect { Log.d(it.target, it.text) } }
 * ```
 *
 * @throws WebphoneException.Busy Somebody else collects them, from the collection.
 */
@JvmSynthetic
public fun logRecords(level: LogLevel): Flow<LogRecord> = flow { LogTurn.take().collecting(level) { tell() } }

/**
 * Tells a listener the library's log records of this level and graver ones from now on, in order, on a thread of a shared
 * pool; none are made otherwise. Right after another one was closed it begins when that one has let go. What it throws is
 * logged by the JVM's own means and changes nothing.
 *
 * @return What ends that when it is closed.
 * @throws WebphoneException.Busy Somebody else collects them.
 */
@OptIn(ExperimentalCoroutinesApi::class)
public fun addLogListener(level: LogLevel, listener: LogListener): Subscription {
    val turn = LogTurn.take()
    // Begun here, so that no record from now on is missed, and its turn ends in any case.
    val listening = CoroutineScope(Dispatchers.IO).async(start = CoroutineStart.UNDISPATCHED) {
        turn.collecting(level) {
            yield()
            flow { tell() }.collect { record ->
                try {
                    listener.onRecord(record)
                } catch (error: Throwable) {
                    log.log(Level.WARNING, "A listener of log records failed", error)
                }
            }
        }
    }
    if (listening.isCompleted) listening.getCompletionExceptionOrNull()?.let { throw it }
    return Subscription {
        turn.isOver = true
        listening.cancel()
    }
}

/** The turn of the one who collects. The next one may come when it is over, and waits until it has ended. */
private class LogTurn(private val before: Job?) {
    private val end = Job()

    @Volatile
    var isOver = false

    suspend fun collecting(level: LogLevel, work: suspend () -> Unit) {
        try {
            withContext(NonCancellable) { before?.join() }
            lifting { collectLogs(level.named<FfiLogLevel>()) }
            try {
                work()
            } finally {
                collectLogs(null)
            }
        } finally {
            isOver = true
            end.complete()
        }
    }

    companion object {
        private val latest = AtomicReference<LogTurn?>()

        fun take(): LogTurn {
            val before = latest.get()
            val turn = LogTurn(before?.end)
            val free = before == null || before.isOver
            if (!free || !latest.compareAndSet(before, turn)) lifting { throw FfiWebphoneException.Busy() }
            return turn
        }
    }
}

private suspend fun FlowCollector<LogRecord>.tell() {
    while (true) {
        val batch = lifting { nextLogRecords(MANY) }
        batch.records.forEachIndexed { index, record ->
            val at = Instant.fromEpochMilliseconds(record.unixMs)
            val lost = if (index == 0) batch.lost else 0
            emit(LogRecord(record.level.named(), record.target, record.text, at, lost))
        }
    }
}

private const val MANY = 256
