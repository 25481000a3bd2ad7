// What the vectors promise of the phone's language and of whole sessions.

package dev.webphone.vectors

import dev.webphone.Cause
import dev.webphone.Clock
import dev.webphone.Command
import dev.webphone.PageReport
import dev.webphone.PhoneNumber
import dev.webphone.Session
import dev.webphone.WebphoneException
import dev.webphone.causesOf
import dev.webphone.replay
import dev.webphone.soon
import kotlin.reflect.full.primaryConstructor
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long

private fun says(status: String) = """{"message":"status","status":"$status"}"""

/** A session whose phone has its line. */
private fun ready(post: suspend (String) -> Unit = {}): Session = Session(clock = Clock(), post = post).apply {
    pageReport(PageReport.Loaded)
    receive(says("conectado"))
}

/** The command that a vector describes. */
private fun command(fields: JsonObject): Command {
    val type = Command::class.sealedSubclasses.single { snakeCase(checkNotNull(it.simpleName)) == fields.word("type") }
    type.objectInstance?.let { return it }
    val constructor = checkNotNull(type.primaryConstructor)
    return constructor.call(
        *constructor.parameters.map {
            fields.given(checkNotNull(it.name))?.let(::text)
        }.toTypedArray()
    )
}

internal fun knownEvent(case: JsonObject) = soon {
    ready().use { phone ->
        val said = phone.causesOf { phone.receive(case.given) }.filterIsInstance<Cause.Event>().map { it.event }
        assertEquals(listOf(withoutNulls(case.part("event"))), said.map(::shape))
        case["json"]?.let { json ->
            val again = phone.causesOf { phone.receive(json.jsonPrimitive.content) }.filterIsInstance<Cause.Event>()
            assertEquals(said, again.map { it.event })
        }
    }
}

internal fun brokenEvent(case: JsonObject) = soon {
    ready().use { phone ->
        val before = phone.state.value
        val cause = assertIs<Cause.BrokenEvent>(phone.causesOf { phone.receive(case.given) }.single())
        assertEquals(case.part("error").word("name"), cause.broken.name)
        assertEquals(case.part("error").word("field"), cause.broken.field)
        assertEquals(before.copy(brokenEvents = before.brokenEvents + 1), phone.state.value)
    }
}

internal fun foreignText(case: JsonObject) = soon {
    ready().use { phone ->
        val before = phone.state.value
        assertEquals(emptyList(), phone.causesOf { phone.receive(case.given) })
        assertEquals(before, phone.state.value)
    }
}

internal fun canonicalCommand(case: JsonObject) = soon {
    val command = command(case.part("command"))
    assertEquals(withoutNulls(case.part("command")), shape(command))
    assertEquals(command, Command.parse(case.word("json")))
    val texts = Channel<String>(Channel.UNLIMITED)
    ready(texts::send).use { phone ->
        // Into a state in which it can be given.
        when (command) {
            is Command.Answer -> phone.receive("""{"message":"chegandoChamada","numeroChegando":"4001"}""")
            is Command.Connect -> phone.receive(says("desconectado"))
            is Command.Call -> Unit
            else -> phone.receive(says("conversando"))
        }
        val waiting = launch { phone.execute(command) }
        assertEquals(case.word("json"), texts.receive())
        waiting.cancel()
    }
}

internal fun lenientCommand(case: JsonObject) {
    val error = case["error"]
    if (error == null) {
        assertEquals(withoutNulls(case.getValue("command")), shape(Command.parse(case.given)))
    } else {
        val found = assertFailsWith<WebphoneException.Invalid> { Command.parse(case.given) }
        assertEquals(error.jsonObject.word("field"), found.field)
    }
}

internal fun checkedValue(case: JsonObject) = soon {
    val sent = mutableListOf<String>()
    Session(clock = Clock(), post = sent::add).use { phone ->
        val give: suspend () -> Any = when (val type = case.word("type")) {
            "number" -> ({ PhoneNumber(case.given).digits })
            "dtmf" -> ({ phone.sendDtmf(case.given) })
            "queue" -> ({ phone.joinQueue(case.given) })
            else -> error("no such type: $type")
        }
        val error = case["error"]
        if (error != null) {
            val found = assertFailsWith<WebphoneException.Invalid> { give() }
            assertContains(found.reason, error.jsonPrimitive.content)
        } else if (case.word("type") == "number") {
            assertEquals(case.word("value"), give())
        } else {
            // It is taken: what is in the way is only that the session is over.
            phone.close()
            assertFailsWith<WebphoneException.SessionClosed> { give() }
        }
    }
    assertEquals(emptyList(), sent)
}

internal fun livedAgain(trace: JsonObject) {
    val steps = replay("$trace")
    val recorded = trace.getValue("steps").jsonArray.map { it.jsonObject }
    assertEquals(recorded.size, steps.size)
    assertTrue(steps.isNotEmpty())
    val base = trace["unix_base_ms"]?.jsonPrimitive?.long ?: 0
    var state = trace.getValue("initial")
    recorded.zip(steps).forEachIndexed { number, (expected, step) ->
        state = merge(state, expected["state"] ?: JsonObject(emptyMap()))
        val at = expected.getValue("at").jsonPrimitive.long
        assertEquals(at, step.at.monoMs, "at of step $number")
        assertEquals(expected["unix_ms"]?.jsonPrimitive?.long ?: (base + at), step.at.unixMs, "unix_ms of step $number")
        assertEquals(expected["note"]?.jsonPrimitive?.content, step.note, "note of step $number")
        assertEquals(withoutNulls(expected.getValue("input")), shape(step.input), "input of step $number")
        assertEquals(expected.list("texts"), shape(step.texts), "texts of step $number")
        assertEquals(expected.list("settled"), shape(step.settlements), "settled of step $number")
        assertEquals(expected.list("updates"), shape(step.updates.map { it.cause }), "updates of step $number")
        assertTrue(step.updates.all { it.state == step.state }, "state of the updates of step $number")
        // Time never goes back for a session, whatever its host says.
        assertTrue(step.updates.all { it.at.monoMs >= step.at.monoMs }, "time of the updates of step $number")
        assertEquals(expected["deadline"]?.jsonPrimitive?.long, step.deadlineMs, "deadline of step $number")
        assertEquals(withoutNulls(state), shape(step.state), "state of step $number")
        assertEquals(emptyList(), step.differs, "what differs in step $number")
    }
}

private fun JsonObject.list(name: String) = withoutNulls(this[name] ?: JsonArray(emptyList()))
