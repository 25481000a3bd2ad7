// Never run on a device.

package dev.webphone.example.samples

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.app.Person
import android.content.Context
import android.content.Intent
import android.media.AudioAttributes
import android.media.RingtoneManager
import android.os.Build
import dev.webphone.Call
import dev.webphone.Webphone
import dev.webphone.example.PhoneActivity
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map

/**
 * Shows an incoming call over whatever is on the screen, while the app lives. A phone in a page can't be woken: where the app
 * has ended, the vendor's server has to push (FCM), and the app to open its phone again.
 */
class IncomingCall(private val context: Context) {
    private val notifications = context.getSystemService(NotificationManager::class.java)

    /** Follows the phone until its session ends. */
    suspend fun follow(phone: Webphone) {
        channel()
        phone.state.map { it.ringing }.distinctUntilChanged { old, new -> old?.serial == new?.serial }.collect { call ->
            if (call == null) notifications.cancel(ID) else notifications.notify(ID, notification(call))
        }
    }

    private fun channel() {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.O) return
        val sound = AudioAttributes.Builder().setUsage(AudioAttributes.USAGE_NOTIFICATION_RINGTONE).build()
        notifications.createNotificationChannel(
            NotificationChannel(CHANNEL, "Incoming calls", NotificationManager.IMPORTANCE_HIGH).apply {
                setSound(RingtoneManager.getDefaultUri(RingtoneManager.TYPE_RINGTONE), sound)
            }
        )
    }

    private fun notification(call: Call): Notification {
        val open = PendingIntent.getActivity(
            context,
            0,
            Intent(context, PhoneActivity::class.java),
            PendingIntent.FLAG_IMMUTABLE
        )
        val caller = call.number?.raw ?: "Somebody"

        @Suppress("DEPRECATION")
        val builder = when {
            Build.VERSION.SDK_INT >= Build.VERSION_CODES.O -> Notification.Builder(context, CHANNEL)
            else -> Notification.Builder(context).setPriority(Notification.PRIORITY_MAX)
        }
        builder
            .setSmallIcon(android.R.drawable.sym_call_incoming)
            .setContentTitle(caller)
            .setCategory(Notification.CATEGORY_CALL)
            .setContentIntent(open)
            .setFullScreenIntent(open, true)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            val person = Person.Builder().setName(caller).setImportant(true).build()
            // Both go to the screen: only there the microphone may begin to be used.
            builder.style = Notification.CallStyle.forIncomingCall(person, open, open)
        }
        return builder.build()
    }

    private companion object {
        const val ID = 2
        const val CHANNEL = "incoming"
    }
}
