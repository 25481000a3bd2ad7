package dev.webphone

import java.lang.ref.WeakReference
import java.util.concurrent.atomic.AtomicInteger
import kotlin.random.Random
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield

private const val COROUTINES = 1_000
private const val EVENTS = 100_000
private const val AHEAD = 4_000

/** Much at once, and cancelled at any moment: nothing is lost, nothing is left behind. */
class LoadTest {
    @Test
    fun `a thousand coroutines, cancelled at random`() = soon {
        LiveObjects.settled()
        val objects = LiveObjects.all()
        val random = Random(4000)
        val done = AtomicInteger()
        Simulator().use { simulator ->
            simulator.client(ClientConfig(timeout = 1.minutes)).use { client ->
                // A quarter of the answers is late, so that all states are met.
                val jobs = List(COROUTINES) { number ->
                    if (number % 4 == 0) simulator.addFault(Fault.Delay(random.nextInt(50).milliseconds), times = 1)
                    launch(Dispatchers.Default) {
                        client.fetch(Extension.Number(4000), PhoneType.HIDDEN)
                        done.incrementAndGet()
                    }
                }
                val victims = jobs.shuffled(random).take(COROUTINES / 2)
                for (victim in victims) {
                    victim.cancel()
                    if (random.nextInt(8) == 0) delay(random.nextInt(200).microseconds)
                }
                jobs.joinAll()
                assertTrue(jobs.count { !it.isCancelled } >= COROUTINES / 2)
                assertEquals(jobs.count { !it.isCancelled }, done.get())
                eventually("the end of every request") { simulator.requests(0).inFlight == 0 }
                // Whoever was not cancelled was answered, and the client is as good as new.
                client.fetch(Extension.Number(4001))
            }
        }
        LiveObjects.areAgain(objects)
    }

    @Test
    fun `a thousand commands, cancelled at random`() = soon {
        LiveObjects.settled()
        val objects = LiveObjects.all()
        val random = Random(4001)
        Simulator().use { simulator ->
            Session(simulator.phone(4000)).use { phone ->
                phone.state.first { it.page.phase == PagePhase.READY }
                repeat(COROUTINES / 50) {
                    // No more than a session takes at once.
                    val jobs = List(50) { number ->
                        launch(Dispatchers.Default) {
                            if (number % 2 == 0) phone.joinQueue(number.toLong()) else phone.leaveQueue(number.toLong())
                        }
                    }
                    jobs.filter { random.nextBoolean() }.forEach {
                        it.cancel()
                        if (random.nextInt(8) == 0) delay(random.nextInt(200).microseconds)
                    }
                    jobs.joinAll()
                    // What was posted is in flight until its event came.
                    phone.state.first { state -> state.queues.none { it.member == null } }
                }
                // The phone and its session agree, and it works on.
                assertIs<Outcome.Confirmed>(phone.call("11999990001"))
            }
        }
        LiveObjects.areAgain(objects)
    }

    @Test
    fun `a hundred thousand events through a flow`() = soon {
        LiveObjects.settled()
        val objects = LiveObjects.all()
        val numbers = AtomicInteger()
        Session(clock = Clock()) {}.use { phone ->
            phone.pageReport(PageReport.Loaded)
            phone.receive(CONNECTED)
            val seen = async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) {
                var last: Update? = null
                phone.updates(2 * AHEAD).first { update ->
                    assertTrue(update.cause !is Cause.Overflow, "some were lost")
                    last?.let { assertEquals(it.number + 1, update.number) }
                    last = update
                    val event = (update.cause as? Cause.Event)?.event as? Event.Unknown
                    if (event != null) assertEquals("""{"n":${numbers.getAndIncrement()}}""", event.payload)
                    numbers.get() == EVENTS
                }
            }
            val sent = launch(Dispatchers.Default) {
                repeat(EVENTS) {
                    // As far ahead as the follower was told to allow.
                    while (it - numbers.get() > AHEAD) yield()
                    phone.receive("""{"message":"news","n":$it}""")
                }
            }
            sent.join()
            seen.await()
            assertEquals(EVENTS, numbers.get())
        }
        LiveObjects.areAgain(objects)
    }

    @Test
    fun `what is dropped is freed, in the core too`() = soon {
        Simulator().use { simulator ->
            var phone: Session? = Session(simulator.phone(4000))
            val session = WeakReference(phone)
            assertIs<Outcome.Confirmed>(phone?.call("11999990001"))
            assertEquals(SimulatedPage.OPEN, simulator.phone(4000).state.page)
            // Nobody closed it: only the end of the core's own session closes the phone's page.
            phone = null
            assertEquals(null, phone)
            session.gone("the session")
            eventually("the end of its page") {
                System.gc()
                simulator.phone(4000).state.page == SimulatedPage.CLOSED
            }
            var client: Client? = simulator.client()
            val forgotten = WeakReference(client)
            val url = WeakReference(assertNotNull(client).fetch(Extension.Number(4000)))
            client = null
            assertEquals(null, client)
            forgotten.gone("the client")
            url.gone("the URL")
        }
    }

    @Test
    fun `no thread is left after the close`() = soon {
        // What the process keeps for all: the core's one worker, the pool of coroutines, the cleaner.
        work()
        val before = threads()
        repeat(20) { work() }
        eventually("the end of the threads") { threads().all { (name, count) -> count <= (before[name] ?: 0) } }
    }

    private suspend fun work() = Simulator(SimulatorConfig(tls = true)).use { simulator ->
        simulator.client().use { client ->
            client.fetch(Extension.Number(4000))
            client.fetchManyBlocking(List(10) { UrlRequest(Extension.Number(4000)) }).asSequence().count()
        }
        Session(simulator.phone(4000)).use { phone ->
            phone.addListener {}
            phone.call("11999990001")
        }
    }
}
