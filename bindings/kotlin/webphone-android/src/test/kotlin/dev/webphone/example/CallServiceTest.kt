package dev.webphone.example

import dev.webphone.CallPhase
import dev.webphone.PlayedPage
import dev.webphone.eventually
import dev.webphone.example.samples.CallService
import dev.webphone.onMain
import dev.webphone.until
import dev.webphone.url
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The sample of a service for calls: the system ends an app whose service does not go to the foreground. */
@RunWith(RobolectricTestRunner::class)
@Config(application = ExampleApplication::class)
class CallServiceTest {
    private val app get() = RuntimeEnvironment.getApplication() as ExampleApplication
    private val controller = onMain { Robolectric.buildService(CallService::class.java).create() }
    private val service get() = shadowOf(controller.get())

    @After
    fun end() {
        onMain {
            app.closePhone()
            controller.destroy()
        }
    }

    private fun start(id: Int) = onMain {
        controller.startCommand(0, id)
        assertNotNull(service.lastForegroundNotification)
    }

    /** The id of the start that the service wants to be stopped for. */
    private fun stopped(): Int {
        runBlocking { eventually("the end of the service") { onMain { service.isStoppedBySelf } } }
        return onMain { service.stopSelfId }
    }

    @Test
    fun `without a phone it goes to the foreground all the same, and stops`() {
        start(1)
        assertEquals(1, stopped())
    }

    @Test
    fun `it stays for as long as the call, and stops for that one alone`() {
        onMain { app.openPhone(url().reveal()) }
        val phone = assertNotNull(app.desk.value).phone
        val page = PlayedPage(phone).ready()
        page.speak("""{"message":"status","status":"conversando"}""")
        phone.until { it.call?.phase == CallPhase.TALKING }
        start(7)
        onMain { assertFalse(service.isStoppedBySelf) }
        page.speak("""{"message":"status","status":"encerrada"}""")
        assertEquals(7, stopped())
    }

    @Test
    fun `whoever starts it never stops it`() = runBlocking(Dispatchers.Default) {
        onMain { app.openPhone(url().reveal()) }
        val phone = assertNotNull(app.desk.value).phone
        val page = PlayedPage(phone).ready()
        val following = launch { CallService.startWithCalls(app, phone) }
        repeat(2) {
            page.speak("""{"message":"status","status":"conversando"}""")
            eventually("the start of the service") { onMain { shadowOf(app).nextStartedService != null } }
            page.speak("""{"message":"status","status":"encerrada"}""")
            phone.until { it.call == null }
        }
        following.cancel()
        assertNull(onMain { shadowOf(app).nextStoppedService })
    }
}
