// What happens with every message of a phone, in one plain call of the core each: the generated code makes three for the one
// and six for the other, with structures that JNA reads and writes field by field. Also a session's followers.

@file:JvmSynthetic

package dev.webphone

import com.sun.jna.Function
import com.sun.jna.Native
import com.sun.jna.Pointer
import dev.webphone.ffi.FfiConverterSequenceTypeUpdate
import dev.webphone.ffi.RustBuffer
import dev.webphone.ffi.Session as FfiSession
import dev.webphone.ffi.Update as FfiUpdate
import dev.webphone.ffi.Updates as FfiUpdates
import dev.webphone.ffi.WebphoneException as FfiWebphoneException
import dev.webphone.ffi.directSessionFunctions

/** Updates that are pulled at a time, at most. */
private const val MANY = 256

/** The core's table of functions, none of which waits. */
internal object Direct {
    private val table = Pointer(directSessionFunctions())
    private val receive = function(0)
    private val takeLowered = function(3)
    private val takeBufferBack = function(4)

    private fun function(place: Long) = Function.getFunction(table.getPointer(place * Native.POINTER_SIZE))

    /** As the session's own `receive`; half a surrogate pair, which a page may say but nobody can encode, is replaced. */
    fun receive(session: FfiSession, text: String) {
        val bytes = text.encodeToByteArray()
        receive.invokeVoid(arrayOf(session.handle, bytes, bytes.size.toLong()))
        // So that the session is not collected before.
        session.uniffiIsDestroyed
    }

    /** What the follower's own `next` would give at once; null when it would wait, or fail. */
    fun take(updates: FfiUpdates, buffer: RustBuffer): List<FfiUpdate>? {
        if (takeLowered.invokeInt(arrayOf(updates.handle, MANY, buffer.pointer)) == 0) return null
        try {
            buffer.read()
            return FfiConverterSequenceTypeUpdate.read(checkNotNull(buffer.asByteBuffer()))
        } finally {
            takeBufferBack.invokeVoid(arrayOf(buffer.pointer))
        }
    }
}

/** Who follows a session in the core, until this is closed. One reader at a time. */
internal class Follower(private val native: FfiUpdates) : AutoCloseable {
    private val buffer = RustBuffer()

    /** The next updates, as soon as there are any; null after the session's end. */
    suspend fun next(): List<FfiUpdate>? = Direct.take(native, buffer) ?: try {
        native.next(MANY)
    } catch (_: FfiWebphoneException.Closed) {
        null
    }

    override fun close() = native.close()
}
