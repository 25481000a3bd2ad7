package dev.webphone

import java.io.File
import java.util.zip.ZipFile
import java.util.zip.ZipInputStream
import javax.xml.parsers.DocumentBuilderFactory
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.Test
import org.w3c.dom.Document
import org.w3c.dom.Element

/** The package as it is built. */
object Aar {
    private val file = File(System.getProperty("webphone.aar"))

    val names: List<String> get() = ZipFile(file).use { zip -> zip.entries().asSequence().map { it.name }.toList() }

    /** What it is published with. */
    val pom: Document get() = xml(file.resolveSibling("aar.pom").readBytes())

    fun read(name: String): ByteArray = ZipFile(file).use { zip -> zip.getInputStream(zip.getEntry(name)).readBytes() }
}

fun xml(text: ByteArray): Document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(text.inputStream())

fun Document.all(tag: String): List<Element> =
    getElementsByTagName(tag).let { found -> List(found.length) { found.item(it) as Element } }

/** What stands in its only element of this name; null: it has none. */
fun Element.field(name: String): String? = getElementsByTagName(name).item(0)?.textContent

/** What an app gets. */
class AarTest {
    private val contents = ZipInputStream(Aar.read("classes.jar").inputStream()).use { zip ->
        generateSequence { zip.nextEntry }.map { it.name to zip.readBytes() }.toMap()
    }
    private val classes = contents.keys

    /** What the JAR has for tests, by the names of the classes. */
    private val simulator =
        listOf("Simulator", "SimulatedPhone").flatMap(::declaredIn).toSet() + "junit/SimulatorExtension"

    /** The classes of one of the JAR's source files. */
    private fun declaredIn(file: String): List<String> {
        val sources = File(System.getProperty("webphone.root"), "bindings/kotlin/webphone/src/main/kotlin/dev/webphone")
        return Regex("^public [a-z ]*class (\\w+)", RegexOption.MULTILINE)
            .findAll(sources.resolve("$file.kt").readText()).map { it.groupValues[1] }.toList() + "${file}Kt"
    }

    @Test
    fun `it is laid out as Android's tools want it`() {
        val files = Aar.names.filterNot { it.endsWith("/") || it.startsWith("jni/") }
        assertEquals(setOf("AndroidManifest.xml", "R.txt", "classes.jar", "proguard.txt"), files.toSet())
        val abis = listOf("arm64-v8a", "armeabi-v7a", "x86_64").map { "jni/$it/libwebphone.so" }
        // All of them or, where there was no NDK, none.
        assertContains(listOf(emptySet(), abis.toSet()), Aar.names.filter { it.endsWith(".so") }.toSet())
    }

    @Test
    fun `it asks for no more than it needs`() {
        val manifest = xml(Aar.read("AndroidManifest.xml"))
        assertEquals(
            listOf("android.permission.INTERNET", "android.permission.MODIFY_AUDIO_SETTINGS"),
            manifest.all("uses-permission").map { it.getAttribute("android:name") }
        )
        assertEquals("24", manifest.all("uses-sdk").single().getAttribute("android:minSdkVersion"))
    }

    @Test
    fun `it holds the library and nothing for tests or desktops`() {
        for (name in listOf("Webphone", "Client", "Session", "ffi/PageLink")) {
            assertContains(classes, "dev/webphone/$name.class")
        }
        val foreign = classes.filterNot {
            it.endsWith("/") || it.startsWith("META-INF/") ||
                it.startsWith("dev/webphone/")
        }
        assertEquals(emptyList(), foreign)
        assertContains(simulator, "TokenCheck")
        assertEquals(emptyList(), simulator.filter { "dev/webphone/$it.class" in classes })
        assertTrue(classes.any { it.endsWith(".kotlin_module") }, "Kotlin sees no top-level functions without it")
    }

    @Test
    fun `no class of it names one that is not there`() {
        val name = Regex("dev/webphone/((?:junit/)?\\w+)")
        val named = contents.filterKeys { it.endsWith(".class") }.mapValues { (_, bytes) ->
            // Names stand as they are in a class file.
            name.findAll(bytes.toString(Charsets.ISO_8859_1)).map { it.groupValues[1] }.toSet()
        }
        assertContains(named.getValue("dev/webphone/Webphone.class"), "Session")
        assertEquals(
            emptyMap(),
            named.mapValues { (_, names) ->
                names intersect simulator
            }.filterValues { it.isNotEmpty() }
        )
    }

    @Test
    fun `it depends on Android's JNA`() {
        val pom = Aar.pom
        val types = pom.all("dependency").associate { it.field("artifactId") to it.field("type") }
        assertEquals(
            mapOf<String?, String?>("kotlin-stdlib" to null, "kotlinx-coroutines-core" to null, "jna" to "aar"),
            types
        )
        assertEquals("aar", pom.all("packaging").single().textContent)
        assertTrue('@' !in pom.documentElement.textContent, "Every placeholder has its value")
    }
}
