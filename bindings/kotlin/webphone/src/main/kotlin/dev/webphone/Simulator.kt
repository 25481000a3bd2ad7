package dev.webphone

import dev.webphone.ffi.Fault as FfiFault
import dev.webphone.ffi.FaultRule as FfiFaultRule
import dev.webphone.ffi.SimulatedExtension as FfiSimulatedExtension
import dev.webphone.ffi.SimulatedRateLimit as FfiSimulatedRateLimit
import dev.webphone.ffi.SimulatedRequest as FfiSimulatedRequest
import dev.webphone.ffi.Simulator as FfiSimulator
import dev.webphone.ffi.SimulatorConfig as FfiSimulatorConfig
import java.io.Serializable
import kotlin.time.Duration
import kotlin.time.Instant

/** How a [Simulator] serves. For Java there is a [Builder]. */
public class SimulatorConfig internal constructor(internal val native: FfiSimulatorConfig) {
    /**
     * A configuration; what is not named has its default.
     *
     * @param port The TCP port, 0 to 65535; 0 takes a free one.
     * @param extensions The extensions of the account; null: 4000 and 4001.
     * @param tls Whether it speaks HTTPS, with a certificate of a throw-away authority; see [Simulator.rootCertificate].
     * @param rateLimit How many requests a second it answers; null: there is no limit.
     * @param urlLifetime How long a URL works, 0 (it has expired already) to ten years; URLs are then signed. Null: they
     *   are unsigned and last.
     * @param virtualTime Whether time stands still until [Simulator.advance] moves it: for its phones and their sessions,
     *   and for the expiry of its URLs. It starts at the system's time.
     */
    public constructor(
        port: Int = 0,
        extensions: List<SimulatedExtension>? = null,
        tls: Boolean = false,
        rateLimit: SimulatedRateLimit? = null,
        urlLifetime: Duration? = null,
        virtualTime: Boolean = false
    ) : this(
        FfiSimulatorConfig(
            port,
            extensions?.map(SimulatedExtension::lower),
            tls,
            rateLimit?.lower(),
            urlLifetime?.inWholeMilliseconds,
            virtualTime
        )
    )

    /** Makes a [SimulatorConfig] step by step, for Java. What is not set has its default. */
    public class Builder {
        private val native = FfiSimulatorConfig()

        /** The TCP port, 0 to 65535; 0 takes a free one. */
        public fun port(value: Int): Builder = apply { native.port = value }

        /** The extensions of the account. */
        public fun extensions(value: List<SimulatedExtension>): Builder =
            apply { native.extensions = value.map(SimulatedExtension::lower) }

        /** Whether it speaks HTTPS. */
        public fun tls(value: Boolean): Builder = apply { native.tls = value }

        /** How many requests a second it answers. */
        public fun rateLimit(value: SimulatedRateLimit): Builder = apply { native.rateLimit = value.lower() }

        /** How long a URL works. */
        public fun urlLifetimeMillis(value: Long): Builder = apply { native.urlLifetimeMs = value }

        /** Whether time stands still until [Simulator.advance] moves it. */
        public fun virtualTime(value: Boolean): Builder = apply { native.virtualTime = value }

        /** The configuration. */
        public fun build(): SimulatorConfig = SimulatorConfig(native.copy())
    }
}

/**
 * A simulated API on 127.0.0.1, serving until it is closed: for tests, demos and offline work.
 *
 * Its defaults are those of the vendor's documentation: the token `Seu_Token` and the extensions 4000 and 4001. What works
 * against the real API works against it unchanged but for the base URL.
 *
 * ```
 * Simulator().use { simulator ->
 *     simulator.client().use { client -> client.fetch(Extension.Number(4000)) }
 * }
 * ```
 *
 * After it is closed, all but [close] throws [WebphoneException.Closed].
 *
 * @param config How it serves.
 * @param token The access token that it takes; null: `Seu_Token`.
 * @throws WebphoneException.Invalid An argument is out of its range, or another program has the port.
 * @throws WebphoneException.Unsupported This build of the library has no simulator.
 */
