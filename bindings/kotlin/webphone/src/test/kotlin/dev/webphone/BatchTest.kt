package dev.webphone

import dev.webphone.junit.SimulatorExtension
import java.util.concurrent.Semaphore
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.extension.ExtendWith

private val known = UrlRequest(Extension.Number(4000), PhoneType.HIDDEN)
private val endless = Iterable { generateSequence { known }.iterator() }
private val unknown = UrlRequest(Extension.Number(9999), PhoneType.HIDDEN)

/** Many URLs, as a flow and as an iterator. */
@ExtendWith(SimulatorExtension::class)
class BatchTest {
    @Test
    fun `results come in order, and one failure sinks no other`(simulator: Simulator) = soon {
        simulator.client().use { client ->
            val requests = List(1_000) {
                if (it % 3 ==
                    0
                ) {
                    unknown
                } else {
                    known.copy(extension = Extension.Number(4000 + it % 2))
                }
            }
            val progress = mutableListOf<BatchProgress>()
            val results = client.fetchMany(requests, BatchOptions(concurrency = 64), progress::add).toList()
            assertEquals(requests, results.map { it.request })
            for (result in results) {
                if (result.request == unknown) {
                    assertEquals(ApiReason.NotFound, assertIs<WebphoneException.Refused>(result.error).failure.reason)
                    assertFailsWith<WebphoneException.Refused> { result.getOrThrow() }
                } else {
                    assertEquals(result.url, result.getOrThrow())
                }
            }
            assertEquals(BatchProgress(1_000, 666, 334, 0), progress.last())
            assertEquals(progress.sortedBy { it.fetched + it.failed }, progress)
            assertEquals(
                results.map {
                    it.error?.code
                },
                client.fetchManyBlocking(requests).asSequence().map { it.error?.code }.toList()
            )
        }
    }

    @Test
    fun `requests are taken only as far as results are read`(simulator: Simulator) = soon {
        simulator.client().use { client ->
            val taken = AtomicInteger()
            val endless = flow { while (true) emit(known.also { taken.incrementAndGet() }) }
            val options = BatchOptions(concurrency = 4)
            assertEquals(10, client.fetchMany(endless, options).take(10).toList().size)
            // Some chunks of 64 on their way in, however long the input is.
            assertTrue(taken.get() <= 8 * 64, "took $taken")
            assertTrue(simulator.requests(0).total <= 8 * 64)
            taken.set(0)
            client.fetchManyBlocking(
                generateSequence {
                    known.also { taken.incrementAndGet() }
                }.asIterable(),
                options
            ).use {
                repeat(10) { _ -> assertNotNull(it.next().url) }
                assertTrue(it.progress.fetched >= 10)
            }
            assertTrue(taken.get() <= 8 * 64, "took $taken")
        }
    }

    @Test
    fun `a slow collector holds new requests back`(simulator: Simulator) = soon {
        simulator.client().use { client ->
            val options = BatchOptions(concurrency = 4)
            val slow = CompletableDeferred<Unit>()
            val first = CompletableDeferred<Unit>()
            val reading = launch {
                client.fetchMany(List(1_000) { known }, options).collect {
                    first.complete(Unit)
                    slow.await()
                }
            }
            first.await()
            // What was read with the first one, and then twice the concurrency.
            eventually("a pause") { simulator.requests(0).let { it.inFlight == 0 && it.total >= 2 * 4 } }
            assertTrue(simulator.requests(0).total < 400, "${simulator.requests(0).total} were sent")
            slow.complete(Unit)
            reading.join()
            assertEquals(1_000, simulator.requests(0).total)
        }
    }

    @Test
    fun `a cancelled collection ends its requests`(simulator: Simulator) = soon {
        simulator.addFault(Fault.Delay(1.hours))
        simulator.client(ClientConfig(timeout = 10.minutes)).use { client ->
            val reading = launch { client.fetchMany(List(100) { known }, BatchOptions(concurrency = 8)).collect {} }
            eventually("eight requests") { simulator.requests(0).inFlight == 8 }
            reading.cancel()
            reading.join()
            eventually("their end") { simulator.requests(0).inFlight == 0 }
            assertEquals(8, simulator.requests(0).total)
        }
    }

