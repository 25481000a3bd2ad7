// The ways into the core: errors made this library's own, and waits that a thread can be interrupted in.

@file:JvmSynthetic

package dev.webphone

import com.sun.jna.Platform
import dev.webphone.ffi.InternalException
import dev.webphone.ffi.WebphoneException as FfiWebphoneException
import kotlin.time.Duration
import kotlin.time.DurationUnit
import kotlin.time.toDuration

/** So long a thread waits in the core before it looks whether it was interrupted. */
internal const val SLICE_MILLIS: Long = 100

internal val Long.milliseconds: Duration get() = toDuration(DurationUnit.MILLISECONDS)

/** Calls the core; what it fails with becomes a [WebphoneException]. */
internal inline fun <T> lifting(call: () -> T): T = try {
    call()
} catch (error: FfiWebphoneException) {
    throw error.lift()
} catch (_: InternalException) {
    // It is not even the cause: a panic's words may hold what the caller gave.
    throw WebphoneException.Internal(Told("A fault inside the webphone library. Please report it.", "internal"), null)
} catch (error: CharacterCodingException) {
    // What crosses is UTF-8.
    val reason = "holds half of a surrogate pair"
    throw WebphoneException.Invalid(Told("`text` $reason. Nothing was sent.", "invalid"), "text", reason, error)
} catch (error: LinkageError) {
    throw libraryMissing(error)
}

/** As [lifting], for calls that wait: a thread that is interrupted already doesn't begin. */
internal inline fun <T> blocking(call: () -> T): T {
    if (Thread.interrupted()) throw InterruptedException()
    return lifting(call)
}

/** Waits for an operation's end, in slices. */
internal fun <T : Any> await(waitFor: (Long) -> T?, cancel: () -> Unit): T {
    while (true) {
        waitFor(SLICE_MILLIS)?.let { return it }
        if (Thread.interrupted()) {
            cancel()
            throw InterruptedException()
        }
    }
}

/** With another character for each half of a surrogate pair, which a page may say but nobody can encode. */
internal fun String.whole(): String = if (any(Char::isSurrogate)) encodeToByteArray().decodeToString() else this

/** Platforms that a JAR of this library may have a native library for, as JNA names them. */
private val platforms = listOf("linux-x86-64", "linux-aarch64", "darwin-aarch64", "darwin-x86-64", "win32-x86-64")

/** Says what is missing on this platform, and where it was looked for. */
internal fun libraryMissing(error: LinkageError): WebphoneException {
    val text = try {
        val platform = Platform.RESOURCE_PREFIX
        val file = System.mapLibraryName("webphone")
        val inside = platforms.filter { has("$it/${it.libraryName()}") }
        "The native library of webphone does not load on $platform. Looked for $file in jna.library.path " +
            "(${System.getProperty("jna.library.path") ?: "not set"}), in the system's folders, and as " +
            "$platform/$file on the class path; this build has it for ${inside.ifEmpty { listOf("no platform") }}." +
            " The system says: ${error.root().message}"
    } catch (_: LinkageError) {
        "The native library of webphone does not load, since JNA does not: ${error.root().message}"
    }
    return WebphoneException.Unsupported(Told(text, "unsupported"), "native library", error)
}

private fun has(resource: String) = WebphoneException::class.java.classLoader?.getResource(resource) != null

private fun String.libraryName() = when (substringBefore('-')) {
    "win32" -> "webphone.dll"
    "darwin" -> "libwebphone.dylib"
    else -> "libwebphone.so"
}

private fun Throwable.root(): Throwable = generateSequence(this) { it.cause }.last()
