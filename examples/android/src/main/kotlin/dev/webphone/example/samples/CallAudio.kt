// Never run on a device.

package dev.webphone.example.samples

import android.content.Context
import android.media.AudioAttributes
import android.media.AudioDeviceInfo
import android.media.AudioFocusRequest
import android.media.AudioManager
import android.os.Build
import dev.webphone.Webphone
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map

/**
 * Audio focus and routing while a call goes on: other apps fall silent, and the sound goes to the earpiece, the loudspeaker or
 * a headset. Chromium sets the mode of communication by itself while it captures; this asks for it earlier, for ringing tones.
 */
class CallAudio(context: Context) {
    private val audio = context.getSystemService(AudioManager::class.java)
    private val speech = AudioAttributes.Builder()
        .setUsage(AudioAttributes.USAGE_VOICE_COMMUNICATION)
        .setContentType(AudioAttributes.CONTENT_TYPE_SPEECH)
        .build()
    private val listener = AudioManager.OnAudioFocusChangeListener { }
    private var focus: AudioFocusRequest? = null

    /** Follows the phone until its session ends. */
    suspend fun follow(phone: Webphone) {
        phone.state.map { it.call != null }.distinctUntilChanged().collect { inCall -> if (inCall) begin() else end() }
    }

    /** Whether the loudspeaker is used from now on. */
    fun useSpeaker(on: Boolean) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            val speaker = audio.availableCommunicationDevices.find { it.type == AudioDeviceInfo.TYPE_BUILTIN_SPEAKER }
            if (on && speaker != null) audio.setCommunicationDevice(speaker) else audio.clearCommunicationDevice()
        } else {
            @Suppress("DEPRECATION")
            audio.isSpeakerphoneOn = on
        }
    }

    private fun begin() {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            val request = AudioFocusRequest.Builder(AudioManager.AUDIOFOCUS_GAIN_TRANSIENT)
                .setAudioAttributes(speech)
                .setOnAudioFocusChangeListener(listener)
                .build()
            focus = request
            audio.requestAudioFocus(request)
        } else {
            @Suppress("DEPRECATION")
            audio.requestAudioFocus(listener, AudioManager.STREAM_VOICE_CALL, AudioManager.AUDIOFOCUS_GAIN_TRANSIENT)
        }
        audio.mode = AudioManager.MODE_IN_COMMUNICATION
    }

    private fun end() {
        useSpeaker(false)
        audio.mode = AudioManager.MODE_NORMAL
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            focus?.let(audio::abandonAudioFocusRequest)
            focus = null
        } else {
            @Suppress("DEPRECATION")
            audio.abandonAudioFocus(listener)
        }
    }
}
