// What the vectors promise of the API's side: answers, requests, numbers, URLs.

package dev.webphone.vectors

import dev.webphone.Client
import dev.webphone.ClientConfig
import dev.webphone.Extension
import dev.webphone.Fault
import dev.webphone.PhoneNumber
import dev.webphone.PhoneType
import dev.webphone.Simulator
import dev.webphone.SimulatorConfig
import dev.webphone.UrlRequest
import dev.webphone.WebphoneException
import dev.webphone.WebphoneUrl
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonPrimitive

/** A simulated API and a client of it that tries once. */
private class Api(config: SimulatorConfig, token: String?) : AutoCloseable {
    val simulator = Simulator(config, token)
    val client: Client = simulator.client(ClientConfig(maxRetries = 0))

    override fun close() {
        client.close()
        simulator.close()
    }
}

/** Judges the vectors of the API's side. */
internal class ApiVectors : AutoCloseable {
    private val answers = VectorFile["rest/answers.json"]
    private val plain = Api(SimulatorConfig(), answers.document.word("token"))
    private val secure = Api(SimulatorConfig(tls = true), answers.document.word("token"))

    fun answer(vector: JsonObject) {
        val api = if (vector.word("base") == "public") secure else plain
        val answer = vector.part("answer")
        val headers = answer.getValue("headers").jsonArray.map {
            it.jsonArray.map { part -> part.jsonPrimitive.content }
        }
        assertEquals(headers.size, headers.distinctBy { it[0] }.size, "a header twice can't be served here")
        val status = answer.getValue("status").jsonPrimitive.int
        api.simulator.addFault(Fault.Answer(status, body(answer), headers.associate { it[0] to it[1] }), times = 1)
        val result = runCatching {
            runBlocking { api.client.fetch(Extension.Number(4000), phoneType(vector.getValue("asked"))) }
        }
        judge(vector.part("expect"), result) { url ->
            // No accessor of its own: it is what stands in the public text.
            assertFacts(part("url"), urlFacts(url) + ("host" to "$url".substringAfter(" at ").split(',', ';').first()))
        }
        assertSilent(answers.secrets, result)
    }

    fun request(vector: JsonObject) {
        val before = plain.simulator.requests(0).total
        val result = runCatching {
            val request = urlRequest(vector.part("request"))
            plain.simulator.addFault(Fault.Answer(200, SUCCESS), times = 1)
            runBlocking { plain.client.fetch(request) }
        }
        plain.simulator.clearFaults()
        judge(vector.part("expect"), result) {
            assertEquals("/webphone?${word("query")}", plain.simulator.requests(1).requests.single().target)
        }
        val sent = if (result.isSuccess) 1 else 0
        assertEquals(before + sent, plain.simulator.requests(0).total, "requests that were sent")
    }

    fun number(vector: JsonObject) {
        val result = runCatching { PhoneNumber(text(vector.getValue("written"))) }
        judge(vector.part("expect"), result) { number ->
            assertEquals(word("dialled"), number.digits)
            assertEquals(word("dialled"), "$number")
        }
    }

    fun url(vector: JsonObject) {
        val given = text(vector.getValue("url"))
        val type = vector.given("given_type")?.let(::phoneType)
        val result = runCatching { WebphoneUrl.parse(given, type) }
        judge(vector.part("expect"), result) { url ->
            assertEquals(given, url.reveal())
            assertFacts(this, urlFacts(url))
        }
        assertSilent(VectorFile["urls.json"].secrets, result)
    }

    override fun close() {
        plain.close()
        secure.close()
    }

    private companion object {
        const val SUCCESS = """{"status":200,"sucesso":true,"motivo":0,"mensagem":"url webphone",""" +
            """"dados":{"url":"https://api2.totalvoice.com.br/w3/?key=k"}}"""
    }
}

/** Holds a result to what is expected: a value, or the error with its facts. */
private inline fun <T> judge(expected: JsonObject, result: Result<T>, value: JsonObject.(T) -> Unit) {
    val error = expected["error"] as? JsonObject
    if (error == null) {
        expected.value(result.getOrThrow())
    } else {
        val found = assertFailsWith<WebphoneException>("found ${result.getOrNull()}") { result.getOrThrow() }
        assertFacts(error, facts(found))
        error["says"]?.jsonArray.orEmpty().forEach { assertContains(checkNotNull(found.message), text(it)) }
    }
}

/** Each fact that is expected; one that is null has to be none. */
private fun assertFacts(expected: JsonObject, found: Map<String, Any?>) {
    val wanted = expected.filterKeys { it != "says" }
    assertFalse(wanted.isEmpty(), "a vector that expects nothing")
    for ((name, value) in wanted) {
        val known = if (name == "api_text" && value !is JsonNull) JsonPrimitive(text(value)) else value
        val fact = found[name]
        assertEquals(known, fact as? JsonElement ?: shape(fact), name)
    }
}

private fun urlFacts(url: WebphoneUrl): Map<String, Any?> = mapOf(
    "type" to url.type,
    "origin" to url.origin,
    "expires_at_ms" to url.expiresAt?.toEpochMilliseconds(),
    "reveal" to url.reveal(),
    "public_text" to "$url"
)

/** None of the texts in which a result can come before people's eyes holds a secret. */
private fun assertSilent(secrets: List<String>, result: Result<Any>) {
    assertFalse(secrets.isEmpty())
    val error = result.exceptionOrNull() as? WebphoneException
    val texts = listOf("$result", error?.stackTraceToString(), error?.apiText, "${error?.failure}").joinToString()
    secrets.forEach { assertFalse(it in texts, "a secret is shown") }
}

private fun phoneType(word: JsonElement) = PhoneType.valueOf(word.jsonPrimitive.content.uppercase())

/** The request of a vector; a number that can't be dialled is refused here already. */
private fun urlRequest(fields: JsonObject): UrlRequest {
    val extension = fields.part("extension")
    return UrlRequest(
        extension["id"]?.let { Extension.Id(text(it)) } ?: Extension.Number(text(extension.getValue("number"))),
        phoneType(fields.getValue("type")),
        fields.given("call_on_open")?.let { PhoneNumber(text(it)) },
        fields.flag("close_at_end")
    )
}
