package dev.webphone

import dev.webphone.junit.SimulatorExtension
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executors
import java.util.concurrent.RejectedExecutionException
import java.util.logging.Handler
import java.util.logging.LogRecord
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.launchIn
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.takeWhile
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import org.junit.jupiter.api.extension.ExtendWith

private fun Session.notice(number: Int) = pageReport(PageReport.Notice("n", "$number"))

private val Update.notice get() = ((cause as? Cause.Page)?.report as? PageReport.Notice)?.detail?.toInt()

/** What a session tells: to flows, to the state's collectors, to listeners; slow ones, throwing ones, cancelled ones. */
@ExtendWith(SimulatorExtension::class)
class UpdatesTest {
    @Test
    fun `every change comes in order, with the state after it`(simulator: Simulator) = soon {
        Session(simulator.phone(4000)).use { phone ->
            val following = async(start = CoroutineStart.UNDISPATCHED) {
                phone.updates.takeWhile { it.cause !is Cause.CallEnded }.toList()
            }
            phone.call("11999990001")
            phone.hangUp()
            val updates = following.await()
            assertEquals(updates.indices.map { updates.first().number + it }, updates.map { it.number })
            assertTrue(updates.any { it.cause == Cause.Event(Event.Status(CallStatus.Talking), false) })
            assertEquals(
                CallPhase.TALKING,
                updates.first {
                    it.cause is Cause.Event &&
                        it.state.call?.phase == CallPhase.TALKING
                }.state.call?.phase
            )
            assertTrue(updates.any { it.cause is Cause.Posting } && updates.any { it.cause is Cause.Settled })
            // They can be kept and sent, as all that a session tells.
            assertContentEquals(updates, ArrayList(updates).serialized())
        }
    }

    @Test
    fun `the state's collector sees the newest picture, and the end`(simulator: Simulator) = soon {
        val phone = Session(simulator.phone(4000))
        val seen = CopyOnWriteArrayList<Snapshot>()
        val collecting = phone.state.onEach(seen::add).launchIn(this)
        phone.state.first { it.page.phase == PagePhase.READY }
        phone.call("11999990001")
        phone.state.first { it.call?.phase == CallPhase.TALKING }
        phone.close()
        phone.state.first { it.shutDown }
        eventually("the end in the state") { seen.lastOrNull()?.shutDown == true }
        // A state flow never completes, and repeats nothing.
        assertTrue(collecting.isActive)
        assertTrue(seen.zipWithNext().all { (a, b) -> a != b })
        collecting.cancel()
    }

    @Test
    fun `who no longer listens is forgotten`() = soon {
        Session {}.use { phone ->
            val before = LiveObjects.count("Updates")
            val followers = List(10) { launch(start = CoroutineStart.UNDISPATCHED) { phone.updates.collect {} } }
            val states = List(10) { launch(start = CoroutineStart.UNDISPATCHED) { phone.state.collect {} } }
            val listeners = List(10) { phone.addListener {} }
            eventually("thirty followers") { LiveObjects.count("Updates") == before + 30 }
            followers.forEach { it.cancel() }
            states.forEach { it.cancel() }
            listeners.forEach { it.close() }
            (followers + states).forEach { it.join() }
            eventually("no followers") { LiveObjects.count("Updates") == before }
            // One that takes what it needs.
            val taken = async(start = CoroutineStart.UNDISPATCHED) { phone.updates.take(2).toList() }
            repeat(3) { phone.notice(it) }
            assertEquals(listOf<Int?>(0, 1), taken.await().map { it.notice })
            assertEquals(before, LiveObjects.count("Updates"))
        }
    }

    @Test
    fun `a collector that throws kills nothing else`() = soon {
        Session {}.use { phone ->
            val before = LiveObjects.count("Updates")
            val other = async(start = CoroutineStart.UNDISPATCHED) { phone.updates.take(5).toList() }
            supervisorScope {
                val throwing = async(start = CoroutineStart.UNDISPATCHED) { phone.updates.collect { error("mine") } }
                val inState = async(start = CoroutineStart.UNDISPATCHED) {
                    phone.state.collect {
                        if (it.brokenEvents ==
                            0L
                        ) {
                            error("mine")
                        }
                    }
                }
                repeat(5) { phone.notice(it) }
                assertEquals("mine", assertFailsWith<IllegalStateException> { throwing.await() }.message)
                assertEquals("mine", assertFailsWith<IllegalStateException> { inState.await() }.message)
            }
            assertEquals((0..4).toList<Int?>(), other.await().map { it.notice })
            assertEquals(before, LiveObjects.count("Updates"))
        }
    }

