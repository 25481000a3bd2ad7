package dev.webphone

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlinx.coroutines.runBlocking

/** What one does first: fetch a URL, make a call. */
class FirstCallTest {
    @Test
    fun `a URL is fetched, in each of the three ways`() {
        Simulator().use { simulator ->
            simulator.client().use { client ->
                val request = UrlRequest(Extension.Number(4000), PhoneType.HIDDEN)
                val url = runBlocking { client.fetch(Extension.Number(4000), PhoneType.HIDDEN) }
                assertEquals("<WebphoneUrl hidden at ${simulator.apiUrl.substringAfter("//")}; use reveal()>", "$url")
                assertEquals(url, client.fetchAsync(request).get())
                assertEquals(url, client.fetchBlocking(request))
                assertEquals(3, simulator.requests().total)
            }
        }
    }

    @Test
    fun `a call is made, and the state is never behind`() {
        Simulator().use { simulator ->
            Session(simulator.phone(4000)).use { phone ->
                val outcome = runBlocking { phone.call("11 99999-0001") }
                assertIs<Outcome.Confirmed>(outcome)
                assertEquals("11999990001", phone.state.value.call?.number?.digits)
                assertIs<Outcome.Confirmed>(phone.blocking.hangUp())
                assertEquals(1, phone.history.size)
            }
        }
    }
}
