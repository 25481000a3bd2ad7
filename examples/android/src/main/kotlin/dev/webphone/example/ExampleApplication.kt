package dev.webphone.example

import android.app.Application
import dev.webphone.Webphone
import dev.webphone.WebphoneException
import dev.webphone.WebphoneUrl
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow

/** Holds the phone: a call has to outlive the activity that shows it. */
class ExampleApplication : Application() {
    private val scope = MainScope()
    private val open = MutableStateFlow<Desk?>(null)

    /** The phone and what one does with it; null before one is opened. */
    val desk: StateFlow<Desk?> get() = open

    /**
     * Opens the phone of this URL, in the place of the one before; what is wrong with it is said as a sentence. A real app gets
     * its URL from a server of its own: an access token in an app is everybody's.
     */
    fun openPhone(url: String): String? = try {
        val phone = Webphone(this, WebphoneUrl.parse(url.trim()))
        closePhone()
        open.value = Desk(phone, scope)
        null
    } catch (error: WebphoneException) {
        error.message
    }

    fun closePhone() {
        open.value?.phone?.close()
        open.value = null
    }
}