    @Test
    fun `a slow collector never blocks the phone, and is told what it missed`(simulator: Simulator) = soon {
        Session(simulator.phone(4000)).use { phone ->
            val hold = CompletableDeferred<Unit>()
            val begun = CompletableDeferred<Unit>()
            val slow = async(start = CoroutineStart.UNDISPATCHED) {
                val seen = mutableListOf<Update>()
                phone.updates(4).onEach {
                    seen += it
                    begun.complete(Unit)
                    hold.await()
                }.first { it.notice == 99 }
                seen
            }
            phone.notice(0)
            begun.await()
            // It stands, and the phone works on.
            assertIs<Outcome.Confirmed>(phone.call("11999990001"))
            repeat(100) { phone.notice(it) }
            assertIs<Outcome.Confirmed>(phone.hangUp())
            repeat(100) { phone.notice(it) }
            hold.complete(Unit)
            val seen = slow.await()
            val lost = seen.mapNotNull { it.cause as? Cause.Overflow }.sumOf { it.lost }
            assertTrue(lost > 100, "$lost were lost")
            // Each is there or counted.
            val told = seen.filter { it.cause !is Cause.Overflow }
            assertEquals(told.last().number - told.first().number + 1, told.size + lost)
        }
    }

    @Test
    fun `listeners hear in order, on their executor, until they are closed`() = soon {
        val executor = Executors.newSingleThreadExecutor { Thread(it, "listener") }
        val heard = CopyOnWriteArrayList<Pair<String, Int?>>()
        Session {}.use { phone ->
            val listener = UpdateListener { heard += Thread.currentThread().name to it.notice }
            val registration = phone.addListener(listener, executor)
            val second = CopyOnWriteArrayList<Int?>()
            phone.addListener { second += it.notice }
            repeat(100) { phone.notice(it) }
            eventually("a hundred updates") { heard.size == 100 && second.size == 100 }
            assertEquals(
                (0..99).map { "listener" to it as Int? },
                heard.map {
                    it.first.substringBefore(' ') to
                        it.second
                }
            )
            assertEquals((0..99).toList<Int?>(), second)
            registration.close()
            registration.close()
            phone.notice(100)
            eventually("the other one's update") { second.size == 101 }
            assertEquals(100, heard.size)
        }
        executor.shutdown()
    }

    @Test
    fun `a listener that throws is logged and hears the next`() = soon {
        logging { logged ->
            Session {}.use { phone ->
                val heard = CopyOnWriteArrayList<Int?>()
                phone.addListener {
                    heard += it.notice
                    // An error of the language too.
                    if (heard.size == 1) TODO("mine") else error("mine")
                }
                // One whose executor takes nothing changes nothing either.
                val before = LiveObjects.count("Updates")
                phone.addListener({}, { throw RejectedExecutionException() })
                eventually("the end of that one") { LiveObjects.count("Updates") == before }
                repeat(3) { phone.notice(it) }
                eventually("three updates") { heard.size == 3 }
                // Before the session's end, which is an update too.
                eventually("three records") { logged.size == 3 }
            }
            assertTrue(logged.all { "mine" in it.thrown.message.orEmpty() })
        }
    }

    @Test
    fun `so is one of log records`(simulator: Simulator) = soon {
        logging { logged ->
            val heard = CopyOnWriteArrayList<String>()
            val listener = LogListener {
                heard += it.target
                if (heard.size == 1) TODO("mine") else error("mine")
            }
            val client = simulator.client()
            addLogListener(LogLevel.DEBUG, listener).use {
                repeat(2) { assertFailsWith<WebphoneException.Refused> { client.fetch(Extension.Number(9999)) } }
                eventually("two records") { heard.size >= 2 && logged.size >= 2 }
                // One who comes too early ends nothing.
                assertFailsWith<WebphoneException.Busy> { logRecords(LogLevel.ERROR).first() }
                val before = heard.size
                assertFailsWith<WebphoneException.Refused> { client.fetch(Extension.Number(9999)) }
                eventually("another record") { heard.size > before }
            }
            client.close()
        }
    }

    /** Keeps what is logged by the JVM's own means, and shows it to nobody else. */
    private suspend fun logging(test: suspend (List<LogRecord>) -> Unit) {
        val logged = CopyOnWriteArrayList<LogRecord>()
        val handler = object : Handler() {
            override fun publish(record: LogRecord) {
                logged += record
            }
            override fun flush() = Unit
            override fun close() = Unit
        }
        log.addHandler(handler)
        log.useParentHandlers = false
        try {
            test(logged)
        } finally {
            log.removeHandler(handler)
            log.useParentHandlers = true
        }
    }

    @Test
    fun `the limit of a follower is checked`() = soon {
        Session {}.use { phone ->
            for (limit in listOf(0, -1, Int.MAX_VALUE)) {
                assertFailsWith<WebphoneException.Invalid> { phone.updates(limit).first() }
            }
        }
    }
}
