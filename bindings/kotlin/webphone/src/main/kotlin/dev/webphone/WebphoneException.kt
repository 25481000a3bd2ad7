package dev.webphone

import java.io.Serializable
import kotlin.time.Duration

/**
 * What went wrong, sorted by what to do about it; the text of each says what that is.
 *
 * An error of a command to a phone means that it did nothing: it was never posted, or the phone refused it. Only
 * [PageLost], [SessionClosed] and [CommandCancelled] leave that open, and say whether it was `posted`.
 *
 * None ever holds an access token, a URL key or a signature. All can be serialized.
 */
public sealed class WebphoneException private constructor(told: Told, cause: Throwable? = null) :
    RuntimeException(told.text, cause) {
    /** A stable word for programs and logs, in `snake_case`: `rate_limited`. */
    public val code: String = told.code

    /** Whether the same request may succeed later without a change. */
    public val isRetryable: Boolean = told.isRetryable

    /** How many times the request was sent or tried; 0 when it never left. */
    public open val attempts: Int get() = failure?.attempts ?: 0

    /** What the API said; null when the error is not its. */
    public open val failure: ApiFailure? get() = null

    /** The API's own words (`mensagem`): quote them to the vendor's support. */
    public val apiText: String? get() = failure?.apiText

    /**
     * An argument is not usable: nothing was sent. Fix the named field.
     *
     * @property field The argument, as this library or the wire calls it: `base_url`, `ramal`; `text` when it is not known which.
     * @property reason Why it was refused, as a sentence without its subject: `is empty`.
     */
    public class Invalid internal constructor(
        told: Told,
        public val field: String,
        public val reason: String,
        cause: Throwable? = null
    ) : WebphoneException(told, cause)

    /** The API does not accept the access token (HTTP 401, `motivo` 40). Fix the token. */
    public class Unauthorized internal constructor(told: Told, override val failure: ApiFailure) :
        WebphoneException(told)

    /** The API understood the request and refused it. Fix the request or the account, as the reason says. */
    public class Refused internal constructor(told: Told, override val failure: ApiFailure) :
        WebphoneException(told)

    /**
     * Too many requests a second (HTTP 429), and waiting for it would not fit into the timeout. Wait, then try again.
     *
     * @property retryAfterMillis How long the API asks to wait (`Retry-After`); null when it did not say.
     */
    public class RateLimited internal constructor(
        told: Told,
        override val failure: ApiFailure,
        public val retryAfterMillis: Long?
    ) : WebphoneException(told) {
        /** How long the API asks to wait (`Retry-After`); null when it did not say. */
        @get:JvmSynthetic
        public val retryAfter: Duration? get() = retryAfterMillis?.milliseconds
    }

    /**
     * The API failed on its side (HTTP 500, 502, 503, 504). Try again later.
     *
     * @property retryAfterMillis How long the API asks to wait (`Retry-After`); null when it did not say.
     */
    public class Unavailable internal constructor(
        told: Told,
        override val failure: ApiFailure,
        public val retryAfterMillis: Long?
    ) : WebphoneException(told) {
        /** How long the API asks to wait (`Retry-After`); null when it did not say. */
        @get:JvmSynthetic
        public val retryAfter: Duration? get() = retryAfterMillis?.milliseconds
    }

    /**
     * No whole answer came. Check the network, then try again.
     *
     * @property where Where the way broke.
     */
    public class Unreachable internal constructor(
        told: Told,
        public val where: UnreachableCause,
        override val attempts: Int
    ) : WebphoneException(told)

    /**
     * What answered is not the documented API. Check the base URL; if it is right, report this.
     *
     * @property httpStatus The HTTP status code; 0 when the answer was not HTTP at all.
     * @property problem What is wrong with the answer.
     */
    public class UnexpectedAnswer internal constructor(
        told: Told,
        public val httpStatus: Int,
        public val problem: AnswerProblem,
        override val attempts: Int
    ) : WebphoneException(told)

    /** A batch ended early, because the access token was refused, before this request was sent. */
    public class NotTried internal constructor(told: Told) : WebphoneException(told)

    /** The object was closed, or the program is exiting. */
    public class Closed internal constructor(told: Told) : WebphoneException(told)

    /** The work was cancelled: the batch that one still reads was closed, say. */
    public class Cancelled internal constructor(told: Told) : WebphoneException(told)

    /** Somebody else waits on this object already, or a session has as many commands open as it takes (64). */
    public class Busy internal constructor(told: Told) : WebphoneException(told)

    /**
     * The phone refused to set up the call (`status_erro`). Tell the user.
     *
     * @property statusErro The phone's own words, 1 to 128 characters.
     */
    public class Rejected internal constructor(told: Told, public val statusErro: String) :
        WebphoneException(told)

    /** A call is being set up or goes on: another one was not dialled. */
    public class CallInProgress internal constructor(told: Told) : WebphoneException(told)

    /** There is no call that this command could mean; nothing was sent. */
    public class NoCall internal constructor(told: Told) : WebphoneException(told)

    /**
     * Whether the microphone is muted is not known, and the phone has only a toggle: nothing was sent. Say what is so
     * ([Session.assumeMuted]), or toggle.
     */
    public class MuteUnknown internal constructor(told: Told) : WebphoneException(told)

    /**
     * The phone did not become ready for this command in time; nothing was sent.
     *
     * @property reason What was missing.
     */
    public class NotReady internal constructor(told: Told, public val reason: NotReadyReason) :
        WebphoneException(told)

    /**
     * The page that holds the phone was lost before the command ended, or its text could not be posted.
     *
     * @property posted Whether the command had reached the page.
     */
    public class PageLost internal constructor(told: Told, public val posted: Posted) : WebphoneException(told)

    /**
     * The session was closed before the command ended.
     *
     * @property posted Whether the command had reached the page.
     */
    public class SessionClosed internal constructor(told: Told, public val posted: Posted) :
        WebphoneException(told)

    /**
     * The command was cancelled: a `call` that was hung up before it was dialled, say. What was posted stays posted.
     *
     * @property posted Whether the command had reached the page.
     */
    public class CommandCancelled internal constructor(told: Told, public val posted: Posted) :
        WebphoneException(told)

    /** The URL makes the phone dial each time it loads (`ligar_para`), so it is loaded once only. */
    public class DialsOnOpen internal constructor(told: Told) : WebphoneException(told)

    /**
     * This build of the library does not contain the feature, or does not run on this platform.
     *
     * @property feature The feature's name: `simulator`, `native library`, and on Android `web view`, and
     *   `view on this thread` for one that only the main thread has.
     */
    public class Unsupported internal constructor(told: Told, public val feature: String, cause: Throwable?) :
        WebphoneException(told, cause)

    /** A fault of this library. Please report it with this text and where it was thrown. */
    public class Internal internal constructor(told: Told, cause: Throwable?) : WebphoneException(told, cause)
}

