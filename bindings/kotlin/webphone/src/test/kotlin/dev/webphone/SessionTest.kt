package dev.webphone

import dev.webphone.junit.SimulatorExtension
import dev.webphone.junit.VirtualTime
import java.io.IOException
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import kotlin.concurrent.thread
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.extension.ExtendWith

/** A phone in a page: its verbs, over a simulated phone and over a transport of one's own. */
@ExtendWith(SimulatorExtension::class)
class SessionTest {
    @Test
    fun `a call is made, and the state is never behind`(simulator: Simulator) = soon {
        Session(simulator.phone(4000)).use { phone ->
            val outcome = assertIs<Outcome.Confirmed>(phone.call("11 99999-0001"))
            assertEquals(phone.state.value.call?.callId, outcome.callId)
            assertEquals("11999990001", phone.state.value.call?.number?.digits)
            assertContains("$phone", "ready")
            assertIs<Outcome.Confirmed>(phone.blocking.hangUp())
            assertNull(phone.state.value.call)
            assertEquals(EndReason.ENDED, phone.history.single().end?.reason)
        }
    }

    @Test
    fun `each verb reaches the phone, in each of the three ways`(simulator: Simulator) = soon {
        val simulated = simulator.phone(4000)
        val config = SessionConfig(visiblePhone = false, dtmfPace = 1.milliseconds)
        simulated.setWording(namesQueues = true)
        Session(simulated, config).use { phone ->
            suspend fun inACall(number: String = "11999990001") {
                assertIs<Outcome.Confirmed>(phone.call(PhoneNumber(number)))
                eventually("the talk") { phone.state.value.call?.phase == CallPhase.TALKING }
            }
            assertEquals(Outcome.Confirmed("desconectado", null), phone.disconnect())
            assertEquals(Outcome.Confirmed("conectado", null), phone.connect())
            inACall()
            assertEquals(Outcome.Sent(3), phone.sendDtmf("12#"))
            assertEquals(Outcome.Sent(1), phone.blocking.sendDtmf("9"))
            assertEquals("12#9", simulated.state.dtmf)
            assertEquals(Outcome.Unchanged, phone.setMuted(false))
            assertEquals(Outcome.Sent(null), phone.setMuted(true))
            assertEquals(Outcome.Unchanged, phone.async.setMuted(true).get())
            assertTrue(simulated.state.muted)
            assertEquals(Mute.ASSUMED_MUTED, phone.state.value.mute)
            assertEquals(Outcome.Sent(null), phone.toggleMute())
            assertEquals(Outcome.Sent(null), phone.startRecording())
            assertTrue(simulated.state.recording)
            assertEquals(Outcome.Sent(null), phone.stopRecording())
            assertEquals(Outcome.Sent(null), phone.consultTransfer("11999990001"))
            eventually("the third party") { phone.state.value.call?.consultation?.phase == CallPhase.TALKING }
            assertIs<Outcome.Confirmed>(phone.async.hangUp().get())
            inACall()
            assertEquals(Outcome.Sent(null), phone.blindTransfer("4001"))
            eventually("the end of the call") { phone.state.value.call == null }
            assertIs<Outcome.Confirmed>(phone.joinQueue(47))
            assertIs<Outcome.Confirmed>(phone.blocking.pauseInQueue("47"))
            assertEquals(listOf(SimulatedQueue("47", true)), simulated.state.queues)
            assertIs<Outcome.Confirmed>(phone.resumeInQueue())
            assertIs<Outcome.Confirmed>(phone.async.pauseInQueue().get())
            assertIs<Outcome.Confirmed>(phone.resumeInQueue(47))
            assertIs<Outcome.Confirmed>(phone.leaveQueue("47"))
            val id = simulated.incoming("(79) 91234-5678")
            eventually("the ringing") { phone.state.value.ringing != null }
            assertEquals("79912345678", phone.state.value.ringing?.number?.digits)
            assertEquals(Outcome.Confirmed("conversando", id), phone.answer())
            assertEquals(id, phone.state.value.call?.callId)
            phone.assumeMuted(true)
            assertEquals(Mute.ASSUMED_MUTED, phone.state.value.mute)
        }
    }

