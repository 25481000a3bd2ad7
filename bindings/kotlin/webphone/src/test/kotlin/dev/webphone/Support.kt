// What the tests of this package share.

package dev.webphone

import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.ObjectInputStream
import java.io.ObjectOutputStream
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.takeWhile
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull

internal const val CONNECTED = """{"message":"status","status":"conectado"}"""

/** A test that ends: what hangs in it fails. */
internal fun soon(block: suspend CoroutineScope.() -> Unit): Unit = runBlocking { withTimeout(10.minutes, block) }

/** Waits for what nobody announces. */
internal suspend fun eventually(what: String, condition: () -> Boolean): Unit = withTimeoutOrNull(5.minutes) {
    while (!condition()) delay(1.milliseconds)
} ?: error("never came: $what")

/** The causes of the updates that come of something. */
internal suspend fun Session.causesOf(something: suspend () -> Unit): List<Cause> = coroutineScope {
    val end = PageReport.Notice("end", "")
    // It follows from now on: the collection has begun when this returns.
    val causes = async(start = CoroutineStart.UNDISPATCHED) {
        updates.map { it.cause }.takeWhile { it != Cause.Page(end) }.toList()
    }
    something()
    pageReport(end)
    causes.await()
}

/** What comes back of a value that was written as Java does. */
internal fun <T : Any> T.serialized(): T {
    val bytes = ByteArrayOutputStream().also { ObjectOutputStream(it).writeObject(this) }.toByteArray()
    @Suppress("UNCHECKED_CAST")
    return ObjectInputStream(ByteArrayInputStream(bytes)).readObject() as T
}

/** How many threads there are of each name: the JVM's, but for its pool's that come and go, and the core's own. */
internal fun threads(): Map<String, Int> {
    val ofTheJvm = Thread.getAllStackTraces().keys.map { it.name }.filter { !it.startsWith("DefaultDispatcher") }
    // Only the system knows those.
    val ofTheCore = File("/proc/self/task").listFiles().orEmpty().mapNotNull { task ->
        // It may have ended meanwhile.
        runCatching { task.resolve("comm").readText().trim() }.getOrNull()
    }.filter { it.startsWith("webphone") }
    check(ofTheCore.isNotEmpty()) { "the core's worker has another name" }
    return (ofTheJvm + ofTheCore.map { "core: $it" }).groupingBy { it }.eachCount()
}
