package dev.webphone

import dev.webphone.junit.SimulatorExtension
import dev.webphone.junit.VirtualTime
import java.net.ConnectException
import java.net.Socket
import java.net.URI
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.BeforeAll
import org.junit.jupiter.api.extension.ExtendWith
import org.junit.platform.engine.discovery.DiscoverySelectors.selectClass
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder
import org.junit.platform.launcher.core.LauncherFactory
import org.junit.platform.launcher.listeners.SummaryGeneratingListener

/** A simulated API and its phones for people's own tests. */
@ExtendWith(SimulatorExtension::class)
class SimulatorTest {
    @Test
    fun `it is as it is configured`() = soon {
        val config = SimulatorConfig(
            extensions = listOf(SimulatedExtension(7000), SimulatedExtension("007", "abc")),
            rateLimit = SimulatedRateLimit(1, retryAfter = false),
            urlLifetime = 1.hours,
            virtualTime = true
        )
        Simulator(config, "another-token").use { simulator ->
            assertEquals(
                listOf(SimulatedExtension("7000", "107000"), SimulatedExtension("007", "abc")),
                simulator.extensions
            )
            assertEquals("another-token", simulator.token)
            assertNull(simulator.rootCertificate)
            assertEquals("Simulator(${simulator.apiUrl})", "$simulator")
            simulator.client(ClientConfig(maxRetries = 0)).use { client ->
                val url = client.fetch(Extension.Id("abc"))
                // It is told in whole seconds.
                val lifetime = assertNotNull(url.expiresAt) - assertNotNull(simulator.clock).now().instant
                assertTrue((1.hours - lifetime).absoluteValue < 1.seconds, "$lifetime")
                assertFailsWith<WebphoneException.RateLimited> { client.fetch(Extension.Number(7000)) }
            }
            simulator.extensions = listOf(SimulatedExtension(1))
            assertEquals("1", simulator.extensions.single().number)
            assertFailsWith<WebphoneException.Invalid> { simulator.phone(7000) }
            simulator.reset()
            assertEquals(2, simulator.extensions.size)
        }
    }

    @Test
    fun `what was asked is told, and forgotten`(simulator: Simulator) = soon {
        simulator.client(ClientConfig(userAgent = "mine")).use { it.fetch(Extension.Number(4000)) }
        val request = simulator.requests().requests.single()
        assertEquals(
            listOf("GET", "4000", "mine", TokenCheck.RIGHT, 200, null),
            with(request) {
                listOf(method, extension, userAgent, token, httpStatus, fault)
            }
        )
        assertEquals(emptyList(), simulator.requests(0).requests)
        simulator.forgetRequests()
        assertEquals(0, simulator.requests().total)
    }

    @Test
    fun `each fault strikes as it says`(simulator: Simulator) = soon {
        val ends = mapOf(
            Fault.Drip(10, 1.milliseconds) to null,
            Fault.Delay(1.milliseconds) to null,
            Fault.Cut(10) to "unreachable",
            Fault.Reset to "unreachable",
            Fault.Refuse to "unreachable",
            Fault.Garbage to "unexpected_answer",
            Fault.Oversized(1_000_000) to "unexpected_answer",
            Fault.Endless to "unexpected_answer",
            Fault.Fail(402) to "refused",
            Fault.Answer(302, "", mapOf("Location" to "https://elsewhere.example")) to "unexpected_answer"
        )
        assertEquals(Fault::class.sealedSubclasses.toSet(), ends.keys.map { it::class }.toSet())
        simulator.client(ClientConfig(maxRetries = 0)).use { client ->
            for ((fault, code) in ends) {
                simulator.addFault(fault, times = 1)
                val error = runCatching { client.fetch(Extension.Number(4000)) }.exceptionOrNull()
                assertEquals(code, (error as? WebphoneException)?.code, "$fault")
            }
        }
        assertEquals(
            "http_status",
            assertFailsWith<WebphoneException.Invalid> {
                simulator.addFault(Fault.Fail(200))
            }.field
        )
    }

