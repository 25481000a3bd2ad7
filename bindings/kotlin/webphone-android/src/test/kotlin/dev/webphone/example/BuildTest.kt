package dev.webphone.example

import dev.webphone.Aar
import dev.webphone.all
import dev.webphone.example.samples.CallService
import dev.webphone.field
import dev.webphone.xml
import java.io.File
import kotlin.test.assertContains
import kotlin.test.assertEquals
import org.junit.Test

/** What no compiler reads of the example here: its manifest and its build. */
class BuildTest {
    private val example = File(System.getProperty("webphone.root"), "examples/android")

    private fun text(path: String) = example.resolve(path).readText()

    @Test
    fun `the manifest names what is there`() {
        val manifest = xml(text("src/main/AndroidManifest.xml").encodeToByteArray())
        val named = listOf("application", "activity", "service").flatMap(manifest::all)
        assertEquals<List<String?>>(
            listOf(ExampleApplication::class, PhoneActivity::class, CallService::class).map { it.qualifiedName },
            named.map { "dev.webphone.example${it.getAttribute("android:name")}" }
        )
        // The library leaves it to the app.
        assertContains(
            manifest.all("uses-permission").map { it.getAttribute("android:name") },
            "android.permission.RECORD_AUDIO"
        )
    }

    @Test
    fun `debug builds alone load phones over HTTP, from this device`() {
        assertEquals(
            "@xml/loopback",
            xml(text("src/debug/AndroidManifest.xml").encodeToByteArray()).all("application")
                .single().getAttribute("android:networkSecurityConfig")
        )
        val domains = xml(text("src/debug/res/xml/loopback.xml").encodeToByteArray()).all("domain")
        assertEquals(listOf("127.0.0.1"), domains.map { it.textContent })
        assertEquals(false, "usesCleartextTraffic" in text("src/main/AndroidManifest.xml"))
    }

    @Test
    fun `its build has the versions of what is built here`() {
        val project = Aar.pom.documentElement
        val build = text("build.gradle.kts")
        val versions = Aar.pom.all("dependency").associate { it.field("artifactId") to it.field("version") }
        assertContains(build, "dev.webphone:webphone-android:${project.field("version")}\"")
        assertContains(build, "kotlin.android\") version \"${versions["kotlin-stdlib"]}\"")
        assertContains(build, "kotlinx-coroutines-android:${versions["kotlinx-coroutines-core"]}\"")
        assertContains(build, "minSdk = 24\n")
    }
}
