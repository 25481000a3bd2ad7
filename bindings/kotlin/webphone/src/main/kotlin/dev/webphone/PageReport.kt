package dev.webphone

import java.io.Serializable

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
     */
    public data class Failed(public val detail: String) : PageReport()

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
