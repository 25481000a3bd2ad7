package dev.webphone.example

import android.Manifest
import android.app.Activity
import android.content.pm.PackageManager
import android.os.Bundle
import dev.webphone.Snapshot
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.Job
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.launch

/** The one screen: it shows the phone that the application holds, and does nothing by itself. */
class PhoneActivity : Activity() {
    private val scope = MainScope()
    private val app get() = application as ExampleApplication
    internal lateinit var views: PhoneViews
        private set

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        views = PhoneViews(this)
        setContentView(views.root)
        views.open.setOnClickListener { app.openPhone("${views.url.text}")?.let { views.message.text = it } }
        scope.launch {
            var following: Job? = null
            app.desk.collect { desk ->
                following?.cancel()
                views.place.removeAllViews()
                views.showPhone(desk != null)
                following = desk?.let(::follow)
            }
        }
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    override fun onRequestPermissionsResult(code: Int, permissions: Array<String>, results: IntArray) {
        // None: the dialog went with the activity that is rotated, and the next one asks again.
        val result = results.firstOrNull() ?: return
        app.desk.value?.permission(result == PackageManager.PERMISSION_GRANTED)
    }

    private fun follow(desk: Desk): Job {
        views.use(desk)
        // A hidden phone has none. After a rotation this takes the same view over.
        desk.phone.view?.let(views.place::addView)
        return scope.launch {
            launch { desk.phone.state.collect(::render) }
            launch { desk.message.collect { views.message.text = it } }
            launch {
                desk.permissionWanted.filter { it }.collect {
                    requestPermissions(arrayOf(Manifest.permission.RECORD_AUDIO), 0)
                }
            }
            launch {
                while (true) {
                    delay(1.seconds)
                    desk.phone.state.value.call?.let { render(desk.phone.state.value) }
                }
            }
        }
    }

    private fun render(state: Snapshot) = views.show(screenOf(state))
}
