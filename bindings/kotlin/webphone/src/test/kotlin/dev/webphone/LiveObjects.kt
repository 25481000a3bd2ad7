package dev.webphone

import dev.webphone.ffi.UniffiCleaner
import dev.webphone.ffi.UniffiLib
import java.lang.ref.WeakReference
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.withTimeoutOrNull

/**
 * Counts the core's objects that this JVM holds, by the name of their type: each handle is registered with the generated
 * code's cleaner when it comes, and cleaned when it is given back.
 */
internal object LiveObjects {
    private val counts = ConcurrentHashMap<String, AtomicInteger>()

    private val cleaner: UniffiCleaner = UniffiLib.CLEANER

    init {
        // The generated code has no place for another cleaner: it takes the place of the one that a `lazy` keeps.
        val delegate = UniffiLib::class.java.getDeclaredField("CLEANER\$delegate").apply { isAccessible = true }[null]
        val field = delegate.javaClass.getDeclaredField("_value").apply { isAccessible = true }
        field[delegate] = Counting(cleaner)
    }

    /** How many there are now. */
    fun count(type: String): Int = counts[type]?.get() ?: 0

    /** All that there are now. */
    fun all(): Map<String, Int> = counts.mapValues { it.value.get() }.filterValues { it != 0 }

    /** Waits until what nobody holds has been given back. */
    suspend fun settled() {
        // The cleaner takes what came last first: what came before has had its turn when nothing changes any more.
        do {
            val before = all()
            repeat(2) { cleaned() }
        } while (all() != before)
    }

    private suspend fun cleaned() {
        val cleaned = CompletableDeferred<Unit>()
        cleaner.register(Any()) { cleaned.complete(Unit) }
        eventually("the collector and the cleaner") {
            System.gc()
            cleaned.isCompleted
        }
    }

    /** Waits until there are as many as then: whoever let go of one last may still be on its way out. */
    suspend fun areAgain(then: Map<String, Int>) {
        withTimeoutOrNull(5.minutes) { while (all() != then) settled() } ?: error("there are ${all()}, and were $then")
    }

    private class Counting(private val real: UniffiCleaner) : UniffiCleaner {
        override fun register(value: Any, cleanUpTask: Runnable): UniffiCleaner.Cleanable {
            val count = counts.computeIfAbsent(value.javaClass.simpleName) { AtomicInteger() }
            count.incrementAndGet()
            return real.register(value) {
                cleanUpTask.run()
                count.decrementAndGet()
            }
        }
    }
}

/** Waits until nobody holds it any more. */
internal suspend fun WeakReference<*>.gone(what: String): Unit = eventually("the end of $what") {
    System.gc()
    get() == null
}