/** What every error says of itself. */
internal class Told(val text: String, val code: String, val isRetryable: Boolean = false)

/**
 * What the API said when it did not give a URL.
 *
 * @property httpStatus The HTTP status code of the answer, 100 to 999.
 * @property motivo The API's own reason code (`motivo`), as sent; null when the answer had none.
 * @property reason The reason with a name, from `motivo`, else from the status.
 * @property apiText The API's own words (`mensagem`): at most 500 characters, secrets redacted.
 * @property attempts How many times the request was sent; 0: a batch did not send it, since the API would have refused it.
 */
public data class ApiFailure(
    public val httpStatus: Int,
    public val motivo: Long?,
    public val reason: ApiReason,
    public val apiText: String?,
    public val attempts: Int
) : Serializable

/**
 * The API's reasons with names (`motivo` in its envelope), as the vendor's documentation lists them. The set is open: a
 * code that is not known here is kept as [Other].
 */
public sealed class ApiReason : Serializable {
    /** `motivo` 8, HTTP 403: the token has no permission for this. */
    public data object NoPermission : ApiReason()

    /** `motivo` 9, HTTP 402: the account has no balance. */
    public data object NoBalance : ApiReason()

    /** `motivo` 10: a required parameter is missing. */
    public data object MissingParameter : ApiReason()