    @Test
    fun `an hour passes in no time`(@VirtualTime simulator: Simulator) = soon {
        Session(simulator.phone(4000)).use { phone ->
            simulator.advance(5.seconds)
            assertIs<Outcome.Confirmed>(phone.call("11999990000"))
            simulator.advance(2.seconds)
            simulator.advance(1.hours)
            val call = assertNotNull(phone.state.value.call)
            assertTrue(assertNotNull(call.talkTime) >= 1.hours, "$call")
            assertTrue(call.elapsed() >= 1.hours && call.elapsedMillis() >= 3_600_000, "$call")
            // It runs on.
            val before = call.elapsed()
            simulator.advance(1.minutes)
            assertEquals(before + 1.minutes, call.elapsed())
        }
    }

    @Test
    fun `a transport of one's own carries texts, and may fail`() = soon {
        val texts = Channel<String>(Channel.UNLIMITED)
        var broken = false
        val phone = Session(clock = Clock()) { text -> if (broken) throw IOException("no way") else texts.send(text) }
        phone.use {
            phone.pageReport(PageReport.Loaded)
            phone.receive(CONNECTED)
            val calling = async { phone.call("4001") }
            assertEquals("""{"message":"chamaNumero","numero":"4001"}""", texts.receive())
            phone.receive("""{"message":"chamada_id","chamada_id":7}""")
            assertEquals(Outcome.Confirmed("chamada_id", "7"), calling.await())
            broken = true
            val lost = assertFailsWith<WebphoneException.PageLost> { phone.hangUp() }
            assertEquals(Posted.NO, lost.posted)
            // It goes on.
            broken = false
            val hangingUp = async { phone.hangUp() }
            assertEquals("""{"message":"hangup"}""", texts.receive())
            phone.receive("""{"message":"status","status":"encerrada"}""")
            assertEquals(Outcome.Confirmed("encerrada", "7"), hangingUp.await())
        }
    }

    @Test
    fun `a transport that takes too long has not posted`() = soon {
        val config = SessionConfig(postTimeout = 50.milliseconds)
        Session(config) { awaitCancellation() }.use { phone ->
            phone.pageReport(PageReport.Loaded)
            phone.receive(CONNECTED)
            assertEquals(Posted.NO, assertFailsWith<WebphoneException.PageLost> { phone.call("4001") }.posted)
        }
        // Also one that can't be interrupted.
        val hold = CompletableDeferred<Unit>()
        val stubborn = Poster { while (!hold.isCompleted) Thread.onSpinWait() }
        Session.open(stubborn, config).use { phone ->
            phone.pageReport(PageReport.Loaded)
            phone.receive(CONNECTED)
            assertEquals(Posted.NO, assertFailsWith<WebphoneException.PageLost> { phone.call("4001") }.posted)
            hold.complete(Unit)
        }
    }

    @Test
    fun `a command that is cancelled before it is posted never is`() = soon {
        val texts = Channel<String>(Channel.UNLIMITED)
        Session(SessionConfig(record = RecordNumbers.PLAIN), clock = Clock(), post = texts::send).use { phone ->
            val calling = launch(start = CoroutineStart.UNDISPATCHED) { phone.call("4001") }
            val future = phone.async.call("4002")
            val ended = CompletableDeferred<Throwable?>()
            val blocked = thread { ended.complete(runCatching { phone.blocking.call("4003") }.exceptionOrNull()) }
            eventually("the other two") { listOf("4002", "4003").all { it in phone.trace().orEmpty() } }
            calling.cancel()
            calling.join()
            assertTrue(future.cancel(true))
            blocked.interrupt()
            // A future ends before its command does.
            eventually("the end of all three") { phone.trace().orEmpty().split("\"cancel\"").size == 1 + 3 }
            assertEquals(Posted.NO, assertIs<WebphoneException.CommandCancelled>(ended.await()).posted)
            phone.pageReport(PageReport.Loaded)
            phone.receive(CONNECTED)
            // The only one that is left.
            val last = async { phone.call("4004") }
            assertContains(texts.receive(), "4004")
            phone.receive("""{"message":"chamada_id","chamada_id":1}""")
            assertIs<Outcome.Confirmed>(last.await())
        }
        assertTrue(texts.tryReceive().isFailure)
    }

