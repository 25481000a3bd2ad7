package dev.webphone

import android.content.Context
import com.android.tools.r8.ArchiveClassFileProvider
import com.android.tools.r8.ClassFileResourceProvider
import com.android.tools.r8.CompilationMode
import com.android.tools.r8.DiagnosticsHandler
import com.android.tools.r8.JdkClassFileProvider
import com.android.tools.r8.OutputMode
import com.android.tools.r8.ProgramResource
import com.android.tools.r8.R8
import com.android.tools.r8.R8Command
import com.android.tools.r8.Version
import com.android.tools.r8.origin.Origin
import com.sun.jna.Native
import com.sun.jna.Platform
import dev.webphone.shrunk.OnDevice
import java.io.File
import java.security.MessageDigest
import java.util.concurrent.TimeUnit
import java.util.function.Consumer
import java.util.zip.ZipEntry
import java.util.zip.ZipFile
import java.util.zip.ZipOutputStream
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals
import kotlinx.coroutines.Job
import org.jetbrains.annotations.NotNull
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder

/** What only says that something is not there on Android is no rule about this library. */
private const val IS_MISSING = "-dontwarn"

/** What an app says itself: how it is begun, and that the system's classes may name some that are left out here. About
 * `java.awt`, which Android has not, it says nothing. */
private val appRules = listOf(
    "-keep class dev.webphone.shrunk.** { *; }",
    "-dontwarn !java.awt.**,android.**,com.android.**,org.xmlpull.**,java.**,jdk.**,sun.**"
)

/** Apps are shrunk by R8 in full mode: the AAR's rules leave of it what the native side looks for by name. */
class ShrunkAppTest {
    @get:Rule
    val folder = TemporaryFolder()

    /** A part of a system's classes, by how their names begin: R8 reads all that it is given, most of its time. */
    private class Part(private val all: ClassFileResourceProvider, names: List<String>) : ClassFileResourceProvider {
        private val there = all.classDescriptors.filterTo(HashSet()) { type -> names.any { type.startsWith("L$it") } }

        override fun getClassDescriptors() = there

        override fun getProgramResource(type: String): ProgramResource? = all.getProgramResource(type)

        override fun getProgramResources(consumer: Consumer<ProgramResource>) =
            there.mapNotNull(::getProgramResource).forEach(consumer::accept)

        override fun finished(handler: DiagnosticsHandler) = all.finished(handler)
    }

    private class Ended(val status: Int, val said: String)

    private fun jarOf(type: Class<*>): File = File(type.protectionDomain.codeSource.location.toURI())

    /** What the app stands beside: Kotlin's own, which bring rules of their own. */
    private val beside = listOf(Unit::class.java, Job::class.java, NotNull::class.java).map(::jarOf)

    /** The app, the AAR's classes, and JNA. */
    private val program: List<File> by lazy {
        val app = folder.newFile("app.jar")
        val classes = jarOf(OnDevice::class.java)
        ZipOutputStream(app.outputStream()).use { zip ->
            classes.resolve("dev/webphone/shrunk").listFiles().orEmpty().forEach {
                zip.putNextEntry(ZipEntry(it.relativeTo(classes).path))
                zip.write(it.readBytes())
            }
        }
        val library = folder.newFile("classes.jar")
        library.writeBytes(Aar.read("classes.jar"))
        listOf(app, library, jarOf(Native::class.java))
    }

    /** What the library knows of the system that it runs in, new for each shrinking: it is read once. */
    private fun system() = listOf(
        Part(
            JdkClassFileProvider.fromSystemJdk(),
            listOf("java/io/", "java/lang/", "java/net/", "java/nio/", "java/util/")
        ),
        Part(
            ArchiveClassFileProvider(jarOf(Context::class.java).toPath()),
            listOf("app/A", "content/", "net/Uri", "net/http/", "os/", "view/", "webkit/", "widget/Frame", "window/")
                .map { "android/$it" }
        )
    )

