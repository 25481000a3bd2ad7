package dev.webphone

import android.net.http.SslError
import android.webkit.SslErrorHandler
import android.webkit.WebResourceError
import android.webkit.WebResourceResponse
import java.io.ByteArrayInputStream
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadow.api.Shadow
import org.robolectric.util.ReflectionHelpers

/** What goes wrong on the network and on the device, and what a hostile page tries. */
@RunWith(RobolectricTestRunner::class)
class BadInputTest {
    @After
    fun webViewsAreThere() {
        PlayedWebView.isMissing = false
    }

    private fun httpStatus(status: Int) =
        WebResourceResponse("text/html", "utf-8", status, "x", emptyMap(), ByteArrayInputStream(ByteArray(0)))

    private fun PlayedPage.httpError(request: Asked, status: Int) =
        onMain { view.client.onReceivedHttpError(view, request, httpStatus(status)) }

    @Test
    fun `a phone that is refused is told of with its status, once it is its document`() = withPhone { phone ->
        val heard = Heard(phone)
        val page = PlayedPage(phone).load()
        page.say(PlayedPage.item("hello"))
        page.httpError(Asked("$PHONE/favicon.ico", headers = mapOf("Accept" to "image/*")), 404)
        page.httpError(Asked("https://evil.example/x"), 500)
        page.httpError(Asked.document("$PHONE/w3/?key=S3CR3T&tipo=hidden"), 403)
        val failed = heard.report<PageReport.Failed>()
        assertContains(failed.detail, "403")
        assertFalse("S3CR3T" in failed.detail)
        assertTrue(phone.state.value.page.failed)
    }

    @Test
    fun `a network that fails is told of by its word`() = withPhone { phone ->
        val heard = Heard(phone)
        val page = PlayedPage(phone).load()
        val error = object : WebResourceError() {
            override fun getErrorCode() = -6

            override fun getDescription() = "net::ERR_CONNECTION_REFUSED"
        }
        val request = Asked("$PHONE/w3/?key=S3CR3T&tipo=hidden")
        onMain { page.view.client.onReceivedError(page.view, request, error) }
        assertContains(heard.report<PageReport.Failed>().detail, "net::ERR_CONNECTION_REFUSED")
    }

    @Test
    fun `a bad certificate is never accepted`() = withPhone { phone ->
        val heard = Heard(phone)
        val page = PlayedPage(phone).load()
        val handler = onMain { Shadow.newInstanceOf(SslErrorHandler::class.java) }
        val error = ReflectionHelpers.newInstance(SslError::class.java)
        ReflectionHelpers.setField(error, "mUrl", "$PHONE/w3/?key=S3CR3T&tipo=hidden")
        onMain { page.view.client.onReceivedSslError(page.view, handler, error) }
        val shadow = Shadow.extract<org.robolectric.shadows.ShadowSslErrorHandler>(handler)
        assertTrue(shadow.wasCancelCalled() && !shadow.wasProceedCalled())
        assertContains(heard.report<PageReport.Failed>().detail, "not secure")
    }

    @Test
    fun `an expired URL is known for what it is`() {
        withPhone(url(more = "&signature=${"a".repeat(64)}&expires=1700000000")) { phone ->
            assertTrue(phone.until { it.page.renewalDue }.page.renewalDue)
        }
    }

    @Test
    fun `a setting out of its range is named`() {
        val config = WebphoneConfig(extraOrigins = listOf("not an origin"))
        val error = assertFailsWith<WebphoneException.Invalid> { Webphone(application, url(), config) }
        assertEquals("extra_origins", error.field)
        for (timeout in listOf((-1).seconds, 11.minutes, Duration.INFINITE)) {
            assertEquals(
                "permission_timeout_ms",
                assertFailsWith<WebphoneException.Invalid> {
                    Webphone(application, url(), WebphoneConfig(permissionTimeout = timeout))
                }.field
            )
        }
        assertEquals(
            "loading",
            assertFailsWith<WebphoneException.Invalid> {
                Webphone(application, url("embedded"), WebphoneConfig(loading = PhoneLoading.SCRIPT))
            }.field
        )
    }

    @Test
    fun `what can't be opened leaves no web view behind`() = onMain {
        val before = PlayedCookieManager.acceptedFor.toSet()
        assertFailsWith<WebphoneException.Invalid> {
            Webphone(application, url(), WebphoneConfig(extraOrigins = listOf("not an origin")))
        }
        assertEquals(emptySet(), PlayedCookieManager.acceptedFor - before)
    }

    @Test
    fun `a device without a web view is told of, on each thread in its way`() {
        PlayedWebView.isMissing = true
        val error = assertFailsWith<WebphoneException.Unsupported> { onMain { Webphone(application, url()) } }
        assertEquals("web view", error.feature)
        withPhone { phone ->
            phone.until { it.page.phase == PagePhase.LOST }
            assertFailsWith<WebphoneException.Unsupported> { phone.restart() }
            // As while the system brings a new one: who asks again is not told of what was.
            PlayedWebView.isMissing = false
            assertFailsWith<WebphoneException.Unsupported> { phone.restart() }
            onMain { }
            phone.restart()
            PlayedPage(phone).ready()
        }
    }

    @Test
    fun `what a page sends that is not the bridge's is ignored`() = withPhone { phone ->
        val page = PlayedPage(phone).load()
        val speech = """["message","{\"message\":\"status\",\"status\":\"desconectado\"}"]"""
        // Before the handshake nobody was asked to load a phone.
        page.speak("""{"message":"status","status":"desconectado"}""")
        for (text in listOf(
            null,
            "",
            "x",
            "null",
            "[]",
            "{}",
            """{"webphone":1}""",
            """{"webphone":"1","nonce":7,"seq":"1","batch":{}}""",
            """{"webphone":1,"nonce":"${page.nonce}","seq":1,"batch":"hello"}""",
            """{"webphone":1,"nonce":"${"0".repeat(32)}","seq":1,"batch":[$speech]}""",
            "x".repeat(10_000_000),
            """{"webphone":1,"nonce":"${page.nonce}","seq":2,"batch":["${"x".repeat(10_000_000)}"]}"""
        )) {
            page.post(text)
        }
        assertEquals(Line.UNKNOWN, phone.state.value.line)
        assertNull(page.orders.poll())
        // And it all goes on.
        page.say(PlayedPage.item("hello"))
        page.order("start")
    }

    @Test
    fun `a command waits for the page, and a lost port posts nothing`() = withPhone { phone ->
        val page = PlayedPage(phone).ready()
        // The document goes: its port with it.
        onMain { page.view.client.onPageStarted(page.view, "$HOST/", null) }
        val error = assertFailsWith<WebphoneException.PageLost> { runBlocking { phone.hangUp() } }
        assertEquals(Posted.NO, error.posted)
    }

    @Test
    fun `a URL that dials is loaded once`() = withPhone(url(more = "&ligar_para=4001")) { phone ->
        PlayedPage(phone).ready()
        assertFailsWith<WebphoneException.DialsOnOpen> { phone.restart() }
    }

    @Test
    fun `during a call nothing is loaded anew`() = withPhone { phone ->
        val page = PlayedPage(phone).ready()
        page.speak("""{"message":"chegandoChamada","numeroChegando":"4001","chamadaRecebidaId":1}""")
        phone.until { it.ringing != null }
        assertFailsWith<WebphoneException.CallInProgress> { phone.restart() }
        assertFailsWith<WebphoneException.CallInProgress> { phone.renew(url(more = "&ver=2")) }
        assertEquals(1, page.view.played.posted.size)
    }
}