    @Test
    fun `a thread that was interrupted stays so`(simulator: Simulator) = soon {
        Session(simulator.phone(4000)).use { phone ->
            withContext(Dispatchers.IO) {
                Thread.currentThread().interrupt()
                // As every blocking call of the JVM.
                val error =
                    assertFailsWith<WebphoneException.CommandCancelled> { phone.blocking.call("11999990003") }
                assertEquals(Posted.NO, error.posted)
                assertTrue(Thread.interrupted())
            }
        }
    }

    @Test
    fun `one that is interrupted later is told whether its command was posted`() = soon {
        val begun = Channel<String>(Channel.UNLIMITED)
        val hold = CompletableDeferred<Unit>()
        val post: suspend (String) -> Unit = { text ->
            begun.send(text)
            if ("held" in text) hold.await()
        }
        Session(SessionConfig(postTimeout = 1.hours), clock = Clock(), post = post).use { phone ->
            phone.pageReport(PageReport.Loaded)
            phone.receive(CONNECTED)
            val ends = Channel<Posted>(Channel.UNLIMITED)
            suspend fun joining(queue: String): Thread = thread {
                val error = assertFailsWith<WebphoneException.CommandCancelled> { phone.blocking.joinQueue(queue) }
                assertTrue(Thread.currentThread().isInterrupted)
                ends.trySend(error.posted)
            }.also { assertContains(begun.receive(), queue) }
            val posted = joining("one")
            val held = joining("held")
            // The first was reported before the second was handed out.
            posted.interrupt()
            assertEquals(Posted.YES, ends.receive())
            held.interrupt()
            assertEquals(Posted.UNKNOWN, ends.receive())
            hold.complete(Unit)
        }
    }

    @Test
    fun `texts are posted where the context says, and the session outlives its job`() = soon {
        val executor = Executors.newSingleThreadExecutor { Thread(it, "poster") }
        val over = Job().apply { cancel() }
        val thread = CompletableDeferred<String>()
        Session(context = executor.asCoroutineDispatcher() + over) {
            thread.complete(Thread.currentThread().name)
        }.use { phone ->
            phone.pageReport(PageReport.Loaded)
            phone.receive(CONNECTED)
            assertEquals(Outcome.Sent(null), phone.hangUp())
            assertEquals("poster", thread.await().substringBefore(' '))
        }
        executor.shutdown()
    }

    @Test
    fun `posters that block hold up nothing else`(simulator: Simulator) = soon {
        val blocked = CountDownLatch(1)
        // As many as there are threads for what does not block.
        val begun = CountDownLatch(maxOf(2, Runtime.getRuntime().availableProcessors()))
        val phones = List(begun.count.toInt()) {
            Session.open({
                begun.countDown()
                blocked.await()
            })
        }
        try {
            for (phone in phones) {
                phone.pageReport(PageReport.Loaded)
                phone.async.hangUp()
            }
            withContext(Dispatchers.IO) { begun.await() }
            withTimeout(1.minutes) { simulator.client().use { it.fetch(Extension.Number(4000)) } }
        } finally {
            blocked.countDown()
            phones.forEach { it.close() }
        }
    }

    @Test
    fun `whatever a transport throws, its text was not posted, and it goes on`() = soon {
        val thrown = listOf(
            IOException("mine"),
            CancellationException("mine"),
            NotImplementedError(),
            AssertionError("mine"),
            NoClassDefFoundError("mine")
        )
        val left = ConcurrentLinkedQueue<Throwable>(thrown)
        Session(clock = Clock()) { left.poll()?.let { throw it } }.use { phone ->
            phone.pageReport(PageReport.Loaded)
            phone.receive(CONNECTED)
            for (error in thrown) {
                val lost = withTimeout(1.minutes) { assertFailsWith<WebphoneException.PageLost> { phone.hangUp() } }
                assertEquals(Posted.NO, lost.posted, "$error")
            }
            assertEquals(Outcome.Sent(null), phone.hangUp())
        }
    }