    @Test
    fun `a collection that is cancelled between two results ends its requests too`(simulator: Simulator) = soon {
        simulator.addFault(Fault.Delay(1.hours), extension = "4001")
        simulator.client(ClientConfig(timeout = 10.minutes)).use { client ->
            val batches = LiveObjects.count("Batch")
            val requests = listOf(known) + List(100) { known.copy(extension = Extension.Number(4001)) }
            val first = CompletableDeferred<Unit>()
            val reading = launch {
                client.fetchMany(requests, BatchOptions(concurrency = 8)).collect {
                    first.complete(Unit)
                    // Nobody waits in the core now.
                    awaitCancellation()
                }
            }
            first.await()
            eventually("requests") { simulator.requests(0).inFlight > 0 }
            reading.cancel()
            reading.join()
            // At once, and not when the collector of garbage finds it.
            assertEquals(batches, LiveObjects.count("Batch"))
            eventually("their end") { simulator.requests(0).inFlight == 0 }
        }
    }

    @Test
    fun `results come while the input still waits`(simulator: Simulator) = soon {
        simulator.client().use { client ->
            val more = CompletableDeferred<Unit>()
            val requests = flow {
                emit(known)
                more.await()
                emit(unknown)
            }
            val results = client.fetchMany(requests).toListAlso { more.complete(Unit) }
            assertEquals(listOf(null, "refused"), results.map { it.error?.code })
        }
    }

    @Test
    fun `results come while a blocking input still waits`(simulator: Simulator) = soon {
        simulator.client().use { client ->
            val seen = Semaphore(1)
            // Each one comes when the result of the one before was seen.
            val requests = Iterable { generateSequence { known.also { seen.acquire() } }.take(3).iterator() }
            withTimeout(1.minutes) {
                runInterruptible(Dispatchers.IO) {
                    client.fetchManyBlocking(requests).forEach { _ -> seen.release() }
                }
                client.fetchMany(requests).collect { seen.release() }
            }
        }
    }

    @Test
    fun `an input that blocks is let go with its batch, and an iterator that nobody has any more leaves nothing`(
        simulator: Simulator
    ) = soon {
        simulator.client().use { client ->
            LiveObjects.settled()
            val before = LiveObjects.count("Batch")
            val ends = Channel<Boolean>(Channel.UNLIMITED)
            val begun = Semaphore(0)
            val blocking = Iterable {
                iterator {
                    yield(known)
                    begun.release()
                    val end = runCatching { Semaphore(0).acquire() }.exceptionOrNull()
                    ends.trySend(end is InterruptedException)
                    yield(known)
                }
            }
            client.fetchManyBlocking(blocking).use {
                assertNotNull(it.next().url)
                runInterruptible(Dispatchers.IO) { begun.acquire() }
            }
            assertTrue(ends.receive())
            repeat(10) { _ -> assertNotNull(client.fetchManyBlocking(endless).next().url) }
            eventually("the end of what nobody has") {
                System.gc()
                LiveObjects.count("Batch") <= before
            }
        }
    }

    @Test
    fun `a batch that is closed by another thread loses what was not read, and says so`(simulator: Simulator) = soon {
        simulator.client().use { client ->
            repeat(100) {
                val iterator = client.fetchManyBlocking(endless, BatchOptions(concurrency = 64))
                iterator.next()
                val closing = thread { iterator.close() }
                assertFailsWith<WebphoneException.Cancelled> { while (true) iterator.next() }
                closing.join()
                assertFailsWith<WebphoneException.Cancelled> { iterator.hasNext() }
            }
        }
    }

    private suspend fun <T> kotlinx.coroutines.flow.Flow<T>.toListAlso(each: (T) -> Unit): List<T> = buildList {
        collect {
            add(it)
            each(it)
        }
    }

