package dev.webphone.example

import android.Manifest
import android.content.pm.PackageManager
import android.os.Handler
import android.os.Looper
import android.text.Editable
import android.text.TextWatcher
import android.view.View
import android.view.ViewGroup
import android.webkit.PermissionRequest
import android.widget.Button
import dev.webphone.PATIENCE
import dev.webphone.PHONE
import dev.webphone.PlayedPage
import dev.webphone.Wish
import dev.webphone.allowMicrophone
import dev.webphone.chrome
import dev.webphone.onMain
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNotSame
import kotlin.test.assertNull
import kotlin.test.assertSame
import kotlin.test.assertTrue
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The example app, as somebody at its screen. */
@RunWith(RobolectricTestRunner::class)
@Config(application = ExampleApplication::class)
class ExampleTest {
    private val app get() = RuntimeEnvironment.getApplication() as ExampleApplication
    private val controller = onMain { Robolectric.buildActivity(PhoneActivity::class.java).setup() }
    private val activity: PhoneActivity get() = controller.get()

    @After
    fun end() {
        onMain {
            app.closePhone()
            controller.close()
        }
    }

    /** Waits until the screen shows it: it says something whenever it changes. */
    private fun until(fits: PhoneViews.() -> Boolean) {
        val views = activity.views
        val shown = CompletableFuture<Unit>()
        val look = { if (views.fits()) shown.complete(Unit) else false }
        onMain {
            val watcher = object : TextWatcher {
                override fun beforeTextChanged(text: CharSequence, start: Int, count: Int, after: Int) = Unit

                override fun onTextChanged(text: CharSequence, start: Int, before: Int, count: Int) = Unit

                override fun afterTextChanged(text: Editable) {
                    // When the whole screen has changed.
                    Handler(Looper.getMainLooper()).post { look() }
                }
            }
            listOf(views.status, views.message).forEach { it.addTextChangedListener(watcher) }
            look()
        }
        shown.get(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)
    }

    private fun press(button: PhoneViews.() -> Button) = onMain {
        val pressed = activity.views.button()
        assertTrue(pressed.isEnabled, "${pressed.text} can't be pressed")
        pressed.performClick()
    }

    private fun open(url: String): PlayedPage {
        onMain { activity.views.url.setText(url) }
        press { open }
        val page = PlayedPage(assertNotNull(app.desk.value).phone).ready()
        until { "${status.text}" == "Ready" }
        return page
    }

    private fun openPhone(type: String = "hidden") = open(" $PHONE/w3/?key=S3CR3T&tipo=$type\n")

    private fun PlayedPage.rings() =
        speak("""{"message":"chegandoChamada","numeroChegando":"(11) 99999-0000","chamadaRecebidaId":1}""")

    private fun PlayedPage.status(status: String) = speak("""{"message":"status","status":"$status"}""")

    @Test
    fun `a number is dialled and hung up`() {
        val page = openPhone()
        page.answer("chamaNumero", """{"message":"chamada_id","chamada_id":77}""")
        page.answer("hangup", """{"message":"status","status":"encerrada"}""")
        listOf("4", "0", "0", "1").forEach { key -> press { keys.single { "${it.text}" == key } } }
        assertEquals("4001", "${onMain { activity.views.number.text }}")
        press { dial }
        until { "done (chamada_id)" in message.text && hangUp.isEnabled && !dial.isEnabled }
        assertContains(activity.views.call.text, "4001")
        press { hangUp }
        until { dial.isEnabled && !hangUp.isEnabled }
    }

    @Test
    fun `an incoming call is answered, muted, and handed over`() {
        val page = openPhone()
        page.rings()
        until { "Incoming: (11) 99999-0000" in call.text }
        page.answer("answer", """{"message":"status","status":"conversando"}""")
        press { answer }
        until { mute.isEnabled && "${mute.text}" == "Mute" && !answer.isEnabled }
        press { mute }
        page.order("post")
        until { "${mute.text}" == "Unmute" && "does not confirm" in message.text }
        press { keys.single { "${it.text}" == "#" } }
        until { message.text.startsWith("Key #: sent") }
        onMain { activity.views.number.setText("4002") }
        press { transfer }
        until { message.text.startsWith("Transferring to 4002: sent") }
        page.status("encerrada")
        until { !transfer.isEnabled && call.text.isEmpty() }
    }

