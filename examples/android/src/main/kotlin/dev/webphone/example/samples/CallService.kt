// Never run on a device.

package dev.webphone.example.samples

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.app.Service
import android.content.Context
import android.content.Intent
import android.content.pm.ServiceInfo
import android.os.Build
import android.os.IBinder
import dev.webphone.Webphone
import dev.webphone.example.ExampleApplication
import dev.webphone.example.PhoneActivity
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch

/**
 * Keeps the app, and with it the microphone, alive while a call goes on and nobody looks: since Android 9 an app in the
 * background gets silence from the microphone otherwise. Since Android 14 it can only be started while the app is seen and
 * has `RECORD_AUDIO`: start it when the call begins, not when the screen goes.
 */
class CallService : Service() {
    private val scope = MainScope()

    override fun onBind(intent: Intent?): IBinder? = null

    override fun onStartCommand(intent: Intent?, flags: Int, startId: Int): Int {
        val phone = (application as ExampleApplication).desk.value?.phone
        channel(this)
        val notification = notification(this, phone?.state?.value?.call?.number?.raw)
        // First, and also for nothing: the system ends an app whose service was started for this and does not do it.
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            startForeground(ID, notification, ServiceInfo.FOREGROUND_SERVICE_TYPE_MICROPHONE)
        } else {
            startForeground(ID, notification)
        }
        scope.launch {
            phone?.state?.first { it.call == null || it.shutDown }
            // Not the start of another call, which may be on its way.
            stopSelf(startId)
        }
        return START_NOT_STICKY
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    companion object {
        private const val ID = 1
        private const val CHANNEL = "calls"

        /**
         * Starts it whenever a call begins, until the phone's session ends; call it while the app is seen. It stops by itself:
         * who stops it before it is in the foreground ends the app.
         */
        suspend fun startWithCalls(context: Context, phone: Webphone) {
            // By its number: of two calls in quick succession a slow collector never sees that there was none between.
            phone.state.map { it.call?.serial }.distinctUntilChanged().filterNotNull().collect {
                val intent = Intent(context, CallService::class.java)
                when {
                    Build.VERSION.SDK_INT >= Build.VERSION_CODES.O -> context.startForegroundService(intent)
                    else -> context.startService(intent)
                }
            }
        }

        private fun channel(context: Context) {
            if (Build.VERSION.SDK_INT < Build.VERSION_CODES.O) return
            val channel = NotificationChannel(CHANNEL, "Calls", NotificationManager.IMPORTANCE_LOW)
            context.getSystemService(NotificationManager::class.java).createNotificationChannel(channel)
        }

        private fun notification(context: Context, party: String?): Notification {
            @Suppress("DEPRECATION")
            val builder = when {
                Build.VERSION.SDK_INT >= Build.VERSION_CODES.O -> Notification.Builder(context, CHANNEL)
                else -> Notification.Builder(context)
            }
            val open = Intent(context, PhoneActivity::class.java)
            return builder
                .setSmallIcon(android.R.drawable.sym_call_outgoing)
                .setContentTitle("Call")
                .setContentText(party.orEmpty())
                .setContentIntent(PendingIntent.getActivity(context, 0, open, PendingIntent.FLAG_IMMUTABLE))
                .setOngoing(true)
                .build()
        }
    }
}
