package dev.webphone

import java.io.File
import java.lang.reflect.InvocationTargetException
import java.net.URL
import java.net.URLClassLoader
import java.util.concurrent.Callable
import java.util.concurrent.CompletableFuture
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.hours

/** Fetches through the package as its own class loader sees it: gives what asks, and what lets the answer come. */
public class Probe : Callable<Pair<CompletableFuture<String>, Runnable>> {
    override fun call(): Pair<CompletableFuture<String>, Runnable> {
        val simulator = Simulator()
        simulator.addFault(Fault.Delay(1.hours), times = 1, extension = "4001")
        val client = simulator.client()
        // One that waits for its callback, and one that comes.
        val held = client.fetchAsync(Extension.Number(4001))
        val fetched = client.fetchAsync(Extension.Number(4000)).thenApply { "$it" }
        return fetched to Runnable {
            held.cancel(true)
            client.close()
            simulator.close()
        }
    }
}

/** Loads this package and its tests anew; all else (JNA too, if it is to be shared) as everybody. */
private class Apart(own: List<String>, private val hidden: Set<String> = emptySet()) :
    URLClassLoader(classPath(), NativeLibraryTest::class.java.classLoader) {
    private val own = own.map { "$it." }

    override fun loadClass(name: String, resolve: Boolean): Class<*> = synchronized(getClassLoadingLock(name)) {
        if (own.none(name::startsWith)) return super.loadClass(name, resolve)
        findLoadedClass(name) ?: findClass(name)
    }

    override fun getResource(name: String): URL? = if (name in
        hidden
    ) {
        null
    } else {
        findResource(name) ?: super.getResource(name)
    }

    private companion object {
        fun classPath(): Array<URL> = System.getProperty("java.class.path").split(File.pathSeparator)
            .map { File(it).toURI().toURL() }.toTypedArray()
    }
}

/** The library inside of the JAR: found without configuration, by each class loader for itself, or missed with a clear word. */
class NativeLibraryTest {
    private val platform = com.sun.jna.Platform.RESOURCE_PREFIX
    private val file = System.mapLibraryName("webphone")

    @Test
    fun `the JAR holds the library and is found by nothing but the class path`() {
        assertContains(Packaged.entries, "$platform/$file")
        assertEquals(null, System.getProperty("jna.library.path"))
    }

    @Test
    fun `two class loaders work at once, each with its own copy`() = soon {
        for (own in listOf(listOf("dev.webphone"), listOf("dev.webphone", "com.sun.jna"))) {
            val before = mapped()
            val probes = List(2) { Apart(own).loadClass(Probe::class.java.name).getDeclaredConstructor().newInstance() }
            assertNotEquals<Class<*>>(probes[0].javaClass, probes[1].javaClass)
            val running = probes.map {
                @Suppress("UNCHECKED_CAST")
                (it as Callable<Pair<CompletableFuture<String>, Runnable>>).call()
            }
            // Both wait in the core while each answers, and this class loader's own as well.
            running.forEach { (fetched, _) -> assertContains(fetched.get(), "<WebphoneUrl floating at 127.0.0.1") }
            running.forEach { (_, end) -> end.run() }
            val copies = mapped() - before
            assertTrue(copies.size >= 2, "$copies")
        }
    }

    /** What JNA has unpacked and mapped into this process: each copy by its name, though its file is gone by now. */
    private fun mapped(): Set<String> = File("/proc/self/maps").readLines()
        .map { it.substringAfter('/', "") }.filter { "jna" in it }.toSet()

    @Test
    fun `where no library fits, the error names the platform and the places`() {
        val bare = Apart(listOf("dev.webphone"), hidden = setOf("$platform/$file"))
        val number = bare.loadClass(PhoneNumber::class.java.name).getConstructor(String::class.java)
        val error = assertNotNull(assertFailsWith<InvocationTargetException> { number.newInstance("4000") }.cause)
        assertEquals(WebphoneException.Unsupported::class.java.name, error.javaClass.name)
        val text = assertNotNull(error.message)
        for (part in listOf(
            platform,
            file,
            "jna.library.path",
            "$platform/$file",
            "no platform"
        )) {
            assertContains(text, part)
        }
        assertTrue(error.cause is LinkageError)
        // It is no different when it is asked again: the JVM then says that a class could not be loaded.
        val again = assertNotNull(assertFailsWith<InvocationTargetException> { number.newInstance("4000") }.cause)
        assertContains(assertNotNull(again.message), platform)
    }
}
