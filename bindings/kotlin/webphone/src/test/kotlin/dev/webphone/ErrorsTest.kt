package dev.webphone

import dev.webphone.ffi.InternalException
import dev.webphone.vectors.snakeCase
import kotlin.reflect.KClass
import kotlin.reflect.KProperty1
import kotlin.reflect.full.memberProperties
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertSame
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.last
import kotlinx.coroutines.launch
import org.junit.jupiter.api.AfterEach

private val extension = Extension.Number(4000)
private val dialling = WebphoneUrl.parse("https://host.example/w3/?key=k&ligar_para=4001")

/** Every kind of error, as it comes: what it says, what it keeps, that it can be sent. */
class ErrorsTest {
    private val simulator = Simulator()
    private val client = simulator.client(ClientConfig(maxRetries = 0))

    @AfterEach
    fun close() {
        client.close()
        simulator.close()
    }

    private suspend fun struck(fault: Fault, config: ClientConfig = ClientConfig(maxRetries = 0)): Any {
        simulator.addFault(fault, times = 1)
        return simulator.client(config).use { it.fetch(extension) }
    }

    private suspend fun inACall(number: String, does: suspend (Session) -> Any): Any =
        Session(simulator.phone(4000)).use {
            it.call(number)
            does(it)
        }

    /** How each kind comes about. */
    private val ways: Map<KClass<out WebphoneException>, suspend () -> Any> = mapOf(
        WebphoneException.Invalid::class to { client.fetch(Extension.Number("x y")) },
        WebphoneException.Unauthorized::class to {
            Client("wrong", ClientConfig(BaseUrl.Other(simulator.apiUrl))).use { it.fetch(extension) }
        },
        WebphoneException.Refused::class to { client.fetch(Extension.Number(9999)) },
        WebphoneException.RateLimited::class to { struck(Fault.Fail(429, 60.seconds)) },
        WebphoneException.Unavailable::class to { struck(Fault.Fail(503, 7.seconds)) },
        WebphoneException.Unreachable::class to {
            struck(Fault.Delay(1.minutes), ClientConfig(timeout = 50.milliseconds, maxRetries = 0))
        },
        WebphoneException.UnexpectedAnswer::class to { struck(Fault.Answer(200, """{"sucesso":1}""")) },
        WebphoneException.NotTried::class to {
            Client("wrong", ClientConfig(BaseUrl.Other(simulator.apiUrl))).use { stranger ->
                stranger.fetchMany(
                    List(99) {
                        UrlRequest(extension)
                    },
                    BatchOptions(concurrency = 1)
                ).last().getOrThrow()
            }
        },
        WebphoneException.Closed::class to { Client("t").apply { close() }.fetch(extension) },
        WebphoneException.Cancelled::class to {
            client.fetchManyBlocking(listOf(UrlRequest(extension))).apply { close() }.next()
        },
        WebphoneException.Busy::class to {
            coroutineScope {
                val first = launch(start = CoroutineStart.UNDISPATCHED) { logRecords(LogLevel.ERROR).collect {} }
                try {
                    logRecords(LogLevel.ERROR).first()
                } finally {
                    first.cancel()
                }
            }
        },
        WebphoneException.Rejected::class to { Session(simulator.phone(4000)).use { it.call("11999990004") } },
        WebphoneException.CallInProgress::class to { inACall("11999990003") { it.call("4001") } },
        WebphoneException.NoCall::class to { Session(simulator.phone(4000)).use { it.answer() } },
        WebphoneException.MuteUnknown::class to {
            inACall("11999990001") { phone ->
                phone.state.first { it.call?.phase == CallPhase.TALKING }
                phone.setMuted(true)
            }
        },
        WebphoneException.NotReady::class to {
            Session(SessionConfig(readyTimeout = 1.milliseconds)) {}.use { it.call("4001") }
        },
        WebphoneException.PageLost::class to {
            Session { error("mine") }.use {
                it.pageReport(PageReport.Loaded)
                it.receive(CONNECTED)
                it.call("4001")
            }
        },
        WebphoneException.SessionClosed::class to { Session {}.apply { close() }.call("4001") },
        WebphoneException.CommandCancelled::class to {
            coroutineScope {
                Session {}.use { phone ->
                    val calling = async(start = CoroutineStart.UNDISPATCHED) { runCatching { phone.call("4001") } }
                    assertEquals(Outcome.Unchanged, phone.hangUp())
                    calling.await().getOrThrow()
                }
            }
        },
        WebphoneException.DialsOnOpen::class to { Session(url = dialling) {}.use { it.changeUrl(dialling) } },
        WebphoneException.Unsupported::class to { lifting { throw UnsatisfiedLinkError("no such file") } },
        WebphoneException.Internal::class to { lifting { throw InternalException("a panic") } }
    )