    @Test
    fun `closing ends every waiter, and state and history stay`(simulator: Simulator) = soon {
        val phone = Session(simulator.phone(4000))
        phone.call("11999990001")
        phone.hangUp()
        val config = SessionConfig(readyTimeout = 1.hours)
        val silent = Session(config) {}
        val waiting =
            async(start = CoroutineStart.UNDISPATCHED) { runCatching { silent.call("4001") }.exceptionOrNull() }
        val future = silent.async.joinQueue("1")
        val updates =
            async(start = CoroutineStart.UNDISPATCHED) { buildList { phone.updates.collect { add(it.cause) } } }
        silent.close()
        assertEquals(Posted.NO, assertIs<WebphoneException.SessionClosed>(waiting.await()).posted)
        assertIs<WebphoneException.SessionClosed>(runCatching { future.get() }.exceptionOrNull()?.cause)
        phone.close()
        phone.close()
        assertEquals(Cause.ShutDown, updates.await().last())
        assertTrue(phone.state.value.shutDown)
        assertEquals("Session(closed)", "$phone")
        assertFailsWith<WebphoneException.SessionClosed> { phone.call("4001") }
        assertEquals(1, phone.history.size)
        // What still comes changes nothing.
        phone.receive(CONNECTED)
        phone.pageReport(PageReport.Loaded)
        assertFailsWith<WebphoneException.Closed> {
            phone.changeUrl(WebphoneUrl.parse("https://host.example/w3/?key=k"))
        }
    }

    @Test
    fun `what was recorded is lived again`(@VirtualTime simulator: Simulator) = soon {
        assertNull(Session {}.use { it.trace() })
        Session(simulator.phone(4000), SessionConfig(record = RecordNumbers.MASKED)).use { phone ->
            simulator.advance(5.seconds)
            assertIs<Outcome.Confirmed>(phone.call("11999990001"))
            val trace = assertNotNull(phone.trace())
            assertTrue("11999990001" !in trace)
            val steps = replay(trace)
            assertTrue(steps.size > 3)
            assertTrue(steps.all { it.differs.isEmpty() })
            assertEquals(phone.state.value.line, steps.last().state.line)
            assertEquals("trace", assertFailsWith<WebphoneException.Invalid> { replay("{}") }.field)
        }
    }

    @Test
    fun `a phone has one session, and a closed one makes room`(simulator: Simulator) = soon {
        val simulated = simulator.phone(4000)
        Session(simulated).use {
            assertEquals("session", assertFailsWith<WebphoneException.Invalid> { Session(simulated) }.field)
            assertFailsWith<WebphoneException.Busy> { simulated.nextMessages() }
        }
        eventually("the end of its page") { simulated.state.page == SimulatedPage.CLOSED }
        Session(simulated).use { assertIs<Outcome.Confirmed>(it.call("11999990001")) }
    }

    @Test
    fun `half a character in what a page says harms nothing`() = soon {
        Session(clock = Clock()) {}.use { phone ->
            val causes = phone.causesOf { phone.receive("{\"message\":\"news\",\"text\":\"\ud83d\"}") }
            assertEquals(Cause.Event(Event.Unknown("news", """{"text":"?"}"""), false), causes.single())
            val reported = phone.causesOf { phone.pageReport(PageReport.Failed("\ud83d")) }
            assertEquals(Cause.Page(PageReport.Failed("?")), reported.single())
        }
    }

    @Test
    fun `the builder makes what the constructor does, and each setting is checked`() {
        val times = SessionConfig.Builder::class.java.methods.filter { it.name.endsWith("Millis") }
        val builder = SessionConfig.Builder()
        times.sortedBy { it.name }.forEachIndexed { at, method -> method.invoke(builder, 1000L + at) }
        val built = builder.historyLimit(3).visiblePhone(true).record(RecordNumbers.PLAIN).build().native
        val set = built.javaClass.methods.filter { it.name.startsWith("get") && it.name.endsWith("Ms") }
        assertEquals(times.size, set.size)
        // Each method sets a field of its own.
        assertEquals(
            times.indices.map {
                1000L + it
            },
            set.sortedBy { it.name.removePrefix("get") }.map { it.invoke(built) }
        )
        assertEquals(SessionConfig(), SessionConfig.Builder().build())
        assertEquals(
            "post_timeout_ms",
            assertFailsWith<WebphoneException.Invalid> {
                Session(SessionConfig(postTimeout = (-2).seconds)) {}
            }.field
        )
    }
}