    /** `motivo` 11, HTTP 405: a parameter is invalid. */
    public data object InvalidParameter : ApiReason()

    /** `motivo` 20: it exists already. */
    public data object Duplicate : ApiReason()

    /** `motivo` 30, HTTP 501: the API does not implement this. */
    public data object NotImplemented : ApiReason()

    /** `motivo` 40, HTTP 401: the access token was not accepted. */
    public data object AuthenticationFailed : ApiReason()

    /** `motivo` 50, HTTP 500: a fault inside the API. */
    public data object InternalError : ApiReason()

    /** `motivo` 60, HTTP 404: the extension (or what else was named) does not exist. */
    public data object NotFound : ApiReason()

    /** `motivo` 70: the call has no recording. */
    public data object NoRecording : ApiReason()

    /** `motivo` 80: the call is not active. */
    public data object CallNotActive : ApiReason()

    /** `motivo` 90: the path does not exist; the base URL may be wrong. */
    public data object PathNotFound : ApiReason()

    /** `motivo` 100, HTTP 400: the request is malformed. */
    public data object InvalidRequest : ApiReason()

    /** HTTP 429: too many requests a second. */
    public data object TooManyRequests : ApiReason()

    /** HTTP 502, 503 or 504: the API is not there for the moment. */
    public data object Unavailable : ApiReason()

    /**
     * A reason that this library does not know.
     *
     * @property value The `motivo` as sent, or else the HTTP status code.
     */
    public data class Other(public val value: Long) : ApiReason()
}

/** Where the way to the API broke. */
public enum class UnreachableCause {
    /** The host name, of the API or of the proxy before it, could not be resolved. */
    DNS,

    /** The host, or the proxy before it, refused the connection. */
    CONNECTION_REFUSED,

    /** The connection was closed or reset before an answer began. */
    CONNECTION_RESET,

    /** The answer broke off before its end. */
    ANSWER_CUT,

    /** No connection within the connect timeout. */
    CONNECT_TIMEOUT,

    /** No whole answer within the total timeout. */
    TIMEOUT,

    /** The TLS handshake failed: certificate, name or protocol. Trying again does not help. */
    TLS,

    /** The proxy did not open the way. */
    PROXY,

    /** Any other fault of the network. */
    NETWORK
}

/** Why an answer is not the documented API's. */
public sealed class AnswerProblem : Serializable {
    /** It is not HTTP. */
    public data object NotHttp : AnswerProblem()

    /** It is a redirect (HTTP 3xx), which is never followed: it would carry the token to another place. */
    public data object Redirect : AnswerProblem()

    /** It has no body. */
    public data object Empty : AnswerProblem()

    /** Its body is larger than the library reads (64 KiB). */
    public data object TooLarge : AnswerProblem()

    /** Its body is not UTF-8 text. */
    public data object NotText : AnswerProblem()

    /** Its body is not JSON, nests too deep, or holds a number that no 64-bit float can. */
    public data object NotJson : AnswerProblem()

    /**
     * A field is missing or not as documented.
     *
     * @property field The field's path: `sucesso`, `dados.url`.
     * @property reason Why it was refused, as a sentence without its subject: `is missing`.
     */
    public data class Field(public val field: String, public val reason: String) : AnswerProblem()
}

/** Whether a command's text reached the page. */
public enum class Posted {
    /** It did: the phone may have acted on it. */
    YES,

    /** It did not: nothing happened. */
    NO,

    /** It was handed to the transport, which has not reported yet. */
    UNKNOWN
}

/** Why a phone was not ready for a command. */
public enum class NotReadyReason {
    /** The page has not loaded. */
    NOT_LOADED,

    /** The phone's document failed to load, as the host reported. */
    LOAD_FAILED,

    /** The page was lost, and no new one is loading. */
    PAGE_LOST,

    /** The phone says that it has no line (`desconectado`). Connect first. */
    DISCONNECTED,

    /** The phone has not said that it has its line (`conectado`). */
    NOT_CONNECTED
}
