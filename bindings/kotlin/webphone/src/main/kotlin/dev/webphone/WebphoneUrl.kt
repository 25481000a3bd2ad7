package dev.webphone

import dev.webphone.ffi.WebphoneUrl as FfiWebphoneUrl
import kotlin.time.Duration
import kotlin.time.Instant

/**
 * The URL of an extension's phone: **a credential**. Whoever opens it makes and takes the extension's calls.
 *
 * Its text is deliberately not a URL, so that nobody leaks or ships one by accident; the real one comes only from
 * [reveal]. Two are equal when their URLs are.
 */
public class WebphoneUrl internal constructor(internal val native: FfiWebphoneUrl) {
    /** How the phone shows itself (`tipo`). */
    public val type: PhoneType get() = native.phoneType().lift()

    /** The origin that the page is loaded from: `https://api2.totalvoice.com.br`. Not a secret. */
    public val origin: String get() = native.origin()

    /** When a signed URL stops working (`expires`); null when it does not say. */
    public val expiresAt: Instant? get() = native.expiresAtMs()?.let(Instant::fromEpochMilliseconds)

    /** Whether it has stopped working, by this machine's clock. A URL that names no expiry never does. */
    public val isExpired: Boolean get() = native.isExpired(0)

    /** Whether it stops working within this time, by this machine's clock. */
    @JvmSynthetic
    public fun isExpired(margin: Duration): Boolean = native.isExpired(margin.inWholeMilliseconds)

    /** Whether it stops working within so many milliseconds, by this machine's clock. */
    public fun isExpiredWithin(marginMillis: Long): Boolean = native.isExpired(marginMillis)

    /** The full URL, the secret itself: give it to the page that hosts the phone and to nobody else. */
    public fun reveal(): String = native.reveal()

    override fun equals(other: Any?): Boolean = other is WebphoneUrl && native == other.native

    override fun hashCode(): Int = native.hashCode()

    /** The URL's public text, safe to print: type, host and expiry. */
    override fun toString(): String = native.describe()

    /** Takes URLs from elsewhere. */
    public companion object {
        /**
         * Takes a URL that was fetched elsewhere.
         *
         * @param type Used when the URL itself names none (`tipo`); without both it is floating, the API's default.
         * @throws WebphoneException.Invalid naming `url`: it has to be `https` (`http` on a loopback host only), without
         *   user information, backslashes, spaces or control characters.
         */
        @JvmStatic
        @JvmOverloads
        public fun parse(text: String, type: PhoneType? = null): WebphoneUrl =
            lifting { WebphoneUrl(FfiWebphoneUrl.parse(text, type?.lower())) }
    }
}
