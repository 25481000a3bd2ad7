package dev.webphone

import android.app.Activity
import android.os.Build
import android.os.Looper
import android.view.ViewGroup
import android.webkit.JsResult
import android.widget.FrameLayout
import java.lang.ref.WeakReference
import kotlin.concurrent.thread
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertSame
import kotlin.test.assertTrue
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadow.api.Shadow
import org.robolectric.util.ReflectionHelpers

/** Waits until the web view of a closed phone is destroyed: the last that happens to it. */
fun destroyed(page: PlayedPage) {
    val web = (page.phone as HostedWebphone).web
    page.order("stop")
    runBlocking {
        withTimeout(PATIENCE) {
            while (onMain { web.view != null }) yield()
        }
    }
}

/** From the first line to the last, on whatever thread, in whatever activity. */
@RunWith(RobolectricTestRunner::class)
class LifeTest {
    @Test
    fun `a phone is made and used from any thread`() {
        val made = CompletableDeferred<Webphone>()
        thread { made.complete(Webphone(application, url("embedded"))) }
        runBlocking { made.await() }.use { phone ->
            val page = PlayedPage(phone).ready()
            page.answer("conectar")
            val outcomes = List(4) { CompletableDeferred<Outcome>() }
            outcomes.forEach { thread { it.complete(phone.blocking.joinQueue("47")) } }
            page.answer("entrarNaFila", """{"message":"entrou_na_fila","filaId":47}""")
            runBlocking { outcomes.forEach { it.await() } }
            assertFailsWith<WebphoneException.Unsupported> { phone.view }
            assertNotNull(onMain { phone.view })
        }
        onMain { Webphone(application, url()) }.use { phone -> PlayedPage(phone).ready() }
    }

    @Test
    fun `a phone without an interface has no view`() = withPhone { assertNull(onMain { it.view }) }

    @Test
    fun `the app survives the page's renderer, and the phone comes back`() = withPhone { phone ->
        val heard = Heard(phone)
        val page = PlayedPage(phone).ready()
        val call = runBlocking(Dispatchers.Default) {
            val call = async { runCatching { phone.call("4001") } }
            page.order("post")
            val gone = onMain { page.view.client.onRenderProcessGone(page.view, Gone(crashed = true)) }
            assertTrue(gone)
            call.await()
        }
        assertIs<WebphoneException.PageLost>(call.exceptionOrNull())
        assertEquals("The page's renderer crashed.", heard.report<PageReport.Lost>().detail)
        assertTrue(page.view.played.wasDestroyCalled())
        assertNull(phone.state.value.call)
        phone.restart()
        val again = PlayedPage(phone).ready()
        assertNotEquals(page.view, again.view)
        again.answer("chamaNumero", """{"message":"chamada_id","chamada_id":78}""")
        assertIs<Outcome.Confirmed>(runBlocking { phone.call("4001") })
    }

    @Test
    fun `an older system gets a client that it knows`() {
        val now = Build.VERSION.SDK_INT
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", Build.VERSION_CODES.N)
        try {
            withPhone { phone ->
                assertEquals<Class<*>>(PartClient::class.java, PlayedPage(phone).view.client.javaClass)
            }
        } finally {
            ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", now)
        }
        withPhone { phone ->
            assertEquals<Class<*>>(SurvivingClient::class.java, PlayedPage(phone).view.client.javaClass)
        }
    }

    @Test
    fun `the main thread does not wait for what it has to carry itself`() = withPhone { phone ->
        PlayedPage(phone).ready()
        val error = onMain { assertFailsWith<WebphoneException.Unsupported> { phone.blocking.hangUp() } }
        assertEquals("blocking on this thread", error.feature)
        assertContains(error.message.orEmpty(), "async")
    }

    @Test
    fun `closing ends every waiter and destroys the web view`() {
        val phone = Webphone(application, url())
        val page = PlayedPage(phone).ready()
        runBlocking(Dispatchers.Default) {
            val call = async { runCatching { phone.call("4001") } }
            val updates = async { phone.updates.collect() }
            page.order("post")
            phone.close()
            withTimeout(PATIENCE) {
                assertIs<WebphoneException.SessionClosed>(call.await().exceptionOrNull())
                updates.await()
            }
        }
        destroyed(page)
        assertTrue(page.view.played.wasDestroyCalled())
        phone.close()
        assertFailsWith<WebphoneException.Closed> { phone.restart() }
        assertFailsWith<WebphoneException.Closed> { phone.renew(url()) }
        assertFailsWith<WebphoneException.Closed> { onMain { phone.view } }
        phone.microphonePermission(granted = true)
        assertTrue(phone.state.value.shutDown)
        assertEquals("Webphone(closed, dialling)", "$phone")
        // What the web view still says goes nowhere.
        onMain { page.view.client.onPageFinished(page.view, "$HOST/") }
        assertEquals(1, page.view.played.posted.size)
    }

