package dev.webphone.readme

import android.app.Activity
import android.content.Context
import android.view.ViewGroup
import android.widget.FrameLayout
import dev.webphone.Outcome
import dev.webphone.PATIENCE
import dev.webphone.PlayedPage
import dev.webphone.Snapshot
import dev.webphone.Webphone
import dev.webphone.WebphoneUrl
import dev.webphone.onMain
import dev.webphone.url
import java.io.File
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner

/** The README's lines, compiled and run as they stand there. */
@RunWith(RobolectricTestRunner::class)
class ReadmeTest {
    private val opened = CompletableDeferred<Webphone>()
    private val shown = CompletableDeferred<String?>()
    private val rendered = CompletableDeferred<Snapshot>()

    private fun render(state: Snapshot) {
        rendered.complete(state)
    }

    private fun show(callId: String?) {
        shown.complete(callId)
    }

    private fun showUnknown() = Unit

    private suspend fun readme(context: Context, url: WebphoneUrl, container: ViewGroup, scope: CoroutineScope) {
        val phone = Webphone(context, url)
        container.addView(phone.view)
        scope.launch { phone.updates.collect { render(it.state) } }
        opened.complete(phone)
        when (val outcome = phone.call("11999990000")) {
            is Outcome.Confirmed -> show(outcome.callId)
            Outcome.Unconfirmed -> showUnknown()
            else -> Unit
        }
        phone.close()
    }

    @Test
    fun `its lines do what they say`() = runBlocking(Dispatchers.Default) {
        val activity = onMain { Robolectric.buildActivity(Activity::class.java).setup() }.get()
        val container = onMain { FrameLayout(activity).also(activity::setContentView) }
        withTimeout(PATIENCE) {
            val all = async(Dispatchers.Main) { readme(activity, url("embedded"), container, this@withTimeout) }
            val page = PlayedPage(opened.await())
            page.answer("chamaNumero", """{"message":"chamada_id","chamada_id":77}""")
            page.ready()
            assertEquals("77", shown.await())
            rendered.await()
            all.await()
        }
    }

    @Test
    fun `they stand there`() {
        val module = File(System.getProperty("webphone.root"), "bindings/kotlin/webphone-android")
        val here = module.resolve("src/test/kotlin/dev/webphone/readme/ReadmeTest.kt").readLines().map(String::trim)
        val block = module.resolve("README.md").readText().substringAfter("```kotlin\n").substringBefore("\n```")
        for (line in block.lines()) assertContains(here, line.substringBefore("   // ").trim())
    }
}