public class Simulator
@JvmOverloads
constructor(config: SimulatorConfig = SimulatorConfig(), token: String? = null) :
    AutoCloseable {
    private val native: FfiSimulator = lifting { FfiSimulator.start(config.native, token) }

    /** The base URL of the API: `http://127.0.0.1:40123`, or `https` with TLS. */
    public val apiUrl: String get() = lifting { native.apiUrl() }

    /** The base URL of its HTTP control, for other programs: `http://127.0.0.1:40124`. */
    public val controlUrl: String get() = lifting { native.controlUrl() }

    /** The access token that it takes, in full. */
    public val token: String get() = lifting { native.token() }

    /** The certificate (PEM) that a client has to trust; null without TLS. */
    public val rootCertificate: String? get() = lifting { native.rootCertificatePem() }

    /**
     * The extensions that it knows, in the order in which they were given. An extension that stays keeps its URLs; those of
     * the others stop working.
     */
    public var extensions: List<SimulatedExtension>
        get() = lifting { native.extensions().map { SimulatedExtension(it.number, it.id) } }
        set(value) = lifting { native.setExtensions(value.map(SimulatedExtension::lower)) }

    /** The clock that it goes by, for sessions with a transport of their own; null: the system's time. */
    public val clock: Clock? get() = lifting { native.clock()?.let(::Clock) }

    /**
     * A client for this simulator: with its address, its token and the certificate that it needs.
     *
     * @param config What else the client is like; its base URL and its certificates are the simulator's.
     */
    @JvmOverloads
    public fun client(config: ClientConfig = ClientConfig()): Client {
        val here = config.native.copy(
            baseUrl = BaseUrl.Other(apiUrl).lower(),
            rootCertificatesPem = rootCertificate ?: config.native.rootCertificatesPem
        )
        return Client(token, ClientConfig(here))
    }

    /**
     * Puts a fault at the end of the queue. The first one that fits a request strikes it.
     *
     * @param fault What goes wrong.
     * @param times How many requests it strikes before it is spent, 1 or more; null: all, until the faults are cleared.
     * @param extension The number (`ramal`) of the only extension whose requests it strikes; null: any request.
     * @throws WebphoneException.Invalid A field is out of its range.
     */
    @JvmOverloads
    public fun addFault(fault: Fault, times: Int? = null, extension: String? = null): Unit =
        lifting { native.addFault(FfiFaultRule(fault.lower(), times, extension)) }

    /** Removes every fault. What is being delayed or sent slowly goes on. */
    public fun clearFaults(): Unit = lifting { native.clearFaults() }

    /**
     * What the API was asked: the counts, and the latest requests.
     *
     * @param last How many requests at most, 0 or more; 0: the counts alone.
     */
    @JvmOverloads
    public fun requests(last: Int = 10_000): RequestLog = lifting {
        native.requests(last).let { RequestLog(it.total, it.inFlight, it.requests.map(FfiSimulatedRequest::lift)) }
    }

    /** Forgets what the API was asked. */
    public fun forgetRequests(): Unit = lifting { native.forgetRequests() }

    /**
     * The phone of an extension, in this process: give it to a [Session].
     *
     * @param extension The number (`ramal`) of an extension that it knows.
     * @throws WebphoneException.Invalid It knows none of this number.
     */
    public fun phone(extension: String): SimulatedPhone =
        lifting { SimulatedPhone(native.phone(extension), native.clock()?.let(::Clock)) }

    /** As the other [phone], by the number as a number: 4000. */
    public fun phone(extension: Int): SimulatedPhone = phone(extension.toString())

    /**
     * Moves virtual time on, and returns when all that was due until then has happened: each at its time, in order. Whoever
     * awaits something is woken, but not waited for. Nor are other threads: time may pass a command that one of them is just
     * giving, so see it arrive first, in [SimulatedPhone.state].
     *
     * @throws WebphoneException.Invalid The simulator goes by the system's time, or the time is negative.
     * @throws WebphoneException.Busy Somebody else is moving the time.
     */
    @JvmSynthetic
    public fun advance(time: Duration): Unit = advance(time.inWholeMilliseconds)

    /** As the other [advance], by so many milliseconds. */
    public fun advance(millis: Long): Unit = lifting { native.advance(millis) }

    /**
     * Puts all as it was after the start: its extensions with new keys, no faults, no requests, a fresh limit. Its phones are
     * closed, without scripts and faults. Time is not put back.
     */
    public fun reset(): Unit = lifting { native.reset() }

    /** Stops serving: its ports and every connection close. Twice is fine. */
    override fun close(): Unit = native.shutDown()

    /** Where it serves. */
    override fun toString(): String = try {
        "Simulator($apiUrl)"
    } catch (_: WebphoneException.Closed) {
        "Simulator(closed)"
    }
}

/**
 * An extension (*ramal*) that a simulator knows.
 *
 * @property number Its number (`ramal`): 1 to 38 digits.
 * @property id Its unique id (`id_ramal`): 1 to 40 letters, digits, `-` and `_`; left empty, `10` and the number.
 */