    @Test
    fun `queues are joined, paused and shown`() {
        val page = openPhone()
        page.answer("entrarNaFila", """{"message":"entrou_na_fila","filaId":47}""")
        page.answer("pausarNaFila", """{"message":"pausou_na_fila","filaId":47}""")
        onMain { activity.views.queue.setText("47") }
        press { join }
        until { "Queue 47: in it" in queues.text }
        press { pause }
        until { "Queue 47: in it, pausing" in queues.text }
    }

    @Test
    fun `what goes wrong is said, and the phone can be loaded again`() {
        onMain { activity.views.url.setText("javascript:1") }
        press { open }
        assertContains(activity.views.message.text, "url")
        val page = openPhone()
        onMain { activity.views.number.setText("4002") }
        press { transfer.also { it.isEnabled = true } }
        until { "no call" in message.text }
        onMain { (app.desk.value!!.phone as dev.webphone.HostedWebphone).web.gone(crashed = true) }
        until { restart.visibility == View.VISIBLE && "renderer crashed" in message.text }
        assertFalse(onMain { activity.views.dial.isEnabled })
        press { restart }
        val again = PlayedPage(page.phone).ready()
        assertNotSame(page.view, again.view)
        until { "${status.text}" == "Ready" && restart.visibility == View.GONE }
    }

    @Test
    fun `the user is asked for the microphone when the phone wants it`() {
        val page = openPhone()
        val wish = Wish("$PHONE/", PermissionRequest.RESOURCE_AUDIO_CAPTURE)
        onMain { page.view.chrome.onPermissionRequest(wish) }
        until { "RECORD_AUDIO" in message.text }
        val asked = onMain { shadowOf(activity).lastRequestedPermission }
        assertEquals(listOf(Manifest.permission.RECORD_AUDIO), asked.requestedPermissions.toList())
        allowMicrophone()
        onMain {
            activity.onRequestPermissionsResult(
                asked.requestCode,
                asked.requestedPermissions,
                intArrayOf(PackageManager.PERMISSION_GRANTED)
            )
        }
        onMain { assertEquals(listOf(PermissionRequest.RESOURCE_AUDIO_CAPTURE), wish.answer) }
    }

    @Test
    fun `a dialog that a rotation takes away is no refusal`() {
        val page = openPhone()
        val wish = Wish("$PHONE/", PermissionRequest.RESOURCE_AUDIO_CAPTURE)
        onMain { page.view.chrome.onPermissionRequest(wish) }
        until { "RECORD_AUDIO" in message.text }
        onMain { activity.onRequestPermissionsResult(0, emptyArray(), intArrayOf()) }
        assertNull(onMain { wish.answer })
        onMain { controller.recreate() }
        until { "RECORD_AUDIO" in message.text }
        onMain { }
        val asked = assertNotNull(onMain { shadowOf(activity).lastRequestedPermission })
        val refused = intArrayOf(PackageManager.PERMISSION_DENIED)
        onMain { activity.onRequestPermissionsResult(asked.requestCode, asked.requestedPermissions, refused) }
        assertEquals(emptyList(), onMain { wish.answer })
    }

    @Test
    fun `a rotation changes nothing but the activity`() {
        val page = openPhone("embedded")
        page.rings()
        until { answer.isEnabled }
        press { answer }
        page.order("post")
        val place = onMain { (page.view.parent as ViewGroup) }
        assertSame<Any>(activity.views.place, onMain { place.parent })
        val before = activity
        onMain { controller.recreate() }
        assertNotSame(before, activity)
        until { answer.isEnabled }
        assertSame<Any>(activity.views.place, onMain { place.parent })
        // The command that the first one gave goes on.
        page.status("conversando")
        until { "Answering: done" in message.text && mute.isEnabled }
    }
}
