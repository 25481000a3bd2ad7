package dev.webphone

import dev.webphone.ffi.HostPageOptions as FfiHostPageOptions
import dev.webphone.ffi.PhoneLoading as FfiPhoneLoading
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** How a page loads its phone. */
public enum class PhoneLoading {
    /** In a frame. Every type can be loaded so. */
    FRAME,

    /**
     * As a script that makes its own frame: the vendor's way for a hidden phone. **That script runs in the host page**, so
     * this means to trust the vendor with it: it can speak as the phone and as the page.
     */
    SCRIPT
}

private val MAX_PERMISSION_TIMEOUT = 10.minutes

/**
 * What can be chosen about a [Webphone]. For Java there is a [Builder].
 *
 * @property session How long the session waits, and for what.
 * @property loading How the phone is loaded.
 * @property language The host page's language, a BCP 47 tag.
 * @property title The host page's title, for screen readers.
 * @property extraOrigins Origins that the phone may move to, beside the vendor's published ones and its URL's own:
 *   `https://phone.example`. They may use the microphone and speak as the phone.
 * @property loadTimeout A phone whose document has not loaded after so long is reported as failed: up to 10 minutes.
 * @property permissionTimeout So long the phone waits for `RECORD_AUDIO`; then the microphone is refused to it: up to 10
 *   minutes.
 * @property debugging Whether web views of this app can be debugged from a computer; for every web view of the app, and
 *   for builds that nobody else gets.
 */
public class WebphoneConfig(
    public val session: SessionConfig = SessionConfig(),
    public val loading: PhoneLoading = PhoneLoading.FRAME,
    public val language: String = "pt-BR",
    public val title: String = "Webphone",
    public val extraOrigins: List<String> = emptyList(),
    @get:JvmSynthetic public val loadTimeout: Duration = 30.seconds,
    @get:JvmSynthetic public val permissionTimeout: Duration = 1.minutes,
    public val debugging: Boolean = false
) {
    /** What the core does not hear of. */
    internal fun check() {
        if (permissionTimeout in Duration.ZERO..MAX_PERMISSION_TIMEOUT) return
        val reason = "has to be 0 to ${MAX_PERMISSION_TIMEOUT.inWholeMilliseconds} (10 minutes)"
        val told = Told("`permission_timeout_ms` $reason. Nothing was sent.", "invalid")
        throw WebphoneException.Invalid(told, "permission_timeout_ms", reason)
    }

    internal fun pageOptions(below: String?) = FfiHostPageOptions(
        loading = FfiPhoneLoading.valueOf(loading.name),
        language = language,
        title = title,
        extraOrigins = extraOrigins,
        below = below,
        loadTimeoutMs = loadTimeout.inWholeMilliseconds
    )

    /** Makes a [WebphoneConfig] step by step, for Java. What is not set has its default. */
    public class Builder {
        private var config = WebphoneConfig()

        /** How long the session waits, and for what. */
        public fun session(value: SessionConfig): Builder = with(session = value)

        /** How the phone is loaded. */
        public fun loading(value: PhoneLoading): Builder = with(loading = value)

        /** The host page's language, a BCP 47 tag. */
        public fun language(value: String): Builder = with(language = value)

        /** The host page's title, for screen readers. */
        public fun title(value: String): Builder = with(title = value)

        /** Origins that the phone may move to, beside those that are known. */
        public fun extraOrigins(value: List<String>): Builder = with(extraOrigins = value)

        /** A phone whose document has not loaded after so long is reported as failed. */
        public fun loadTimeoutMillis(value: Long): Builder = with(loadTimeout = value.milliseconds)

        /** So long the phone waits for `RECORD_AUDIO`: up to 10 minutes. */
        public fun permissionTimeoutMillis(value: Long): Builder = with(permissionTimeout = value.milliseconds)

        /** Whether web views of this app can be debugged from a computer. */
        public fun debugging(value: Boolean): Builder = with(debugging = value)

        /** The configuration. */
        public fun build(): WebphoneConfig = config

        private fun with(
            session: SessionConfig = config.session,
            loading: PhoneLoading = config.loading,
            language: String = config.language,
            title: String = config.title,
            extraOrigins: List<String> = config.extraOrigins,
            loadTimeout: Duration = config.loadTimeout,
            permissionTimeout: Duration = config.permissionTimeout,
            debugging: Boolean = config.debugging
        ): Builder = apply {
            config = WebphoneConfig(
                session,
                loading,
                language,
                title,
                extraOrigins,
                loadTimeout,
                permissionTimeout,
                debugging
            )
        }
    }
}
