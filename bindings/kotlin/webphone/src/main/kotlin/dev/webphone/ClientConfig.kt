package dev.webphone

import dev.webphone.ffi.ClientConfig as FfiClientConfig
import dev.webphone.ffi.Proxy as FfiProxy
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** Where the API is. */
public sealed class BaseUrl {
    /** `https://api2.totalvoice.com.br`, the default. */
    public data object TotalVoice : BaseUrl()

    /** `https://voice-api.zenvia.com`: the platform's newer name for the same API. */
    public data object Zenvia : BaseUrl()

    /**
     * Any other address, such as a simulator's.
     *
     * @property url `https`, or `http` on a loopback host; no user information, query or fragment.
     */
    public data class Other(public val url: String) : BaseUrl()
}

/**
 * A proxy on the way to the API. It is the only one that is used: none is read from the environment.
 *
 * @param url `http://proxy.example:3128`, without credentials in it.
 * @param username For a proxy that asks who one is.
 * @param password Beside a username only.
 * @throws WebphoneException.Invalid naming what can't be used.
 */
public class Proxy
@JvmOverloads
constructor(url: String, username: String? = null, password: String? = null) {
    internal val native: FfiProxy = lifting { FfiProxy(url, username, password) }

    /** Without address and credentials. */
    override fun toString(): String = "Proxy(hidden)"
}

/** How a [Client] works. For Java there is a [Builder]. */
public class ClientConfig internal constructor(internal val native: FfiClientConfig) {
    /**
     * A configuration; what is not named has its default.
     *
     * @param baseUrl Where the API is.
     * @param timeout The time for a whole fetch with its retries, 1 ms to 10 minutes.
     * @param connectTimeout The time for one connection, 1 ms to 10 minutes.
     * @param maxRetries How often a request is tried again, 0 to 10.
     * @param userAgent What the client calls itself, 1 to 256 characters; null: `webphone/` and the version.
     * @param rootCertificates Further certificates (PEM) that it trusts, beside the public roots.
     * @param proxy The proxy that it goes through; null: none.
     */
    public constructor(
        baseUrl: BaseUrl = BaseUrl.TotalVoice,
        timeout: Duration = 20.seconds,
        connectTimeout: Duration = 5.seconds,
        maxRetries: Int = 3,
        userAgent: String? = null,
        rootCertificates: String? = null,
        proxy: Proxy? = null
    ) : this(
        FfiClientConfig(
            baseUrl = baseUrl.lower(),
            timeoutMs = timeout.inWholeMilliseconds,
            connectTimeoutMs = connectTimeout.inWholeMilliseconds,
            maxRetries = maxRetries,
            userAgent = userAgent,
            rootCertificatesPem = rootCertificates,
            proxy = proxy?.native
        )
    )

    /** Without what could be secret. */
    override fun toString(): String = with(native) {
        "ClientConfig(baseUrl=${baseUrl.lift()}, timeout=${timeoutMs}ms, connectTimeout=${connectTimeoutMs}ms, " +
            "maxRetries=$maxRetries)"
    }

    /** Makes a [ClientConfig] step by step, for Java. What is not set has its default. */
    public class Builder {
        private val native = FfiClientConfig(BaseUrl.TotalVoice.lower())

        /** Where the API is. */
        public fun baseUrl(value: BaseUrl): Builder = apply { native.baseUrl = value.lower() }

        /** The time for a whole fetch with its retries, 1 to 600,000 ms. */
        public fun timeoutMillis(value: Long): Builder = apply { native.timeoutMs = value }

        /** The time for one connection, 1 to 600,000 ms. */
        public fun connectTimeoutMillis(value: Long): Builder = apply { native.connectTimeoutMs = value }

        /** How often a request is tried again, 0 to 10. */
        public fun maxRetries(value: Int): Builder = apply { native.maxRetries = value }

        /** What the client calls itself, 1 to 256 characters. */
        public fun userAgent(value: String): Builder = apply { native.userAgent = value }

        /** Further certificates (PEM) that it trusts, beside the public roots. */
        public fun rootCertificates(value: String): Builder = apply { native.rootCertificatesPem = value }

        /** The proxy that it goes through. */
        public fun proxy(value: Proxy): Builder = apply { native.proxy = value.native }

        /** The configuration. */
        public fun build(): ClientConfig = ClientConfig(native.copy())
    }
}
