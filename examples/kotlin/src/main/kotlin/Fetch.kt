// Fetches one URL and shows what a refusal looks like. The token is in TOTALVOICE_ACCESS_TOKEN.

import dev.webphone.Client
import dev.webphone.Extension
import dev.webphone.PhoneType
import dev.webphone.WebphoneException

suspend fun main() {
    Client().use { client ->
        println(client.fetch(Extension.Number(4000), PhoneType.HIDDEN))
        try {
            client.fetch(Extension.Number(9999))
        } catch (refused: WebphoneException.Refused) {
            // Its text says what to do; its fields are for programs.
            println("${refused.failure.reason}: ${refused.message}")
        }
    }
}
