package dev.webphone

import android.webkit.PermissionRequest
import java.lang.ref.WeakReference
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** Phones come and go, and leave nothing: no object of the core's, no web view, no thread. */
@RunWith(RobolectricTestRunner::class)
class LeakTest {
    /** A phone's life; what is left of it. In a frame of its own: what it holds is garbage afterwards. */
    private fun live(): List<WeakReference<Any>> {
        val phone = Webphone(application, url("embedded"))
        phone.addListener { }
        onMain { phone.view }
        val page = PlayedPage(phone).ready()
        phone.restart()
        val again = PlayedPage(phone).ready()
        // Held for a minute, if nobody lets go of it.
        val wish = Wish("$HOST/", PermissionRequest.RESOURCE_AUDIO_CAPTURE)
        onMain { again.view.chrome.onPermissionRequest(wish) }
        phone.close()
        destroyed(again)
        return listOf(phone, page.view, again.view, wish).map(::WeakReference)
    }

    @Test
    fun `of twenty phones nothing is left`() = soon {
        // What the process keeps for all: the core's worker, the pool of coroutines, the cleaner.
        live()
        LiveObjects.settled()
        val objects = LiveObjects.all()
        val threads = threads()
        val left = List(20) { live() }.flatten()
        left.forEach { it.gone("what was a phone's") }
        eventually("the end of the core's objects") {
            // Whoever ran a coroutine last may still have it on its stack.
            System.gc()
            LiveObjects.all().isWithin(objects)
        }
        eventually("the end of the threads") { threads().isWithin(threads) }
    }

    private fun Map<String, Int>.isWithin(before: Map<String, Int>) =
        all { (name, count) -> count <= (before[name] ?: 0) }
}
