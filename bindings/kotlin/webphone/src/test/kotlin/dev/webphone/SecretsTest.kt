package dev.webphone

import java.io.ByteArrayOutputStream
import java.io.NotSerializableException
import java.io.ObjectOutputStream
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.test.Test
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.hours
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch

private const val TOKEN = "T0ken-5ecret-0123"
private const val PASSWORD = "pa55word-5ecret"

/** Tokens, keys and signatures: in no text, no log record, no serialized form. */
class SecretsTest {
    @Test
    fun `no text holds a secret`() = soon {
        val config = SimulatorConfig(urlLifetime = 1.hours)
        Simulator(config, TOKEN).use { simulator ->
            val client = simulator.client()
            val url = client.fetch(Extension.Number(4000), PhoneType.HIDDEN)
            val secrets = url.reveal().substringAfter('?').split('&')
                .filter { it.startsWith("key=") || it.startsWith("signature=") }
                .map { it.substringAfter('=') } + TOKEN + PASSWORD
            assertTrue(secrets.size == 4 && secrets.all { it.length > 8 }, "the URL's form has changed")
            val proxy = Proxy("http://proxy.example:3128", "user", PASSWORD)
            val settings = ClientConfig(BaseUrl.Other(simulator.apiUrl), rootCertificates = PASSWORD, proxy = proxy)
            val results = client.fetchMany(listOf(UrlRequest(Extension.Number(4000)))).toList()
            val phone = Session(simulator.phone(4000), url = url)
            phone.call("11999990001")
            val update = phone.state.value
            val refused = runCatching { client.fetch(Extension.Number(9999)) }.exceptionOrNull()
            val wrong = runCatching { Client("$TOKEN\n") }.exceptionOrNull()
            val texts = listOf(
                client, url, proxy, settings, results, phone, update, phone.history, phone.trace(), simulator, config,
                simulator.requests(), refused, refused?.stackTraceToString(), wrong, wrong?.stackTraceToString(),
                BatchOptions(), SessionConfig(), simulator.phone(4000), simulator.phone(4000).state
            ).map { "$it" }
            for (secret in secrets) {
                for (text in texts) {
                    assertFalse(
                        secret in text,
                        "a secret is shown: ${text.replace(secret, "…")}"
                    )
                }
            }
            phone.close()
            client.close()
        }
    }

    @Test
    fun `no log record holds one`() = soon {
        val records = CopyOnWriteArrayList<LogRecord>()
        val collecting =
            launch(start = CoroutineStart.UNDISPATCHED) { logRecords(LogLevel.TRACE).collect(records::add) }
        Simulator(SimulatorConfig(), TOKEN).use { simulator ->
            simulator.client().use { client ->
                val url = client.fetch(Extension.Number(4000))
                simulator.addFault(Fault.Fail(503), times = 1)
                client.fetch(Extension.Number(4000))
                runCatching { client.fetch(Extension.Number(9999)) }
                eventually("records of each fetch") { records.size >= 3 }
                val key = url.reveal().substringAfter("key=").substringBefore('&')
                for (record in records) {
                    assertFalse(TOKEN in "$record" || key in "$record", "a log record shows a secret")
                    assertTrue(record.target.startsWith("webphone"))
                }
            }
        }
        collecting.cancel()
    }

    @Test
    fun `a URL can't be written by accident`() {
        val url = WebphoneUrl.parse("https://host.example/w3/?key=k3y5ecret4567")
        assertFailsWith<NotSerializableException> { ObjectOutputStream(ByteArrayOutputStream()).writeObject(url) }
    }
}
