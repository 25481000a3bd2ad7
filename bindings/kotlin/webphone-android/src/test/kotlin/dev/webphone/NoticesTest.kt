package dev.webphone

import java.io.File
import kotlin.test.assertContains
import kotlin.test.assertEquals
import org.junit.Test

/** What is told by a notice stands where people look for it. */
class NoticesTest {
    private val root = File(System.getProperty("webphone.root"))
    private val main = root.resolve("bindings/kotlin/webphone-android/src/main/kotlin/dev/webphone")

    private fun named(text: String, pattern: String): Set<String> =
        Regex(pattern, RegexOption.MULTILINE).findAll(text).map { it.groupValues[1] }.toSet()

    /** What only other kinds of hosts tell: the microphone as a page itself sees it, windows and connections. */
    private val elsewhere =
        setOf("microphone_granted", "microphone_missing", "microphone_found", "popup_blocked", "reconnected")

    @Test
    fun `every notice that can come is documented, and no other`() {
        val page = root.resolve("src/page")
        val bridges = named(page.resolve("envelope.rs").readText(), """^ {4}\("(\w+)", """")
        val cores = named(page.resolve("link.rs").readText().substringBefore("mod tests"), """notice\(\s*"(\w+)"""")
        val ours = main.listFiles().orEmpty().flatMap { named(it.readText(), """notice\(\s*"(\w+)"""") }
        assertContains(bridges, "navigation_blocked")
        assertContains(cores, "messages_lost")
        assertContains(ours, "nothing_opens")
        val documented = named(main.resolve("Webphone.kt").readText(), """^ \* \| `(\w+)` \|""")
        assertEquals((bridges + cores + ours - elsewhere).sorted(), documented.sorted())
    }
}