    @Test
    fun `a view goes from activity to activity and holds on to none`() = withPhone(url("embedded")) { phone ->
        val page = PlayedPage(phone).ready()
        var controller = onMain { Robolectric.buildActivity(Activity::class.java).setup() }
        val first = WeakReference(controller.get())
        onMain {
            controller.get().setContentView(phone.view)
            shadowOf(Looper.getMainLooper()).idle()
        }
        val place = (phone as HostedWebphone).web.place
        assertSame(first.get(), onMain { place.context.baseContext })
        assertEquals<Any?>(page.view.parent, onMain { phone.view })

        // Looking at it is not taking it.
        assertSame<Any?>(onMain { controller.get().findViewById(android.R.id.content) }, onMain { phone.view?.parent })

        // Rotation: the old activity goes, a new one takes the view.
        onMain {
            controller.pause().stop().destroy()
            assertNull((page.view.parent as ViewGroup).parent)
            assertSame(application, place.context.baseContext)
        }
        controller = onMain { Robolectric.buildActivity(Activity::class.java).setup() }
        onMain { controller.get().setContentView(phone.view) }
        assertSame(controller.get(), onMain { place.context.baseContext })
        assertEquals(page.view, onMain { (phone.view as ViewGroup).getChildAt(0) })
        assertFalse(page.view.played.wasDestroyCalled())
    }

    @Test
    fun `a fragment that comes back just adds the view again`() = withPhone(url("embedded")) { phone ->
        val activity = onMain { Robolectric.buildActivity(Activity::class.java).setup() }.get()
        onMain {
            val place = FrameLayout(activity).also(activity::setContentView)
            repeat(3) {
                val fragment = FrameLayout(activity).apply { addView(phone.view) }
                // Built, and not yet shown: it stays there.
                assertSame(fragment, phone.view?.parent)
                place.addView(fragment)
                assertSame(activity, (phone as HostedWebphone).web.place.context.baseContext)
                place.removeView(fragment)
            }
        }
    }

    @Test
    fun `whatever is called before the page is there has its place`() {
        val phone = onMain {
            Webphone(application, url("embedded")).apply {
                microphonePermission(granted = true)
                assertNotNull(view)
                restart()
                renew(url("embedded", "&ver=2"))
            }
        }
        phone.use {
            val page = PlayedPage(phone).load()
            page.say(PlayedPage.item("hello"))
            assertContains(page.order("start").toString(), "ver=2")
        }
        onMain { Webphone(application, url()).apply { close() }.restartFails() }
    }

    private fun Webphone.restartFails() {
        assertFailsWith<WebphoneException.Closed> { restart() }
    }

    @Test
    fun `after the app's process died in a call, the next one learns of it from the phone`() {
        // What the first process knew died with it: its phone was never closed.
        val first = Webphone(application, url())
        PlayedPage(
            first
        ).ready().speak("""{"message":"chegandoChamada","numeroChegando":"4001","chamadaRecebidaId":1}""")
        first.until { it.ringing != null }
        withPhone { phone ->
            val page = PlayedPage(phone).ready()
            assertNull(phone.state.value.call ?: phone.state.value.ringing)
            page.speak("""{"message":"status","status":"conversando"}""")
            assertEquals(CallOrigin.PAGE, phone.until { it.call != null }.call?.origin)
            page.answer("hangup", """{"message":"status","status":"encerrada"}""")
            assertIs<Outcome.Confirmed>(runBlocking { phone.hangUp() })
            assertNull(phone.state.value.call)
        }
        first.close()
    }

    @Test
    fun `an activity is let go of while its phone lives on`() {
        val (phone, activity) = inAnActivity()
        phone.use {
            runBlocking {
                withTimeout(PATIENCE) {
                    while (activity.get() != null) {
                        System.gc()
                        yield()
                    }
                }
            }
            assertFalse((phone as HostedWebphone).web.place.isInActivity)
            PlayedPage(phone).ready()
        }
    }

    @Test
    fun `a phone that is closed while it is shown leaves its activity`() {
        val phone = Webphone(application, url("embedded"))
        val page = PlayedPage(phone).ready()
        val place = (phone as HostedWebphone).web.place
        val listeners = { ReflectionHelpers.getField<List<Any>>(application, "mActivityLifecycleCallbacks").toSet() }
        val before = onMain(listeners)
        val frame = onMain {
            val activity = Robolectric.buildActivity(Activity::class.java).setup().get()
            (phone.view as ViewGroup).also(activity::setContentView)
        }
        assertTrue(onMain { place.isInActivity && listeners() != before })
        phone.close()
        destroyed(page)
        onMain {
            assertNull(frame.parent)
            assertEquals(0, frame.childCount)
            assertSame(application, place.context.baseContext)
            assertEquals(before, listeners())
        }
    }

    /** In a frame of its own: what it holds is garbage afterwards. */
    private fun inAnActivity(): Pair<Webphone, WeakReference<Activity>> = onMain {
        val controller = Robolectric.buildActivity(Activity::class.java).setup()
        val phone = Webphone(controller.get(), url("embedded"))
        controller.get().setContentView(phone.view)
        controller.pause().stop().destroy()
        phone to WeakReference(controller.get())
    }

    @Test
    fun `without an activity a dialog is refused, with one it is the system's`() = withPhone(url("embedded")) { phone ->
        val heard = Heard(phone)
        val page = PlayedPage(phone).ready()
        val results = List(2) { Shadow.newInstanceOf(JsResult::class.java) }
        assertTrue(onMain { page.view.chrome.onJsConfirm(page.view, HOST, "Sure?", results[0]) })
        heard.notice("dialog_dismissed")
        assertTrue(onMain { page.view.chrome.onJsAlert(page.view, HOST, "Hello", results[1]) })
        heard.notice("dialog_dismissed")
        assertTrue(results.all { shadowOf(it).wasCancelled() })
        val controller = onMain { Robolectric.buildActivity(Activity::class.java).setup() }
        onMain { controller.get().setContentView(phone.view) }
        assertFalse(
            onMain {
                page.view.chrome.onJsConfirm(page.view, HOST, "Sure?", Shadow.newInstanceOf(JsResult::class.java))
            }
        )
    }
}