public data class SimulatedExtension
@JvmOverloads
constructor(public val number: String, public val id: String = "") :
    Serializable {
    /** By its number as a number: 4000. */
    public constructor(number: Int) : this(number.toString())

    internal fun lower() = FfiSimulatedExtension(number, id)
}

/**
 * How many requests a second a simulator answers; the others get HTTP 429. A second's worth may come at once; after that one
 * request is let through every 1/n of a second.
 *
 * @property perSecond Requests a second, 1 to 1,000,000.
 * @property retryAfter Whether the 429 says when to come back (`Retry-After`, in whole seconds).
 */
public data class SimulatedRateLimit
@JvmOverloads
constructor(
    public val perSecond: Int,
    public val retryAfter: Boolean = true
) : Serializable {
    internal fun lower() = FfiSimulatedRateLimit(perSecond, retryAfter)
}

/** Whether a request had the right access token (`Access-Token`). */
public enum class TokenCheck {
    /** It had none. */
    MISSING,

    /** It had another one. */
    WRONG,

    /** It had it. */
    RIGHT
}

/**
 * One request to the simulated API. It never holds a token, a key or a signature.
 *
 * @property at When it came.
 * @property method The HTTP method: `GET`.
 * @property target Path and query as sent, at most 2,000 bytes, secrets masked: `/webphone?ramal=4000`.
 * @property extension The number of the extension that it named, by number or by id; null when that is unknown here.
 * @property token Whether it had the right access token.
 * @property userAgent The `User-Agent` that it named, at most 200 bytes.
 * @property httpStatus The HTTP status that it was answered with; 0 when a fault left no answer.
 * @property fault The fault that struck it, by its word: `delay`.
 */
public data class SimulatedRequest(
    public val at: Instant,
    public val method: String,
    public val target: String,
    public val extension: String?,
    public val token: TokenCheck,
    public val userAgent: String?,
    public val httpStatus: Int,
    public val fault: String?
)

/**
 * What the simulated API was asked so far.
 *
 * @property total How many requests came since the start or since they were last forgotten.
 * @property inFlight How many answers are being delayed or sent slowly right now.
 * @property requests The latest requests, oldest first; at most the last 10,000 are kept.
 */
public data class RequestLog(
    public val total: Long,
    public val inFlight: Int,
    public val requests: List<SimulatedRequest>
)

private fun FfiSimulatedRequest.lift() = SimulatedRequest(
    Instant.fromEpochMilliseconds(atMs),
    method,
    target,
    extension,
    token.named(),
    userAgent,
    httpStatus,
    fault
)

/** Something that goes wrong with an answer of the simulated API: see [Simulator.addFault]. */
public sealed class Fault {
    internal abstract fun lower(): FfiFault

    /** The right answer, late. For Java there is [ofMillis]. */
    @ConsistentCopyVisibility
    public data class Delay internal constructor(private val native: FfiFault.Delay) : Fault() {
        /** @param time How late, up to an hour. */
        public constructor(time: Duration) : this(FfiFault.Delay(time.inWholeMilliseconds))

        /** How late. */
        @get:JvmSynthetic
        public val time: Duration get() = timeMillis.milliseconds

        /** How late, in milliseconds. */
        public val timeMillis: Long get() = native.delayMs

        override fun lower(): FfiFault = native

        override fun toString(): String = native.toString()

        /** Makes one by milliseconds. */
        public companion object {
            /** So late, 0 to 3,600,000 ms. */
            @JvmStatic
            public fun ofMillis(time: Long): Delay = Delay(FfiFault.Delay(time))
        }
    }

    /**
     * The right answer from its first byte on in small pieces, then the connection closes. For Java there is [ofMillis].
     */
    @ConsistentCopyVisibility
    public data class Drip internal constructor(private val native: FfiFault.Drip) : Fault() {
        /**
         * @param chunkBytes The size of a piece in bytes, 1 to 65,536.
         * @param pause The pause before each further piece, up to an hour.
         */
        public constructor(
            chunkBytes: Int,
            pause: Duration
        ) : this(FfiFault.Drip(chunkBytes, pause.inWholeMilliseconds))

        /** The size of a piece in bytes. */
        public val chunkBytes: Int get() = native.chunkBytes

        /** The pause before each further piece. */
        @get:JvmSynthetic
        public val pause: Duration get() = pauseMillis.milliseconds

