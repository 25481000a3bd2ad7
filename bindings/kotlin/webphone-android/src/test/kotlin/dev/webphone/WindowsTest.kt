package dev.webphone

import android.app.Activity
import android.content.Context
import android.content.ContextWrapper
import android.content.Intent
import android.os.Handler
import android.os.Looper
import android.view.KeyEvent
import android.view.View
import android.view.ViewGroup
import android.webkit.GeolocationPermissions
import android.webkit.PermissionRequest
import android.webkit.WebView
import android.widget.FrameLayout
import android.window.OnBackInvokedCallback
import android.window.OnBackInvokedDispatcher
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.util.ReflectionHelpers

/** Where pages may go, and the windows that they open. */
@RunWith(RobolectricTestRunner::class)
class WindowsTest {
    /** The page opens a window; null when that is refused. */
    private fun PlayedPage.openWindow(): WebView? = onMain {
        val transport = view.WebViewTransport()
        val message = Handler(Looper.getMainLooper()).obtainMessage(0, transport)
        view.chrome.onCreateWindow(view, false, true, message)
        transport.webView
    }

    /** It goes to a URL; whether it got there. */
    private fun WebView.goTo(url: String): Boolean = onMain {
        !client.shouldOverrideUrlLoading(this, Asked(url, mainFrame = true)).also { refused ->
            if (!refused) client.onPageStarted(this, url, null)
        }
    }

    /** After all that waited, and what that brought. */
    private val WebView.isGone: Boolean
        get() {
            onMain { }
            return onMain { played.wasDestroyCalled() }
        }

    private fun started(): Intent? = shadowOf(application).nextStartedActivity

    @Test
    fun `the main frame stays where it is, a frame stays with the phone`() = withPhone { phone ->
        val page = PlayedPage(phone).ready()
        fun refused(url: String, mainFrame: Boolean) =
            onMain { page.view.client.shouldOverrideUrlLoading(page.view, Asked(url, mainFrame)) }
        assertFalse(refused("$HOST/", mainFrame = true))
        assertFalse(refused("https://voice-app.zenvia.com/w3", mainFrame = false))
        for (url in listOf("https://evil.example/", "intent://x#Intent;end", "file:///etc/passwd", "javascript:1")) {
            assertTrue(refused(url, mainFrame = true) && refused(url, mainFrame = false), url)
        }
        assertTrue(refused("$PHONE/w3", mainFrame = true))
        assertNull(started())
    }

    @Test
    fun `a window of the phone's becomes a view over it, and closes with it`() = withPhone(url("embedded")) { phone ->
        val page = PlayedPage(phone).ready()
        val place = onMain { phone.view as ViewGroup }
        val window = page.openWindow()!!
        assertEquals(1, onMain { place.childCount })
        assertTrue(window.goTo("$PHONE/agenda"))
        assertEquals(listOf(page.view, window), onMain { List(place.childCount, place::getChildAt) })
        assertTrue(window.goTo("https://api.totalvoice.com.br/x"))
        // A link in it leaves the app, and it stays.
        assertFalse(window.goTo("https://help.example/"))
        assertEquals("https://help.example/", started()?.dataString)
        onMain { page.view.chrome.onCloseWindow(window) }
        assertTrue(window.isGone)
        assertEquals(1, onMain { place.childCount })

        val other = page.openWindow()!!.also { it.goTo("$PHONE/agenda") }
        phone.restart()
        assertTrue(other.isGone)
    }

    @Test
    fun `a window whose renderer dies is gone, and the phone's takes all of them along`() =
        withPhone(url("embedded")) { phone ->
            val page = PlayedPage(phone).ready()
            val (one, other) = List(2) { page.openWindow()!!.also { it.goTo("$PHONE/agenda") } }
            assertTrue(onMain { one.client.onRenderProcessGone(one, Gone(crashed = false)) })
            assertTrue(one.isGone)
            assertFalse(page.view.isGone || other.isGone)
            assertEquals(PagePhase.READY, phone.state.value.page.phase)
            val heard = Heard(phone)
            assertTrue(onMain { page.view.client.onRenderProcessGone(page.view, Gone(crashed = false)) })
            assertEquals("The system ended the page's renderer.", heard.report<PageReport.Lost>().detail)
            assertTrue(page.view.isGone && other.isGone)
        }

    @Test
    fun `the back key closes a window`() = withPhone(url("embedded")) { phone ->
        val window = PlayedPage(phone).ready().openWindow()!!.also { it.goTo("$PHONE/agenda") }
        onMain {
            // Robolectric's web view takes no keys.
            val listeners = ReflectionHelpers.getField<Any>(window, "mListenerInfo")
            val listener = ReflectionHelpers.getField<View.OnKeyListener>(listeners, "mOnKeyListener")
            for (action in listOf(KeyEvent.ACTION_DOWN, KeyEvent.ACTION_UP)) {
                assertTrue(listener.onKey(window, KeyEvent.KEYCODE_BACK, KeyEvent(action, KeyEvent.KEYCODE_BACK)))
            }
        }
        assertTrue(window.isGone)
    }

