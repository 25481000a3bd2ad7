package dev.webphone

import java.util.zip.ZipInputStream

/** The classes of the AAR, for the tests that the JAR has too. */
internal object Packaged {
    private val names = ZipInputStream(Aar.read("classes.jar").inputStream()).use { zip ->
        generateSequence { zip.nextEntry }.map { it.name }.toList()
    }

    /** The classes of a package, as they are on the class path: the same, from their two places. */
    fun classes(name: String): List<Class<*>> {
        val folder = name.replace('.', '/')
        return names
            .filter { it.substringBeforeLast('/') == folder && it.endsWith(".class") }
            .map { Class.forName(it.removeSuffix(".class").replace('/', '.'), false, javaClass.classLoader) }
    }
}
