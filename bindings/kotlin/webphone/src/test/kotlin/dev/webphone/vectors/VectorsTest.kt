package dev.webphone.vectors

import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlinx.serialization.json.JsonObject
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.DynamicContainer.dynamicContainer
import org.junit.jupiter.api.DynamicNode
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.TestFactory

/** The vectors, through the public interface: each file is judged case by case. */
class VectorsTest {
    private val api = ApiVectors()

    /** Who judges a case of which file or folder. */
    private val judges: Map<String, (JsonObject) -> Unit> = mapOf(
        "commands/canonical.json" to ::canonicalCommand,
        "commands/lenient.json" to ::lenientCommand,
        "commands/values.json" to ::checkedValue,
        "events/broken.json" to ::brokenEvent,
        "events/foreign.json" to ::foreignText,
        "events/known.json" to ::knownEvent,
        "numbers.json" to api::number,
        "rest/answers.json" to api::answer,
        "rest/requests.json" to api::request,
        "traces" to ::livedAgain,
        "urls.json" to api::url
    )

    private val VectorFile.judged get() = if (name.startsWith("traces/")) "traces" else name

    @AfterEach
    fun close() = api.close()

    @TestFactory
    fun `each file and each case`(): List<DynamicNode> {
        val files = VectorFile.all()
        assertEquals(judges.keys, files.mapTo(mutableSetOf()) { it.judged }, "files and who reads them")
        return files.map { file ->
            assertFalse(file.cases.isEmpty(), file.name)
            val judge = judges.getValue(file.judged)
            dynamicContainer(
                file.name,
                file.cases.mapIndexed { number, case ->
                    val name = listOf("name", "why", "title", "text").firstNotNullOfOrNull { case[it] }
                    dynamicTest("$number ${name.toString().take(80)}") { judge(case) }
                }
            )
        }
    }
}