    @Test
    fun `the back gesture closes a window`() = withPhone(url("embedded")) { phone ->
        val page = PlayedPage(phone).ready()
        val heard = ArrayList<OnBackInvokedCallback>()
        val dispatcher = object : OnBackInvokedDispatcher {
            override fun registerOnBackInvokedCallback(priority: Int, callback: OnBackInvokedCallback) {
                heard += callback
            }

            override fun unregisterOnBackInvokedCallback(callback: OnBackInvokedCallback) {
                heard -= callback
            }
        }
        val activity = onMain { Robolectric.buildActivity(Activity::class.java).setup() }.get()
        onMain {
            val place = object : FrameLayout(activity) {
                override fun findOnBackInvokedDispatcherForChild(child: View, requester: View) = dispatcher
            }
            activity.setContentView(place.apply { addView(phone.view) })
        }
        val window = page.openWindow()!!.also { it.goTo("$PHONE/agenda") }
        onMain { heard.single().onBackInvoked() }
        assertTrue(window.isGone)
        assertEquals(emptyList(), heard)
    }

    @Test
    fun `an external link leaves the app, and its window is gone`() = withPhone { phone ->
        val page = PlayedPage(phone).ready()
        for (link in listOf("https://help.example/faq", "tel:1130000000", "mailto:a@b.example")) {
            val window = page.openWindow()!!
            assertFalse(window.goTo(link))
            val intent = started()!!
            assertEquals(link, intent.dataString)
            assertEquals(Intent.ACTION_VIEW, intent.action)
            assertTrue(Intent.CATEGORY_BROWSABLE in intent.categories)
            assertTrue(window.isGone)
            // Whatever it tries next.
            assertFalse(window.goTo("$PHONE/agenda"))
        }
    }

    @Test
    fun `what is neither leads nowhere`() = withPhone { phone ->
        val page = PlayedPage(phone).ready()
        for (target in listOf(
            "file:///etc/passwd",
            "content://contacts/1",
            "intent://x#Intent;end",
            "data:text/html,x"
        )) {
            val window = page.openWindow()!!
            assertFalse(window.goTo(target), target)
            assertTrue(window.isGone)
        }
        assertNull(started())
    }

    @Test
    fun `a link that no app opens is told of`() = withPhone { phone ->
        val heard = Heard(phone)
        shadowOf(application).checkActivities(true)
        PlayedPage(phone).ready().openWindow()!!.goTo("https://help.example/")
        heard.notice("nothing_opens")
    }

    @Test
    fun `an app that takes a link and is not for others is told of`() {
        val closed = object : ContextWrapper(application) {
            override fun getApplicationContext(): Context = this

            override fun startActivity(intent: Intent?) = throw SecurityException("not exported")
        }
        withPhone(context = closed) { phone ->
            val heard = Heard(phone)
            PlayedPage(phone).ready().openWindow()!!.goTo("https://help.example/")
            heard.notice("nothing_opens")
        }
    }

    @Test
    fun `a form's way into a window is looked at too`() = withPhone { phone ->
        val window = PlayedPage(phone).ready().openWindow()!!
        onMain {
            window.client.onPageStarted(window, "about:blank", null)
            window.client.onPageStarted(window, "file:///etc/passwd", null)
        }
        assertTrue(window.isGone)
    }

    @Test
    fun `a form's way out of a window of the phone's ends it`() = withPhone(url("embedded")) { phone ->
        val page = PlayedPage(phone).ready()
        for (target in listOf("https://evil.example/form", "file:///etc/passwd")) {
            val window = page.openWindow()!!.also { it.goTo("$PHONE/agenda") }
            // Nobody was asked, and it is there already.
            onMain { window.client.onPageStarted(window, target, null) }
            assertTrue(window.isGone)
            assertTrue(window.played.isStopped)
        }
        assertEquals("https://evil.example/form", started()?.dataString)
        assertNull(started())
    }

    @Test
    fun `a hidden phone has no windows that nobody sees`() = withPhone { phone ->
        allowMicrophone()
        val heard = Heard(phone)
        val window = PlayedPage(phone).ready().openWindow()!!
        assertFalse(window.goTo("$PHONE/agenda"))
        heard.notice("window_refused")
        assertTrue(window.isGone)
    }

    @Test
    fun `a window of the phone's may have the microphone, one of others may not`() =
        withPhone(url("embedded")) { phone ->
            allowMicrophone()
            val window = PlayedPage(phone).ready().openWindow()!!.also { it.goTo("$PHONE/agenda") }
            val granted = listOf("$PHONE/", "$HOST/", "https://evil.example/").map { origin ->
                val wish = Wish(origin, PermissionRequest.RESOURCE_AUDIO_CAPTURE)
                onMain { window.chrome.onPermissionRequest(wish) }
                wish.answer?.isNotEmpty()
            }
            assertEquals(listOf(true, false, false), granted)
        }

    @Test
    fun `nobody learns where the device is`() = withPhone { phone ->
        val page = PlayedPage(phone).ready()
        var told: Boolean? = null
        onMain {
            page.view.chrome.onGeolocationPermissionsShowPrompt(
                HOST,
                GeolocationPermissions.Callback { _, allow, _ -> told = allow }
            )
        }
        assertEquals(false, told)
    }
}
