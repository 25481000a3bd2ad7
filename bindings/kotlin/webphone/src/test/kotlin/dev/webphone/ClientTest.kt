package dev.webphone

import dev.webphone.junit.SimulatorExtension
import java.util.concurrent.CancellationException
import java.util.concurrent.ExecutionException
import kotlin.concurrent.thread
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.extension.ExtendWith

private val extension = Extension.Number(4000)

/** One URL: in each of the three ways, refused, cancelled, with wrong settings. */
@ExtendWith(SimulatorExtension::class)
class ClientTest {
    @Test
    fun `a URL is fetched, in each of the three ways`(simulator: Simulator) = soon {
        simulator.client().use { client ->
            val request = UrlRequest(extension, PhoneType.HIDDEN)
            val url = client.fetch(extension, PhoneType.HIDDEN)
            assertEquals("<WebphoneUrl hidden at ${simulator.apiUrl.substringAfter("//")}; use reveal()>", "$url")
            assertEquals(url, client.fetchAsync(request).get())
            assertEquals(url, client.fetchBlocking(request))
            assertEquals(3, simulator.requests().total)
        }
    }

    @Test
    fun `every parameter reaches the API`(simulator: Simulator) = soon {
        simulator.client().use { client ->
            val url = client.fetch(extension, PhoneType.HIDDEN, PhoneNumber("(11) 3333-4444"), closeAtEnd = true)
            assertEquals(PhoneType.HIDDEN, url.type)
            assertEquals(simulator.apiUrl, url.origin)
            assertTrue(url.reveal().startsWith(simulator.apiUrl))
            client.fetch(UrlRequest(Extension.Id(104001), PhoneType.EMBEDDED, PhoneNumber("*8#")))
            val (first, second) = simulator.requests().requests
            assertEquals("/webphone?ramal=4000&tipo=hidden&ligar_para=1133334444&fechar_fim=true", first.target)
            assertEquals("/webphone?id_ramal=104001&tipo=embedded&ligar_para=*8%23", second.target)
            assertEquals(TokenCheck.RIGHT, first.token)
        }
    }

    @Test
    fun `a signed URL knows its end, and is equal to itself only`() = soon {
        Simulator(SimulatorConfig(urlLifetime = 1.hours)).use { simulator ->
            simulator.client().use { client ->
                val url = client.fetch(extension)
                assertFalse(url.isExpired)
                assertTrue(url.isExpired(2.hours))
                assertTrue(url.isExpiredWithin(2.hours.inWholeMilliseconds))
                assertFalse(url.isExpired(30.minutes))
                assertNotEquals(url, client.fetch(Extension.Number(4001)))
                assertEquals(url.hashCode(), WebphoneUrl.parse(url.reveal()).hashCode())
            }
        }
    }

    @Test
    fun `a wrong extension is named and never sent`(simulator: Simulator) = soon {
        simulator.client().use { client ->
            for (value in listOf("", " ", "40 00", "4&0", "4#0", "4\n0", "٤", "1".repeat(10_000), "-1")) {
                assertEquals(
                    "ramal",
                    assertFailsWith<WebphoneException.Invalid> {
                        client.fetch(Extension.Number(value))
                    }.field
                )
                val id = Extension.Id("$value ")
                assertEquals("id_ramal", assertFailsWith<WebphoneException.Invalid> { client.fetchBlocking(id) }.field)
                val failed = assertFailsWith<ExecutionException> { client.fetchAsync(id).get() }
                assertEquals("id_ramal", assertIs<WebphoneException.Invalid>(failed.cause).field)
            }
        }
        assertEquals(0, simulator.requests().total)
    }

    @Test
    fun `half a character is refused, not sent as another one`(simulator: Simulator) = soon {
        simulator.client().use { client ->
            for (wrong in listOf<suspend () -> Any>(
                { client.fetch(Extension.Number("\ud800")) },
                { client.fetchMany(listOf(UrlRequest(Extension.Id("\udc00")))).toList() },
                { Client("\ud800") },
                { PhoneNumber("\ud83d") },
                { WebphoneUrl.parse("https://host.example/\ud800") },
                { Session {}.use { it.call("\ud800") } }
            )) {
                val refused = assertFailsWith<WebphoneException.Invalid> { wrong() }
                assertEquals("holds half of a surrogate pair", refused.reason)
            }
        }
        assertEquals(0, simulator.requests(0).total)
    }

    @Test
    fun `a wrong setting is named`() {
        fun field(wrong: () -> Unit) = assertFailsWith<WebphoneException.Invalid>(block = wrong).field
        for (token in listOf("", "a\nb", "t".repeat(10_000))) assertEquals("token", field { Client(token) })
        val wrong = mapOf(
            "base_url" to listOf(
                ClientConfig(BaseUrl.Other("http://public.example")),
                ClientConfig(BaseUrl.Other("")),
                ClientConfig(BaseUrl.Other("https://u:p@h"))
            ),
            "timeout_ms" to listOf(
                ClientConfig(timeout = Duration.ZERO),
                ClientConfig(timeout = (-1).seconds),
                ClientConfig(timeout = Duration.INFINITE)
            ),
            "connect_timeout_ms" to listOf(ClientConfig(connectTimeout = 1.hours)),
            "max_retries" to listOf(ClientConfig(maxRetries = -1), ClientConfig(maxRetries = Int.MAX_VALUE)),
            "user_agent" to listOf(ClientConfig(userAgent = "a\nb"), ClientConfig(userAgent = "")),
            "root_certificates_pem" to listOf(ClientConfig(rootCertificates = "no PEM"))
        )
        for ((name, configs) in wrong) for (config in configs) assertEquals(name, field { Client("t", config) })
        assertEquals("proxy", field { Proxy("nonsense") }.substringBefore('_'))
    }

    @Test
    fun `the builder makes what the constructor does`() {
        val built = ClientConfig.Builder()
            .baseUrl(BaseUrl.Zenvia).timeoutMillis(1500).connectTimeoutMillis(400).maxRetries(7).userAgent("agent")
            .rootCertificates("roots").proxy(Proxy("http://p"))
        val made = ClientConfig(BaseUrl.Zenvia, 1500.milliseconds, 400.milliseconds, 7, "agent", "roots")
        assertEquals(made.native, built.build().native.copy(proxy = null))
        assertEquals(ClientConfig().native, ClientConfig.Builder().build().native)
        // What was built is not changed by what is built next.
        val first = built.build()
        built.maxRetries(1)
        assertEquals(7, first.native.maxRetries)
        assertEquals(
            BatchOptions(3, 2.5, 4.seconds).native,
            with(BatchOptions.Builder()) {
                concurrency(3).rate(2.5).rateLimitPatienceMillis(4000).build().native
            }
        )
        assertEquals(BatchOptions().native, BatchOptions.Builder().build().native)
    }

    @Test
    fun `token and base come from the environment`(simulator: Simulator) = soon {
        // As the build sets them: the simulators' token, and a base where nobody listens.
        assertEquals(simulator.token, System.getenv("TOTALVOICE_ACCESS_TOKEN"))
        val unreachable = assertFailsWith<WebphoneException.Unreachable> {
            Client(ClientConfig(maxRetries = 0)).use { it.fetch(extension) }
        }
        assertEquals(UnreachableCause.CONNECTION_REFUSED, unreachable.where)
        // What is asked for by name is not replaced.
        Client(ClientConfig(BaseUrl.Other(simulator.apiUrl))).use {
            assertEquals(simulator.apiUrl, it.fetch(extension).origin)
        }
    }

    @Test
    fun `a cancelled coroutine's request is dropped`(simulator: Simulator) = soon {
        simulator.addFault(Fault.Delay(1.hours))
        simulator.client(ClientConfig(timeout = 10.minutes)).use { client ->
            val fetching = launch { client.fetch(extension) }
            eventually("the request") { simulator.requests(0).inFlight == 1 }
            fetching.cancel()
            fetching.join()
            eventually("the end of the request") { simulator.requests(0).inFlight == 0 }
            // Also by a time limit, whose exception it is that comes.
            assertNull(withTimeoutOrNull(500.milliseconds) { client.fetch(extension) })
            eventually("the end of the second request") { simulator.requests(0).inFlight == 0 }
            assertEquals(2, simulator.requests(0).total)
            // The client goes on.
            simulator.clearFaults()
            client.fetch(extension)
        }
    }

    @Test
    fun `a cancelled future's request is dropped`(simulator: Simulator) = soon {
        simulator.addFault(Fault.Delay(1.hours))
        simulator.client(ClientConfig(timeout = 10.minutes)).use { client ->
            val future = client.fetchAsync(extension)
            eventually("the request") { simulator.requests(0).inFlight == 1 }
            future.cancel(true)
            eventually("the end of the request") { simulator.requests(0).inFlight == 0 }
            assertFailsWith<CancellationException> { future.get() }
        }
    }

    @Test
    fun `an interrupted thread's request is dropped`(simulator: Simulator) = soon {
        simulator.addFault(Fault.Delay(1.hours))
        simulator.client(ClientConfig(timeout = 10.minutes)).use { client ->
            val ended = CompletableDeferred<Throwable?>()
            val waiting = thread { ended.complete(runCatching { client.fetchBlocking(extension) }.exceptionOrNull()) }
            eventually("the request") { simulator.requests(0).inFlight == 1 }
            waiting.interrupt()
            assertIs<InterruptedException>(ended.await())
            eventually("the end of the request") { simulator.requests(0).inFlight == 0 }
            // One that is interrupted before does not begin, and clears the flag as the JVM's own methods do.
            Thread.currentThread().interrupt()
            assertFailsWith<InterruptedException> { client.fetchBlocking(extension) }
            assertFalse(Thread.currentThread().isInterrupted)
            assertEquals(1, simulator.requests(0).total)
        }
    }

    @Test
    fun `closing ends what is under way, and all that comes later`(simulator: Simulator) = soon {
        simulator.addFault(Fault.Delay(1.hours))
        val client = simulator.client(ClientConfig(timeout = 10.minutes))
        val coroutine = async { runCatching { client.fetch(extension) }.exceptionOrNull() }
        val future = client.fetchAsync(extension)
        val thread = CompletableDeferred<Throwable?>()
        thread { thread.complete(runCatching { client.fetchBlocking(extension) }.exceptionOrNull()) }
        eventually("three requests") { simulator.requests(0).inFlight == 3 }
        client.close()
        client.close()
        assertIs<WebphoneException.Closed>(coroutine.await())
        assertIs<WebphoneException.Closed>(assertFailsWith<ExecutionException> { future.get() }.cause)
        assertIs<WebphoneException.Closed>(thread.await())
        assertFailsWith<WebphoneException.Closed> { client.fetch(extension) }
        assertFailsWith<WebphoneException.Closed> { client.fetchManyBlocking(listOf(UrlRequest(extension))).next() }
        eventually("the end of the requests") { simulator.requests(0).inFlight == 0 }
    }

    @Test
    fun `retries are made and counted`(simulator: Simulator) = soon {
        simulator.client().use { client ->
            simulator.addFault(Fault.Fail(503), times = 2)
            client.fetch(extension)
            assertEquals(listOf(503, 503, 200), simulator.requests().requests.map { it.httpStatus })
            simulator.addFault(Fault.Reset, times = 4)
            val failed = assertFailsWith<WebphoneException.Unreachable> { client.fetch(extension) }
            assertEquals(4, failed.attempts)
            assertTrue(failed.isRetryable)
        }
    }

    @Test
    fun `the simulator's authority is trusted by its clients only`() = soon {
        Simulator(SimulatorConfig(tls = true)).use { simulator ->
            simulator.client().use { assertEquals(simulator.apiUrl, it.fetch(extension).origin) }
            Client(simulator.token, ClientConfig(BaseUrl.Other(simulator.apiUrl))).use { stranger ->
                val failed = assertFailsWith<WebphoneException.Unreachable> { stranger.fetch(extension) }
                assertEquals(UnreachableCause.TLS, failed.where)
            }
        }
    }
}
