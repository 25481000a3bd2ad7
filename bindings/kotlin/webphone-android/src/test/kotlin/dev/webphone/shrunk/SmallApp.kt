// A small app, which ShrunkAppTest shrinks and runs: what people use of the library, and so all that shrinking must leave be.

package dev.webphone.shrunk

import android.content.Context
import dev.webphone.BaseUrl
import dev.webphone.Client
import dev.webphone.ClientConfig
import dev.webphone.Extension
import dev.webphone.Outcome
import dev.webphone.PageReport
import dev.webphone.PhoneType
import dev.webphone.Session
import dev.webphone.UrlRequest
import dev.webphone.Webphone
import dev.webphone.WebphoneException
import kotlin.system.exitProcess
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/** What only a device can run, shrunk with the rest. */
object OnDevice {
    fun open(context: Context, client: Client): Webphone =
        Webphone(context, client.fetchBlocking(UrlRequest(Extension.Number(4000), PhoneType.HIDDEN)))
}

/** By its arguments: the base URL of an API, and a token. */
fun main(arguments: Array<String>) {
    val (api, token) = arguments
    runBlocking {
        Client(token, ClientConfig(baseUrl = BaseUrl.Other(api))).use { client ->
            println(client.fetch(Extension.Number(4000), PhoneType.HIDDEN))
            try {
                client.fetch(Extension.Number(1))
            } catch (error: WebphoneException.Refused) {
                println("${error.code} ${error.failure.reason}")
            }
        }
        val posted = CompletableDeferred<String>()
        Session { text -> posted.complete(text) }.use { phone ->
            val heard = CompletableDeferred<String>()
            launch(Dispatchers.Default) { phone.updates.collect { heard.complete("${it.cause}") } }
            phone.pageReport(PageReport.Loaded)
            phone.receive("""{"message":"status","status":"conectado"}""")
            launch {
                println(posted.await())
                phone.receive("""{"message":"chamada_id","chamada_id":7}""")
            }
            val outcome = phone.call("11 99999-0000")
            println(outcome == Outcome.Confirmed("chamada_id", "7"))
            println(heard.await().isNotEmpty())
        }
    }
    // The library's threads are none of the question.
    exitProcess(0)
}