        /** The pause before each further piece, in milliseconds. */
        public val pauseMillis: Long get() = native.pauseMs

        override fun lower(): FfiFault = native

        override fun toString(): String = native.toString()

        /** Makes one by milliseconds. */
        public companion object {
            /** In pieces of so many bytes, 1 to 65,536, with such a pause before each further one, 0 to 3,600,000 ms. */
            @JvmStatic
            public fun ofMillis(chunkBytes: Int, pause: Long): Drip = Drip(FfiFault.Drip(chunkBytes, pause))
        }
    }

    /**
     * The right answer breaks off: its `Content-Length` promises all of the body, then the connection closes.
     *
     * @property bodyBytes How many bytes of the body are sent, 0 or more; never the whole.
     */
    public data class Cut(public val bodyBytes: Long) : Fault() {
        override fun lower(): FfiFault = FfiFault.Cut(bodyBytes)
    }

    /** The connection is reset (TCP RST) instead of an answer. */
    public data object Reset : Fault() {
        override fun lower(): FfiFault = FfiFault.Reset
    }

    /**
     * A new connection is closed before anything is read, if this rule is the first in the queue; on an open connection the
     * request gets no answer and the connection closes.
     */
    public data object Refuse : Fault() {
        override fun lower(): FfiFault = FfiFault.Refuse
    }

    /** Bytes that are not HTTP, then the connection closes. */
    public data object Garbage : Fault() {
        override fun lower(): FfiFault = FfiFault.Garbage
    }

    /**
     * HTTP 200 with a body of this size, sent as fast as the other side reads.
     *
     * @property claimedBytes The size in bytes that `Content-Length` claims, 1 or more.
     */
    public data class Oversized(public val claimedBytes: Long) : Fault() {
        override fun lower(): FfiFault = FfiFault.Oversized(claimedBytes)
    }

    /** HTTP 200 with a chunked body that never ends. */
    public data object Endless : Fault() {
        override fun lower(): FfiFault = FfiFault.Endless
    }

    /** The API's own envelope of failure, with a status such as 429, 500 or 401. For Java there is [ofMillis], too. */
    @ConsistentCopyVisibility
    public data class Fail internal constructor(private val native: FfiFault.Fail) : Fault() {
        /**
         * @param httpStatus The HTTP status, 400 to 599. `motivo` is the one that the vendor documents for it, else `null`.
         * @param retryAfter When to come back (`Retry-After`), rounded up to whole seconds; null: it does not say.
         */
        public constructor(httpStatus: Int, retryAfter: Duration?) :
            this(FfiFault.Fail(httpStatus, retryAfter?.inWholeMilliseconds))

        /** One that does not say when to come back. */
        public constructor(httpStatus: Int) : this(httpStatus, null)

        /** The HTTP status. */
        public val httpStatus: Int get() = native.httpStatus

        /** When to come back (`Retry-After`); null: it does not say. */
        @get:JvmSynthetic
        public val retryAfter: Duration? get() = retryAfterMillis?.milliseconds

        /** When to come back (`Retry-After`), in milliseconds; null: it does not say. */
        public val retryAfterMillis: Long? get() = native.retryAfterMs

        override fun lower(): FfiFault = native

        override fun toString(): String = native.toString()

        /** Makes one by milliseconds. */
        public companion object {
            /** With such a status, 400 to 599, that says to come back after so many milliseconds. */
            @JvmStatic
            public fun ofMillis(httpStatus: Int, retryAfter: Long): Fail = Fail(FfiFault.Fail(httpStatus, retryAfter))
        }
    }

    /**
     * Any other answer, given in full: an empty body, HTML, UTF-16, a redirect, an envelope without `sucesso`.
     *
     * @property httpStatus The HTTP status, 200 to 999.
     * @property body The body.
     * @property headers The headers; without a `Content-Type` among them it is `application/json`. `Content-Length`,
     *   `Transfer-Encoding` and `Connection` are not accepted: they belong to the connection.
     */
    public class Answer
    @JvmOverloads
    constructor(
        public val httpStatus: Int,
        public val body: ByteArray,
        public val headers: Map<String, String> = emptyMap()
    ) : Fault() {
        /** With a text, sent as UTF-8. */
        @JvmOverloads
        public constructor(httpStatus: Int, body: String, headers: Map<String, String> = emptyMap()) :
            this(httpStatus, body.encodeToByteArray(), headers)

        override fun lower(): FfiFault = FfiFault.Answer(httpStatus, headers, body)
    }
}
