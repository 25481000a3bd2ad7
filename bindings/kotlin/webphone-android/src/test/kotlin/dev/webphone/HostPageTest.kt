package dev.webphone

import android.os.Looper
import android.webkit.ConsoleMessage
import android.webkit.PermissionRequest
import android.webkit.WebSettings
import android.webkit.WebView
import dev.webphone.PlayedPort.Companion.isClosed
import dev.webphone.PlayedPort.Companion.otherEnd
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertSame
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** The page that the phone lives in, and how the program speaks with it. */
@RunWith(RobolectricTestRunner::class)
class HostPageTest {
    @Test
    fun `a call goes through the page and comes back confirmed`() = withPhone { phone ->
        val page = PlayedPage(phone).ready()
        page.answer("chamaNumero", """{"message":"chamada_id","chamada_id":77}""")
        val outcome = runBlocking { phone.call("11 99999-0000") }
        assertEquals("77", assertIs<Outcome.Confirmed>(outcome).callId)
        assertContains(page.order("post")[3].toString(), "11999990000")
        assertEquals("11999990000", phone.state.value.call?.number?.digits)
    }

    @Test
    fun `the host page is answered by interception, to the main frame alone`() = withPhone { phone ->
        val page = PlayedPage(phone).load()
        assertEquals("$HOST/", page.view.played.lastLoadedUrl)
        val response = page.fetch("$HOST/", mainFrame = true)!!
        assertEquals(listOf("text/html", "utf-8", "200"), response.run { listOf(mimeType, encoding, "$statusCode") })
        assertContains(response.responseHeaders.getValue("Content-Security-Policy"), "frame-src $PHONE")
        assertFalse("Content-Type" in response.responseHeaders)
        // The nonce stands in it: no frame may have it, and nothing else is answered.
        assertContains(page.html, page.nonce)
        assertNull(page.fetch("$HOST/", mainFrame = false))
        assertNull(page.fetch("$HOST/x", mainFrame = true))
        assertNull(page.fetch("$PHONE/w3/?key=S3CR3T", mainFrame = false))
        assertFalse("S3CR3T" in page.html)
    }

    @Test
    fun `every load has a port and a number of its own`() = withPhone { phone ->
        val heard = Heard(phone)
        val page = PlayedPage(phone).ready()
        val (port, nonce) = page.port to page.nonce
        phone.restart()
        heard.report<PageReport.Loading>()
        val again = PlayedPage(phone).ready()
        assertEquals(page.view, again.view)
        assertNotEquals(nonce, again.nonce)
        assertNotEquals(port, again.port)
        assertTrue(port.otherEnd.isClosed)
        assertEquals(HOST, again.view.played.posted.last().target.toString())
    }

    @Test
    fun `a port is for one document`() = withPhone { phone ->
        val page = PlayedPage(phone).load()
        onMain { page.view.client.onPageFinished(page.view, "$HOST/") }
        assertEquals(1, page.view.played.posted.size)
        assertSame(Looper.getMainLooper(), page.port.otherEnd.handler.looper)
        val heard = Heard(phone)
        page.say(PlayedPage.item("hello"))
        page.order("start")
        // The document loads again by itself: it says hello with a number that is used up.
        page.load()
        assertEquals(2, page.view.played.posted.size)
        page.say(PlayedPage.item("hello"))
        heard.report<PageReport.Reloaded>()
    }

    @Test
    fun `the web view may do what a phone needs and no more`() = withPhone { phone ->
        val view = PlayedPage(phone).view
        onMain {
            with(view.settings) {
                assertTrue(javaScriptEnabled && domStorageEnabled && supportMultipleWindows())
                assertFalse(mediaPlaybackRequiresUserGesture || javaScriptCanOpenWindowsAutomatically)
                assertFalse(allowFileAccess || allowContentAccess)
                @Suppress("DEPRECATION")
                assertFalse(allowFileAccessFromFileURLs || allowUniversalAccessFromFileURLs)
                assertEquals(WebSettings.MIXED_CONTENT_NEVER_ALLOW, mixedContentMode)
            }
            assertFalse(view.played.isSafeBrowsingTouched)
            assertTrue(view in PlayedCookieManager.acceptedFor)
        }
    }

