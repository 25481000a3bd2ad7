package dev.webphone

import dev.webphone.ffi.LogLevel as FfiLogLevel
import dev.webphone.ffi.collectLogs
import dev.webphone.ffi.nextLogRecords
import kotlin.time.Instant
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

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

/**
 * The library's log records of this level and graver ones, while they are collected; none are made otherwise. There is one
 * collector at a time.
 *
 * ```
 * scope.launch { logRecords(LogLevel.DEBUG).collect { Log.d(it.target, it.text) } }
 * ```
 *
 * @throws WebphoneException.Busy Somebody else collects them, from the collection.
 */
@JvmSynthetic
public fun logRecords(level: LogLevel): Flow<LogRecord> = flow {
    lifting { collectLogs(level.named<FfiLogLevel>()) }
    try {
        while (true) {
            val batch = lifting { nextLogRecords(MANY) }
            batch.records.forEachIndexed { index, record ->
                val at = Instant.fromEpochMilliseconds(record.unixMs)
                val lost = if (index == 0) batch.lost else 0
                emit(LogRecord(record.level.named(), record.target, record.text, at, lost))
            }
        }
    } finally {
        collectLogs(null)
    }
}

private const val MANY = 256