    @Test
    fun `what the caller's own code throws is the caller's`(simulator: Simulator) = soon {
        simulator.client().use { client ->
            val failing = flow {
                emit(known)
                error("mine")
            }
            assertEquals("mine", assertFailsWith<IllegalStateException> { client.fetchMany(failing).toList() }.message)
            val thrown =
                assertFailsWith<IllegalStateException> {
                    client.fetchMany(listOf(known)) { error("progress") }.toList()
                }
            assertEquals("progress", thrown.message)
            assertFailsWith<IllegalStateException> {
                client.fetchMany(List(200) { known }).collect { error("collector") }
            }
            for (error in listOf(IllegalStateException("mine"), NotImplementedError(), CancellationException("mine"))) {
                val requests = Iterable {
                    iterator {
                        yield(known)
                        throw error
                    }
                }
                val iterator = client.fetchManyBlocking(requests)
                // Coroutines may copy it, for its stack.
                val read = runCatching { while (iterator.hasNext()) iterator.next() }.exceptionOrNull()
                assertEquals<Class<*>?>(error.javaClass, read?.javaClass)
                assertEquals(error.message, read?.message)
                val thrown = runCatching { client.fetchMany(requests).toList() }.exceptionOrNull()
                assertEquals<Class<*>?>(error.javaClass, thrown?.javaClass)
            }
            // The client goes on.
            assertNotNull(client.fetchMany(listOf(known)).first().url)
        }
    }

    @Test
    fun `nothing in, nothing out`(simulator: Simulator) = soon {
        simulator.client().use { client ->
            assertEquals(emptyList(), client.fetchMany(emptyFlow()).toList())
            val iterator = client.fetchManyBlocking(emptyList())
            assertEquals(false, iterator.hasNext())
            assertFailsWith<NoSuchElementException> { iterator.next() }
        }
        assertEquals(0, simulator.requests().total)
    }

    @Test
    fun `a wrong option is named when the batch begins`(simulator: Simulator) = soon {
        simulator.client().use { client ->
            val wrong = mapOf(
                "concurrency" to BatchOptions(concurrency = 0),
                "rate" to BatchOptions(rate = 0.0),
                "rate_limit_patience_ms" to BatchOptions(rateLimitPatience = (-1).minutes)
            )
            for ((field, options) in wrong) {
                val flow = client.fetchMany(listOf(known), options)
                assertEquals(field, assertFailsWith<WebphoneException.Invalid> { flow.toList() }.field)
                assertEquals(
                    field,
                    assertFailsWith<WebphoneException.Invalid> {
                        client.fetchManyBlocking(listOf(known), options)
                    }.field
                )
            }
        }
    }

    @Test
    fun `a refused token ends a batch early`(simulator: Simulator) = soon {
        Client("wrong", ClientConfig(BaseUrl.Other(simulator.apiUrl))).use { client ->
            val results = client.fetchMany(List(200) { known }, BatchOptions(concurrency = 1)).toList()
            assertIs<WebphoneException.Unauthorized>(results.first().error)
            assertIs<WebphoneException.NotTried>(results.last().error)
            assertTrue(simulator.requests(0).total < 10)
        }
    }

    @Test
    fun `a reader that is interrupted, or whose batch is closed, stops what is under way`(simulator: Simulator) = soon {
        simulator.addFault(Fault.Delay(1.hours))
        simulator.client(ClientConfig(timeout = 10.minutes)).use { client ->
            for (stop in listOf<
                (
                    Thread,
                    BatchIterator
                ) -> Unit
                >({ thread, _ -> thread.interrupt() }, { _, it -> it.close() })) {
                val iterator = client.fetchManyBlocking(List(10) { known }, BatchOptions(concurrency = 2))
                val ended = CompletableDeferred<Throwable?>()
                val reading = thread { ended.complete(runCatching { iterator.hasNext() }.exceptionOrNull()) }
                eventually("two requests") { simulator.requests(0).inFlight == 2 }
                stop(reading, iterator)
                val error = ended.await()
                assertTrue(error is InterruptedException || error is WebphoneException.Cancelled, "$error")
                eventually("their end") { simulator.requests(0).inFlight == 0 }
                assertFailsWith<WebphoneException.Cancelled> { iterator.next() }
            }
        }
    }
}
