// Fetches the URLs of a hundred extensions: lazily, in order, 16 at a time. The token is in TOTALVOICE_ACCESS_TOKEN.

import dev.webphone.BatchOptions
import dev.webphone.BatchProgress
import dev.webphone.Client
import dev.webphone.Extension
import dev.webphone.PhoneType
import dev.webphone.UrlRequest

suspend fun main() {
    val requests = (4000..4099).map { UrlRequest(Extension.Number(it), PhoneType.HIDDEN) }
    var progress: BatchProgress? = null
    Client().use { client ->
        client.fetchMany(requests, BatchOptions(concurrency = 16), onProgress = { progress = it }).collect { result ->
            // One failure never sinks the others.
            println(result.url ?: result.error?.message)
        }
    }
    println("${progress?.fetched} fetched, ${progress?.failed} failed")
}
