package dev.webphone

import java.io.Serializable

/** Why the phone's document did not load, as far as the host can tell. */
public sealed class LoadFailure : Serializable {
    /**
     * The server answered with this HTTP status. One below 400 is no failure.
     *
     * @property status The status, 100 to 999.
     */
    public data class Status(public val status: Int) : LoadFailure()

    /** The certificate, its name or the protocol is not acceptable. */
    public data object Tls : LoadFailure()

    /** It may not be shown in a frame (`X-Frame-Options`, `frame-ancestors`), or a policy forbids to load it. */
    public data object Blocked : LoadFailure()

    /**
     * The network failed.
     *
     * @property code The platform's word for it: `net::ERR_CONNECTION_REFUSED`. Only its letters, digits and `_ : . -` are
     *   kept.
     */
    public data class Network(public val code: String) : LoadFailure()

    /** Nothing had loaded when the time for it was over. */
    public data object TimedOut : LoadFailure()

    /** The script that makes a hidden phone did not load. */
    public data object Script : LoadFailure()
}

/** What a host can see of the page. */
public sealed class PageReport : Serializable {
    /** The page begins to load. After [Loaded] that is a loss of the page before. */
    public data object Loading : PageReport()

    /** The phone's document has loaded, as far as the host can see. */
    public data object Loaded : PageReport()

    /**
     * The phone's document failed to load: silence of the page no longer counts as life.
     *
     * @property detail What the host knows about it, for people.
     * @property failure Why, for programs; null: for another reason, which the detail tells.
     */
    public data class Failed @JvmOverloads constructor(
        public val detail: String,
        public val failure: LoadFailure? = null
    ) : PageReport()

    /**
     * The page is gone: its process ended, its view was removed.
     *
     * @property detail What the host knows about it, for people.
     */
    public data class Lost(public val detail: String) : PageReport()

    /** The phone closed itself. */
    public data object Closed : PageReport()

    /** The phone's window went to another page. */
    public data object Navigated : PageReport()

    /** The phone's document loaded again by itself. It counts as lost until the next [Loading]. */
    public data object Reloaded : PageReport()

    /**
     * Anything else worth telling, such as a refused microphone. It changes nothing but reaches the updates.
     *
     * @property name A stable word for programs, in `snake_case`: `microphone_refused`.
     * @property detail What the host knows about it, for people.
     */
    public data class Notice(public val name: String, public val detail: String) : PageReport()
}