    @Test
    fun `a phone does what its script says`(@VirtualTime simulator: Simulator) = soon {
        val phone = simulator.phone(4000)
        phone.openPage()
        phone.addScript(Script(Script.Answer.Busy(300.milliseconds)))
        phone.post("""{"message":"chamaNumero","numero":"4111"}""")
        assertNotNull(phone.state.call)
        simulator.advance(300.milliseconds)
        assertNull(phone.state.call)
        val said = phone.nextMessages().filterIsInstance<PhoneOutput.Message>().map { it.text }
        assertTrue(said.any { "chamando" in it } && said.any { "encerrada" in it }, "$said")
        phone.addFault(PhoneFault.SILENT)
        phone.incoming(SimulatedCaller("11 3333-4444", givesUpAfter = 2.seconds))
        assertEquals("11 3333-4444", phone.state.ringing?.number)
        simulator.advance(2.seconds)
        assertNull(phone.state.ringing)
        phone.addScript(Script(Script.Answer.Never), times = null)
        phone.post("""{"message":"chamaNumero","numero":"4111"}""")
        phone.remoteAnswer()
        assertTrue(assertNotNull(phone.state.call).talking)
        phone.remoteHangUp()
        phone.clearScripts()
        phone.clearFaults()
        phone.setWording(idsAsText = true, namesQueues = true, tellsQuality = false)
        phone.supervise(Command.JoinQueue(47))
        assertTrue(phone.nextMessagesBlocking().any { it is PhoneOutput.Message && "filaId" in it.text })
        assertEquals("SimulatedPhone(4000)", "$phone")
        phone.reload()
        phone.crash()
        assertEquals(SimulatedPage.CRASHED, phone.state.page)
        assertFailsWith<WebphoneException.NotReady> { phone.closePage() }
        phone.openPage(WebphoneUrl.parse("https://host.example/w3/?key=k&ligar_para=4111"))
        assertEquals("4111", phone.state.call?.number)
    }

    @Test
    fun `after its end everything says so, and its ports are free`() = soon {
        val simulator = Simulator()
        val api = URI(simulator.apiUrl)
        val phone = simulator.phone(4000)
        Socket(api.host, api.port).close()
        simulator.close()
        simulator.close()
        assertEquals("Simulator(closed)", "$simulator")
        assertFailsWith<ConnectException> { Socket(api.host, api.port) }
        assertFailsWith<WebphoneException.Closed> { simulator.apiUrl }
        assertFailsWith<WebphoneException.Closed> { phone.state }
    }

    @Test
    fun `the extension gives each test a simulator of its own and closes it`() {
        Examples.seen.clear()
        val listener = SummaryGeneratingListener()
        val request = LauncherDiscoveryRequestBuilder.request().selectors(selectClass(Examples::class.java))
            // What JUnit does before 5.13, which closes nothing by itself.
            .configurationParameter("junit.jupiter.extensions.store.close.autocloseable.enabled", "false").build()
        LauncherFactory.create().execute(request, listener)
        assertEquals(3, listener.summary.testsSucceededCount)
        assertEquals(0, listener.summary.totalFailureCount)
        assertEquals(5, Examples.seen.size)
        assertEquals(5, Examples.seen.toSet().size)
        Examples.seen.forEach { assertEquals("Simulator(closed)", "$it") }
    }

    @Test
    fun `a wrong configuration is named`() {
        assertEquals("port", assertFailsWith<WebphoneException.Invalid> { Simulator(SimulatorConfig(port = -1)) }.field)
        assertNotEquals(Simulator().use { it.apiUrl }, Simulator().use { it.controlUrl })
    }
}

/** What the extension's own test runs. */
@ExtendWith(SimulatorExtension::class)
internal class Examples {
    @Test
    fun first(simulator: Simulator) {
        seen += simulator
        assertNull(simulator.clock)
    }

    @Test
    fun second(@VirtualTime simulator: Simulator) {
        seen += simulator
        assertNotNull(simulator.clock)
    }

    @Test
    fun two(one: Simulator, @VirtualTime another: Simulator) {
        seen += listOf(one, another)
        assertNotEquals(one.apiUrl, another.apiUrl)
    }

    companion object {
        val seen = mutableListOf<Simulator>()

        private lateinit var whole: Simulator

        @JvmStatic
        @BeforeAll
        fun before(simulator: Simulator) {
            whole = simulator
            seen += simulator
        }

        @JvmStatic
        @AfterAll
        fun after() {
            // Each test's own is closed after it, this one is not.
            assertEquals(listOf(whole), seen.filter { "$it" != "Simulator(closed)" })
        }
    }
}
