package dev.webphone

import android.os.Looper
import android.os.SystemClock
import android.webkit.PermissionRequest
import java.time.Duration
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf

/** The microphone is for the phone, alone, and for nobody else. */
@RunWith(RobolectricTestRunner::class)
class MicrophoneTest {
    private val audio = PermissionRequest.RESOURCE_AUDIO_CAPTURE
    private val video = PermissionRequest.RESOURCE_VIDEO_CAPTURE

    private fun PlayedPage.ask(wish: Wish): Wish = wish.also { onMain { view.chrome.onPermissionRequest(it) } }

    @Test
    fun `the phone gets the microphone, whichever of its origins is named`() = withPhone { phone ->
        allowMicrophone()
        val page = PlayedPage(phone).ready()
        for (origin in listOf(HOST, PHONE, "https://voice-app.zenvia.com")) {
            assertEquals(listOf(audio), page.ask(Wish("$origin/", audio)).answer, origin)
        }
    }

    @Test
    fun `nobody gets anything else, also with the permission`() = withPhone { phone ->
        allowMicrophone()
        val page = PlayedPage(phone).ready()
        for (refused in listOf(
            // A subset would be granted to nobody: what asks for more is refused whole.
            Wish("$HOST/", audio, video),
            Wish("$HOST/", video),
            Wish("$HOST/", PermissionRequest.RESOURCE_PROTECTED_MEDIA_ID),
            Wish("$HOST/", PermissionRequest.RESOURCE_MIDI_SYSEX),
            Wish("https://evil.example/", audio),
            Wish("$HOST.evil.example/", audio),
            Wish("null", audio)
        )) {
            val heard = Heard(phone)
            assertEquals(emptyList(), page.ask(refused).answer)
            heard.notice("permission_refused")
        }
    }

    @Test
    fun `before a page is shown nobody gets the microphone`() = withPhone { phone ->
        allowMicrophone()
        val page = PlayedPage(phone).load()
        onMain { (phone as HostedWebphone).web.gone(crashed = true) }
        assertEquals(emptyList(), page.ask(Wish("$HOST/", audio)).answer)
    }

    @Test
    fun `without the permission the phone waits for what the user says`() = withPhone { phone ->
        val heard = Heard(phone)
        val page = PlayedPage(phone).ready()
        val wish = page.ask(Wish("$HOST/", audio))
        heard.notice("microphone_permission_needed")
        assertNull(wish.answer)
        allowMicrophone()
        phone.microphonePermission(granted = true)
        onMain { assertEquals(listOf(audio), wish.answer) }
    }

    @Test
    fun `a user's no is a refusal, and so is a yes that the system does not know of`() = withPhone { phone ->
        val heard = Heard(phone)
        val page = PlayedPage(phone).ready()
        for (said in listOf(false, true)) {
            val wish = page.ask(Wish("$HOST/", audio))
            phone.microphonePermission(said)
            heard.notice("microphone_refused")
            assertEquals(emptyList(), wish.answer)
        }
        // Said too early, it is for no later request.
        allowMicrophone()
        phone.microphonePermission(granted = false)
        assertEquals(listOf(audio), page.ask(Wish("$HOST/", audio)).answer)
    }

    @Test
    fun `the wait is bounded`() = withPhone { phone ->
        val heard = Heard(phone)
        val wish = PlayedPage(phone).ready().ask(Wish("$HOST/", audio))
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(59))
        assertNull(wish.answer)
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(2))
        heard.notice("microphone_refused")
        assertEquals(emptyList(), wish.answer)
        phone.microphonePermission(granted = true)
        onMain { assertEquals(emptyList(), wish.answer) }
    }

    @Test
    fun `what the page takes back is answered no more`() = withPhone { phone ->
        val page = PlayedPage(phone).ready()
        val wish = page.ask(Wish("$HOST/", audio))
        onMain { page.view.chrome.onPermissionRequestCanceled(wish) }
        allowMicrophone()
        phone.microphonePermission(granted = true)
        onMain { assertNull(wish.answer) }
    }

    @Test
    fun `nothing waits for what is answered or taken back`() = withPhone { phone ->
        val page = PlayedPage(phone).ready()
        val waits = {
            shadowOf(Looper.getMainLooper()).lastScheduledTaskTime >
                Duration.ofMillis(SystemClock.uptimeMillis())
        }
        for (end in listOf<(Wish) -> Unit>(
            { phone.microphonePermission(granted = false) },
            { wish -> onMain { page.view.chrome.onPermissionRequestCanceled(wish) } }
        )) {
            val wish = page.ask(Wish("$HOST/", audio))
            assertTrue(onMain(waits))
            end(wish)
            assertFalse(onMain(waits))
        }
    }

    @Test
    fun `a new load and the end refuse what is held`() {
        lateinit var last: Wish
        withPhone { phone ->
            val page = PlayedPage(phone).ready()
            val wish = page.ask(Wish("$HOST/", audio))
            phone.restart()
            onMain { assertEquals(emptyList(), wish.answer) }
            val again = PlayedPage(phone).ready()
            last = again.ask(Wish("$HOST/", audio))
            phone.close()
            destroyed(again)
        }
        assertEquals(emptyList(), last.answer)
    }
}