    @Test
    fun `the phone is loaded in a frame, as a script only when asked for`() {
        withPhone { phone ->
            val start = PlayedPage(phone).load().run {
                say(PlayedPage.item("hello"))
                order("start").toString()
            }
            assertContains(start, "\"load\":\"frame\"")
            assertContains(start, "S3CR3T")
        }
        withPhone(config = WebphoneConfig(loading = PhoneLoading.SCRIPT)) { phone ->
            val page = PlayedPage(phone).load()
            page.say(PlayedPage.item("hello"))
            assertContains(page.order("start").toString(), "\"load\":\"script\"")
        }
    }

    @Test
    fun `a URL is renewed in the same web view, and the host page follows the phone`() = withPhone { phone ->
        val heard = Heard(phone)
        val page = PlayedPage(phone).load()
        page.say(PlayedPage.item("hello"), PlayedPage.item("loaded", 1))
        page.say(PlayedPage.item("pinned", "https://voice-app.zenvia.com"))
        heard.notice("third_party_storage")
        phone.restart()
        onMain { assertEquals("https://webphone-host.voice-app.zenvia.com/", page.view.played.lastLoadedUrl) }
        phone.renew(url(more = "&ver=2"))
        heard.next { it.takeIf { it == Cause.UrlChanged } }
        val renewed = PlayedPage(phone).load()
        assertEquals("$HOST/", renewed.view.played.lastLoadedUrl)
        renewed.say(PlayedPage.item("hello"))
        assertContains(renewed.order("start").toString(), "ver=2")
    }

    @Test
    fun `a phone on the loopback interface is hosted there`() {
        allowMicrophone()
        val simulator = "http://127.0.0.1:8080"
        withPhone(WebphoneUrl.parse("$simulator/w3?tipo=hidden")) { phone ->
            val page = PlayedPage(phone).ready(simulator)
            assertEquals("http://127.0.0.1/", page.view.played.lastLoadedUrl)
            val wish = Wish("http://127.0.0.1/", PermissionRequest.RESOURCE_AUDIO_CAPTURE)
            onMain { page.view.chrome.onPermissionRequest(wish) }
            assertEquals(listOf(PermissionRequest.RESOURCE_AUDIO_CAPTURE), wish.answer)
            page.answer("chamaNumero", """{"message":"chamada_id","chamada_id":77}""")
            assertIs<Outcome.Confirmed>(runBlocking { phone.call("4001") })
        }
        // Elsewhere a phone speaks TLS.
        assertFailsWith<WebphoneException.Invalid> { WebphoneUrl.parse("http://192.168.0.2:8080/w3?tipo=hidden") }
    }

    @Test
    fun `debugging is off unless asked for`() {
        PlayedWebView.isDebuggable = false
        val debuggable = { PlayedWebView.isDebuggable }
        withPhone { onMain { assertFalse(debuggable()) } }
        withPhone(config = WebphoneConfig(debugging = true)) { onMain { assertTrue(debuggable()) } }
    }

    @Test
    fun `what a page says to its console is in no log, unless debugging is asked for`() {
        val said = ConsoleMessage("x", "$PHONE/w3/?key=S3CR3T", 1, ConsoleMessage.MessageLevel.ERROR)
        for (debugging in listOf(false, true)) {
            withPhone(url("embedded"), WebphoneConfig(debugging = debugging)) { phone ->
                val view = PlayedPage(phone).view
                // What nobody takes the web view logs itself, with the URL of where it was said.
                assertEquals(!debugging, onMain { view.chrome.onConsoleMessage(said) })
            }
        }
    }

    @Test
    fun `two phones at once don't hear each other`() = withPhone { one ->
        withPhone { other ->
            val first = PlayedPage(one).ready()
            val second = PlayedPage(other).ready()
            assertNotEquals<WebView>(first.view, second.view)
            first.speak("""{"message":"chegandoChamada","numeroChegando":"4001","chamadaRecebidaId":1}""")
            one.until { it.ringing != null }
            // In order: had it come to the other one, it would be there by now.
            second.speak("""{"message":"status","status":"desconectado"}""")
            assertNull(other.until { it.line == Line.DISCONNECTED }.ringing)
        }
    }
}