    init {
        // Its own checks of itself: of no use here, and half of its time.
        javaClass.classLoader.setPackageAssertionStatus("com.android.tools.r8", false)
    }

    /** All that the result of shrinking depends on, in a few letters. */
    private fun fingerprint(rules: List<String>): String {
        val classes = program.flatMap { file ->
            ZipFile(file).use { zip -> zip.entries().asSequence().map { "${it.name} ${it.crc}" }.toList() }
        }
        val here = jarOf(javaClass).resolve("dev/webphone").listFiles { _, name -> name.startsWith("ShrunkAppTest") }
        val how = here.orEmpty().map { "${it.name} ${it.readBytes().contentHashCode()}" }.sorted()
        val tools = listOf(Version.getVersionString(), System.getProperty("java.version")) + beside.map(File::getName)
        val all = (classes + how + tools + rules).joinToString("\n").encodeToByteArray()
        return MessageDigest.getInstance("SHA-256").digest(all).joinToString("") { "%02x".format(it) }
    }

    /** It takes a minute: what was shrunk once stays for as long as nothing of it changes. */
    private fun shrink(rules: List<String>): File {
        val shrunk = File(System.getProperty("webphone.shrunk"), "${fingerprint(rules)}.jar")
        if (shrunk.exists()) return shrunk
        val output = folder.newFolder().resolve("shrunk.jar")
        R8.run(
            R8Command.builder()
                .setMode(CompilationMode.RELEASE)
                .addProgramFiles(program.map(File::toPath))
                .addClasspathFiles(beside.map(File::toPath))
                .apply { system().forEach(::addLibraryResourceProvider) }
                .addProguardConfiguration(appRules + rules, Origin.unknown())
                .setOutput(output.toPath(), OutputMode.ClassFile)
                .build()
        )
        // Whole or not at all.
        val copy = shrunk.resolveSibling("${shrunk.name}.new")
        output.copyTo(copy, overwrite = true)
        check(copy.renameTo(shrunk)) { "$shrunk can't be written" }
        return shrunk
    }

    /** Runs the app, in a process of its own. */
    private fun start(jar: File, simulator: Simulator): Ended {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val native = File(System.getProperty("webphone.native"), Platform.RESOURCE_PREFIX)
        val classes = (beside + jar).joinToString(File.pathSeparator)
        val main = listOf("dev.webphone.shrunk.SmallAppKt", simulator.apiUrl, simulator.token)
        val output = folder.newFile()
        val process = ProcessBuilder(listOf(java, "-Djna.library.path=$native", "-cp", classes) + main)
            .redirectErrorStream(true).redirectOutput(output).start()
        try {
            check(process.waitFor(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)) {
                "It does not end: ${output.readText()}"
            }
        } finally {
            process.destroyForcibly()
        }
        return Ended(process.exitValue(), output.readText())
    }

    @Test
    fun `with the AAR's rules a shrunk app works, without them it does not`() {
        val rules = Aar.read("proguard.txt").decodeToString().lines()
        Simulator().use { simulator ->
            val whole = shrink(rules)
            val ended = start(whole, simulator)
            val host = simulator.apiUrl.substringAfter("//")
            val expected = listOf(
                "<WebphoneUrl hidden at $host; use reveal()>",
                "refused NotFound",
                """{"message":"chamaNumero","numero":"11999990000"}""",
                "true",
                "true"
            )
            assertEquals(expected, ended.said.trim().lines(), ended.said)
            assertEquals(0, ended.status)
            // It was shrunk: what nobody uses is gone, and what is used has another name.
            val left = ZipFile(whole).use { zip -> zip.entries().asSequence().map { it.name }.toList() }
            assertEquals(
                emptyList(),
                left.filter { "BatchIterator" in it || it == "dev/webphone/CoreSession.class" }
            )

            val broken = start(shrink(rules.filter { it.startsWith(IS_MISSING) }), simulator)
            assertNotEquals(0, broken.status, broken.said)
            assertContains(broken.said, "does not load")
        }
    }
}
