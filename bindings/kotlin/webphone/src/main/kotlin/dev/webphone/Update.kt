package dev.webphone

import java.io.Serializable
import kotlin.time.Instant

/**
 * Something happened: why, and what the session looks like now.
 *
 * @property number Its number, 1, 2, 3, … without gaps.
 * @property at When.
 * @property cause Why it comes.
 * @property state The session after it. Several updates of one moment carry the same picture.
 */
public data class Update(
    public val number: Long,
    public val at: Moment,
    public val cause: Cause,
    public val state: Snapshot
) : Serializable

/** Why an update comes. */
public sealed class Cause : Serializable {
    /**
     * The phone said something.
     *
     * @property event What.
     * @property unexpected Whether it does not fit into what was known; it was applied as well as it can be.
     */
    public data class Event(public val event: dev.webphone.Event, public val unexpected: Boolean) : Cause()

    /**
     * The phone said something that can't be used; nothing changed.
     *
     * @property broken What, and which field.
     */
    public data class BrokenEvent(public val broken: dev.webphone.BrokenEvent) : Cause()

    /**
     * The host reported on the page.
     *
     * @property report What.
     */
    public data class Page(public val report: PageReport) : Cause()

    /**
     * A command's text was handed out for posting.
     *
     * @property id The command's number.
     * @property name Its word on the wire: `chamaNumero`.
     */
    public data class Posting(public val id: Long, public val name: String) : Cause()

    /**
     * A command's text was not posted: what had been assumed of it was taken back.
     *
     * @property id The command's number.
     */
    public data class TakenBack(public val id: Long) : Cause()

    /**
     * A command ended.
     *
     * @property id The command's number.
     * @property code The outcome's or error's word: `confirmed`, `unchanged`, `sent`, `unconfirmed`, `rejected`, ….
     */
    public data class Settled(public val id: Long, public val code: String) : Cause()

    /**
     * A call ended.
     *
     * @property call The call as it was at its end.
     */
    public data class CallEnded(public val call: Call) : Cause()

    /**
     * Somebody told whether the microphone is muted.
     *
     * @property muted Whether it is.
     */
    public data class MuteAssumed(public val muted: Boolean) : Cause()

    /** The session works with another URL. */
    public data object UrlChanged : Cause()

    /**
     * The page loaded again by itself, with a URL that makes the phone dial each time it loads: it dialled again.
     *
     * @property number The number.
     */
    public data class AutoDialled(public val number: String) : Cause()

    /**
     * The URL expires soon: fetch a new one, and load it when no call goes on.
     *
     * @property expiresAtMs When it expires, in Unix milliseconds.
     */
    public data class RenewalDue(public val expiresAtMs: Long) : Cause() {
        /** When it expires. */
        public val expiresAt: Instant get() = Instant.fromEpochMilliseconds(expiresAtMs)
    }

    /** A wait or grace ended. */
    public data object Time : Cause()

    /** The session was closed. No further update comes. */
    public data object ShutDown : Cause()

    /**
     * A follower was too slow: updates before this one were dropped for it.
     *
     * @property lost How many.
     */
    public data class Overflow(public val lost: Long) : Cause()
}
