// The files that the tests of every language read: tests/vectors, as its README.md describes them.

package dev.webphone.vectors

import java.io.File
import java.util.Base64
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

/** One file of vectors. */
internal class VectorFile(private val file: File) {
    /** Its path below `tests/vectors`. */
    val name: String = file.relativeTo(root).invariantSeparatorsPath

    val text: String get() = file.readText()

    val document: JsonObject by lazy { Json.parseToJsonElement(text).jsonObject }

    /** What is to be judged one by one: a list of vectors or cases, or the whole file. */
    val cases: List<JsonObject> by lazy {
        val list = document["vectors"] ?: document["cases"]
        list?.jsonArray?.map(JsonElement::jsonObject) ?: listOf(document)
    }

    /** Texts that must stand nowhere. */
    val secrets: List<String> by lazy { document["secrets"]?.jsonArray.orEmpty().map { it.jsonPrimitive.content } }

    companion object {
        private val root = File(System.getProperty("webphone.root"), "tests/vectors")

        /** All that there are. */
        fun all(): List<VectorFile> = root.walk().filter { it.extension == "json" }.sorted().map(::VectorFile).toList()

        operator fun get(name: String) = VectorFile(root.resolve(name))
    }
}

/** A Text: a string, or parts of one. */
internal fun text(value: JsonElement): String = when (value) {
    is JsonArray -> value.joinToString("", transform = ::text)
    is JsonObject -> value.word("repeat").repeat(value.getValue("times").jsonPrimitive.int)
    is JsonPrimitive -> value.content
}

/** What a case gives to read: its `text`, or what its `repeat` makes. */
internal val JsonObject.given: String
    get() = when (val repeat = this["repeat"]) {
        null -> word("text")

        else -> with(repeat.jsonObject) {
            word("before") + word("unit").repeat(getValue("times").jsonPrimitive.int) + word("after")
        }
    }

internal fun JsonObject.word(name: String): String = getValue(name).jsonPrimitive.content

internal fun JsonObject.flag(name: String): Boolean = getValue(name).jsonPrimitive.boolean

internal fun JsonObject.part(name: String): JsonObject = getValue(name).jsonObject

/** The field, unless it is missing or null. */
internal fun JsonObject.given(name: String): JsonElement? = this[name]?.takeUnless { it is JsonNull }

/** The body of a vector's answer. */
internal fun body(answer: JsonObject): ByteArray = when (val encoded = answer["body_base64"]) {
    null -> text(answer.getValue("body")).encodeToByteArray()
    else -> Base64.getDecoder().decode(encoded.jsonPrimitive.content)
}

/** A name in `snake_case`. */
internal fun snakeCase(name: String): String = name.replace(Regex("(?<=[a-z0-9])(?=[A-Z])"), "_").lowercase()

/** A merge patch (RFC 7386). */
internal fun merge(target: JsonElement?, patch: JsonElement): JsonElement {
    if (patch !is JsonObject) return patch
    val merged = (target as? JsonObject).orEmpty().toMutableMap()
    for ((name, value) in patch) {
        if (value is JsonNull) merged.remove(name) else merged[name] = merge(merged[name], value)
    }
    return JsonObject(merged)
}

/** What is null may as well be missing. */
internal fun withoutNulls(value: JsonElement): JsonElement = when (value) {
    is JsonObject -> JsonObject(value.filterValues { it !is JsonNull }.mapValues { withoutNulls(it.value) })
    is JsonArray -> JsonArray(value.map(::withoutNulls))
    else -> value
}
