package dev.webphone

import java.io.File
import java.util.jar.JarFile

/** The JAR that the tests run on. */
internal object Packaged {
    val jar = File(System.getProperty("webphone.jar"))

    /** The names of all entries. */
    val entries: List<String> = JarFile(jar).use { jar -> jar.entries().asSequence().map { it.name }.toList() }

    /** The classes of a package. */
    fun classes(name: String): List<Class<*>> {
        val folder = name.replace('.', '/')
        return entries
            .filter { it.substringBeforeLast('/') == folder && it.endsWith(".class") }
            .map { Class.forName(it.removeSuffix(".class").replace('/', '.'), false, javaClass.classLoader) }
    }
}
