package dev.webphone

import android.net.http.SslError
import android.webkit.PermissionRequest
import android.webkit.SslErrorHandler
import android.webkit.WebMessagePort
import android.webkit.WebResourceError
import android.webkit.WebResourceResponse
import android.webkit.WebViewClient
import dev.webphone.PlayedPort.Companion.otherEnd
import java.io.ByteArrayInputStream
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
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
        PlayedWebView.userAgent = null
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
        assertEquals(LoadFailure.Status(403), failed.failure)
        assertFalse("S3CR3T" in failed.detail)
        assertTrue(phone.state.value.page.failed)
    }

    private fun PlayedPage.networkError(code: Int, description: String) {
        val error = object : WebResourceError() {
            override fun getErrorCode() = code

            override fun getDescription() = description
        }
        val request = Asked("$PHONE/w3/?key=S3CR3T&tipo=hidden")
        onMain { view.client.onReceivedError(view, request, error) }
    }

    @Test
    fun `a network that fails is told of by its word`() = withPhone { phone ->
        val heard = Heard(phone)
        val page = PlayedPage(phone).load()
        page.networkError(WebViewClient.ERROR_CONNECT, "net::ERR_CONNECTION_REFUSED")
        assertEquals(LoadFailure.Network("net::ERR_CONNECTION_REFUSED"), heard.report<PageReport.Failed>().failure)
    }

    @Test
    fun `what is forbidden or not secure is no failure of the network`() = withPhone { phone ->
        val heard = Heard(phone)
        val page = PlayedPage(phone).load()
        for (word in listOf("net::ERR_BLOCKED_BY_RESPONSE", "net::ERR_BLOCKED_BY_CSP")) {
            page.networkError(WebViewClient.ERROR_UNKNOWN, word)
            assertEquals(LoadFailure.Blocked, heard.report<PageReport.Failed>().failure)
        }
        page.networkError(WebViewClient.ERROR_FAILED_SSL_HANDSHAKE, "net::ERR_SSL_PROTOCOL_ERROR")
        assertEquals(LoadFailure.Tls, heard.report<PageReport.Failed>().failure)
    }

    @Test
    fun `half of a character is no reason to fall over`() = withPhone { phone ->
        val heard = Heard(phone)
        val page = PlayedPage(phone).ready()
        page.networkError(WebViewClient.ERROR_UNKNOWN, "x\ud83d")
        heard.report<PageReport.Failed>()
        onMain {
            val link = Asked("https://\ud83d.example/\ud83d", mainFrame = true)
            assertTrue(page.view.client.shouldOverrideUrlLoading(page.view, link))
            page.view.client.onReceivedHttpError(page.view, link, httpStatus(500))
            val wish = Wish("https://\ud83d.example/", PermissionRequest.RESOURCE_AUDIO_CAPTURE)
            page.view.chrome.onPermissionRequest(wish)
            assertEquals(emptyList(), wish.answer)
        }
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
        assertEquals(LoadFailure.Tls, heard.report<PageReport.Failed>().failure)
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
            onMain { }
            // As while the system brings a new one: who asks again is not told of what was.
            PlayedWebView.isMissing = false
            assertFailsWith<WebphoneException.Unsupported> { phone.restart() }
            onMain { }
            phone.restart()
            PlayedPage(phone).ready()
        }
    }

    @Test
    fun `a web view that is too old says so`() {
        val named = { version: Int ->
            "Mozilla/5.0 (Linux; Android 7.0; Phone; wv) AppleWebKit/537.36 (KHTML, like Gecko) " +
                "Version/4.0 Chrome/$version.0.2704.90 Mobile Safari/537.36"
        }
        PlayedWebView.userAgent = named(65)
        val error = assertFailsWith<WebphoneException.Unsupported> { onMain { Webphone(application, url()) } }
        assertEquals("web view", error.feature)
        assertContains(error.message.orEmpty(), "65")
        assertContains(error.message.orEmpty(), "update")
        withPhone { phone ->
            phone.until { it.page.phase == PagePhase.LOST }
            PlayedWebView.userAgent = named(66)
            onMain { }
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
            "\ud83d",
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
    fun `a command waits for the page`() = withPhone { phone ->
        val page = PlayedPage(phone)
        page.answer("chamaNumero", """{"message":"chamada_id","chamada_id":77}""")
        runBlocking(Dispatchers.Default) {
            val call = async(start = CoroutineStart.UNDISPATCHED) { phone.call("4001") }
            page.ready()
            assertIs<Outcome.Confirmed>(call.await())
        }
    }

    @Test
    fun `a foreign page in the host page's place is a loss`() = withPhone { phone ->
        allowMicrophone()
        val heard = Heard(phone)
        val page = PlayedPage(phone).ready()
        // A form's way to it: nobody was asked.
        onMain { page.view.client.onPageStarted(page.view, "https://evil.example/", null) }
        assertEquals("The host page was left.", heard.report<PageReport.Lost>().detail)
        assertEquals(PagePhase.LOST, phone.state.value.page.phase)
        onMain {
            assertTrue(page.view.played.isStopped)
            // It is gone, and gets nothing before it is.
            assertEquals("about:blank", page.view.played.lastLoadedUrl)
            val wish = Wish("$HOST/", PermissionRequest.RESOURCE_AUDIO_CAPTURE)
            page.view.chrome.onPermissionRequest(wish)
            assertEquals(emptyList(), wish.answer)
            assertNull(page.fetch("$HOST/", mainFrame = true))
        }
        phone.restart()
        // The web view still tells of what was there before.
        onMain { page.view.client.onPageStarted(page.view, "about:blank", null) }
        PlayedPage(phone).ready()
    }

    @Test
    fun `a host page that loads again without a word is a loss`() = withPhone { phone ->
        val heard = Heard(phone)
        val page = PlayedPage(phone).load()
        // Before its bridge spoke there is nothing to lose.
        page.load()
        page.say(PlayedPage.item("hello"))
        page.order("start")
        page.say(PlayedPage.item("loaded", 1))
        phone.until { it.page.phase == PagePhase.LOADED }
        onMain { page.view.client.onPageStarted(page.view, "$HOST/", null) }
        heard.report<PageReport.Reloaded>()
        assertEquals(PagePhase.LOST, phone.state.value.page.phase)
    }

    @Test
    fun `a port that is closed posts nothing, and is a loss`() = withPhone { phone ->
        val heard = Heard(phone)
        val page = PlayedPage(phone).ready()
        page.port.otherEnd.close()
        val error = assertFailsWith<WebphoneException.PageLost> { runBlocking { phone.hangUp() } }
        assertEquals(Posted.NO, error.posted)
        heard.report<PageReport.Lost>()
        phone.restart()
        PlayedPage(phone).ready()
    }

    @Test
    fun `a phone that nothing can be told any more is lost, and ends`() {
        val phone = Webphone(application, url())
        val heard = Heard(phone)
        val page = PlayedPage(phone).ready()
        page.port.setWebMessageCallback(object : WebMessagePort.WebMessageCallback() {})
        // What no fault of the core's is known to do.
        ReflectionHelpers.getField<AutoCloseable>(phone, "link").close()
        val command = phone.async.hangUp()
        heard.report<PageReport.Lost>()
        assertFailsWith<ExecutionException> { command.get(PATIENCE.inWholeSeconds, TimeUnit.SECONDS) }
        phone.until { it.shutDown }
        val web = (phone as HostedWebphone).web
        runBlocking { eventually("the end of the web view") { onMain { web.view == null } } }
        assertTrue(page.view.played.wasDestroyCalled())
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