    /** Their words are shorter than their names: a session's end and a command's are closings like any other. */
    private val words = mapOf<KClass<*>, String>(
        WebphoneException.SessionClosed::class to "closed",
        WebphoneException.CommandCancelled::class to "cancelled"
    )

    private suspend fun error(kind: KClass<out WebphoneException>): WebphoneException {
        val thrown = assertNotNull(runCatching { ways.getValue(kind)() }.exceptionOrNull(), "$kind did not come")
        assertEquals<KClass<*>>(kind, thrown::class, "${thrown.stackTraceToString()}")
        return thrown as WebphoneException
    }

    @Test
    fun `each kind comes about, says what to do, and can be sent`() = soon {
        assertEquals(WebphoneException::class.sealedSubclasses.toSet(), ways.keys)
        for (kind in ways.keys) {
            val error = error(kind)
            val name = assertNotNull(kind.simpleName)
            assertEquals(words[kind] ?: snakeCase(name), error.code)
            assertFalse(error.message.isNullOrBlank())
            // Where it was asked for, not where it was made.
            assertTrue(error.stackTrace.any { "dev.webphone" in it.className }, name)
            val sent = error.serialized()
            for (property in kind.memberProperties.filter { it.name !in setOf("cause", "stackTrace", "suppressed") }) {
                @Suppress("UNCHECKED_CAST")
                val field = property as KProperty1<WebphoneException, *>
                assertEquals(field.get(error), field.get(sent), "${property.name} of $name")
            }
            assertEquals("$error", "$sent")
            assertEquals(error.cause?.message, sent.cause?.message)
            assertEquals(error.stackTrace.toList(), sent.stackTrace.toList())
        }
    }

    @Test
    fun `each has the fields to act on`() = soon {
        val refused = error(WebphoneException.Refused::class)
        assertEquals(ApiFailure(404, 60, ApiReason.NotFound, refused.apiText, 1), refused.failure)
        assertNotNull(refused.apiText)
        assertFalse(refused.isRetryable)
        val limited = assertIs<WebphoneException.RateLimited>(error(WebphoneException.RateLimited::class))
        assertEquals(60.seconds, limited.retryAfter)
        assertEquals(60_000, limited.retryAfterMillis)
        val unavailable = assertIs<WebphoneException.Unavailable>(error(WebphoneException.Unavailable::class))
        assertEquals(7.seconds, unavailable.retryAfter)
        assertTrue(unavailable.isRetryable)
        val timeout = assertIs<WebphoneException.Unreachable>(error(WebphoneException.Unreachable::class))
        assertEquals(UnreachableCause.TIMEOUT, timeout.where)
        assertEquals(1, timeout.attempts)
        val unexpected = assertIs<WebphoneException.UnexpectedAnswer>(error(WebphoneException.UnexpectedAnswer::class))
        assertEquals("sucesso", assertIs<AnswerProblem.Field>(unexpected.problem).field)
        val notReady = assertIs<WebphoneException.NotReady>(error(WebphoneException.NotReady::class))
        assertEquals(NotReadyReason.NOT_LOADED, notReady.reason)
    }

    @Test
    fun `a panic's words are nobody's to see, since they may hold a caller's`() {
        val fault = InternalException("no such number: 11999990000")
        val error = assertFailsWith<WebphoneException.Internal> { lifting { throw fault } }
        assertFalse("11999990000" in error.stackTraceToString())
        assertContains(error.message.orEmpty(), "Please report it")
    }

    @Test
    fun `what lies behind an error is its cause`() {
        val missing = UnsatisfiedLinkError("no such file")
        assertSame(missing, assertFailsWith<WebphoneException.Unsupported> { lifting { throw missing } }.cause)
    }
}
