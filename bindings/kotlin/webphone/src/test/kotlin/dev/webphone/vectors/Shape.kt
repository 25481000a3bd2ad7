// The library's values in the shape that the vectors have, so that the two can be compared field by field.

package dev.webphone.vectors

import dev.webphone.AnswerProblem
import dev.webphone.ApiReason
import dev.webphone.CallStatus
import dev.webphone.Cause
import dev.webphone.Command
import dev.webphone.Event
import dev.webphone.Input
import dev.webphone.LoadFailure
import dev.webphone.Outcome
import dev.webphone.PageReport
import dev.webphone.Request
import dev.webphone.WebphoneException
import kotlin.reflect.KClass
import kotlin.reflect.KProperty1
import kotlin.reflect.full.isSubclassOf
import kotlin.reflect.full.memberProperties
import kotlin.reflect.full.primaryConstructor
import kotlin.time.Instant
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** The sets whose members the vectors write with their name as `type`. */
private val unions: List<KClass<*>> = listOf(
    Cause::class,
    Command::class,
    Event::class,
    Input::class,
    LoadFailure::class,
    Outcome::class,
    PageReport::class,
    Request::class
)

/** What the vectors write for a value. What is null is left out. */
internal fun shape(value: Any?): JsonElement = when (value) {
    null -> JsonNull
    is String -> JsonPrimitive(value)
    is Boolean -> JsonPrimitive(value)
    is Number -> JsonPrimitive(value.toLong())
    is Enum<*> -> JsonPrimitive(value.name.lowercase())
    is List<*> -> JsonArray(value.map(::shape))
    is CallStatus.Other -> JsonObject(mapOf("other" to JsonObject(fields(value))))
    is CallStatus -> JsonPrimitive(variant(value))
    is WebphoneException -> JsonObject(facts(value).filterKeys { it in settledFacts })
    else -> JsonObject(fields(value) + type(value))
}

private fun type(value: Any): Map<String, JsonElement> =
    if (unions.any { value::class.isSubclassOf(it) }) mapOf("type" to JsonPrimitive(variant(value))) else emptyMap()

/** A data class's fields, by the names of the vectors. */
private fun fields(value: Any): Map<String, JsonElement> {
    val names = value::class.primaryConstructor?.parameters.orEmpty().map { it.name }
    return value::class.memberProperties.filter { it.name in names }.mapNotNull { property ->
        @Suppress("UNCHECKED_CAST")
        when (val field = (property as KProperty1<Any, *>).get(value)) {
            null -> null
            is Instant -> "${snakeCase(property.name)}_ms" to JsonPrimitive(field.toEpochMilliseconds())
            else -> snakeCase(property.name) to shape(field)
        }
    }.toMap()
}

/** The name of a sealed set's member. */
internal fun variant(value: Any): String = snakeCase(checkNotNull(value::class.simpleName))

/** What a session's vectors tell of an error. */
private val settledFacts = setOf("code", "posted", "status_erro", "reason")

/** What an error says, in the words of the vectors. */
internal fun facts(error: WebphoneException): Map<String, JsonElement> = buildMap<String, Any?> {
    put("code", error.code)
    put("is_retryable", error.isRetryable)
    put("api_text", error.apiText)
    error.failure?.let { failure ->
        put("http_status", failure.httpStatus)
        put("motivo", failure.motivo)
        put("reason", variant(failure.reason))
        put("reason_value", (failure.reason as? ApiReason.Other)?.value)
    }
    when (error) {
        is WebphoneException.Invalid -> put("field", error.field)

        is WebphoneException.RateLimited -> put("retry_after_ms", error.retryAfterMillis)

        is WebphoneException.Unavailable -> put("retry_after_ms", error.retryAfterMillis)

        is WebphoneException.UnexpectedAnswer -> {
            put("http_status", error.httpStatus)
            put("problem", variant(error.problem))
            put("field", (error.problem as? AnswerProblem.Field)?.field)
        }

        is WebphoneException.Rejected -> put("status_erro", error.statusErro)

        is WebphoneException.NotReady -> put("reason", error.reason)

        is WebphoneException.PageLost -> put("posted", error.posted)

        is WebphoneException.SessionClosed -> put("posted", error.posted)

        is WebphoneException.CommandCancelled -> put("posted", error.posted)

        else -> Unit
    }
}.mapValues { shape(it.value) }
