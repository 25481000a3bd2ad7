package dev.webphone

import java.io.Serializable
import kotlin.time.Instant

/**
 * A moment, by both clocks.
 *
 * @property monoMs Monotonic time in milliseconds, from any start; what all waits and durations are made of.
 * @property unixMs The wall clock in Unix milliseconds, for records; it may be adjusted.
 */
public data class Moment(public val monoMs: Long, public val unixMs: Long) : Serializable {
    /** The wall clock. */
    public val instant: Instant get() = Instant.fromEpochMilliseconds(unixMs)
}

/**
 * A session at one moment; it never changes. What nobody reported is unknown in it, never guessed.
 *
 * @property page The page that holds the phone.
 * @property line Whether the phone has its line.
 * @property call The current call; null when there is none.
 * @property ringing An incoming call that rings, beside the current one or alone.
 * @property mute The microphone in the current call.
 * @property recording The recording of the current call.
 * @property queues Every queue that was ever named, by id.
 * @property lastError The last error that was about no call being set up.
 * @property unexpectedEvents Events so far that did not fit into what was known.
 * @property brokenEvents Events so far with a field that can't be used.
 * @property shutDown Whether the session was closed.
 */
public data class Snapshot(
    public val page: Page,
    public val line: Line,
    public val call: Call?,
    public val ringing: Call?,
    public val mute: Mute,
    public val recording: Recording,
    public val queues: List<Queue>,
    public val lastError: PhoneError?,
    public val unexpectedEvents: Long,
    public val brokenEvents: Long,
    public val shutDown: Boolean
) : Serializable

/**
 * The page that holds the phone.
 *
 * @property phase How far it is.
 * @property aliveBy How it came to life; null before.
 * @property generation Which load of the page this is: 1, 2, 3, …; each loss begins a new one.
 * @property failed Whether the host reported that the phone's document failed to load.
 * @property renewalDue Whether the URL expires soon, or has expired.
 */
public data class Page(
    public val phase: PagePhase,
    public val aliveBy: AliveBy?,
    public val generation: Long,
    public val failed: Boolean,
    public val renewalDue: Boolean
) : Serializable

/** How far a page is. */
public enum class PagePhase {
    /** It loads. */
    LOADING,

    /** It has loaded; the phone in it has not spoken. */
    LOADED,

    /** The phone lives in it. */
    ALIVE,

    /** The phone can make calls. */
    READY,

    /** It is gone; what it still says is ignored until a new one loads. */
    LOST
}

/** How it is known that a page is alive. */
public enum class AliveBy {
    /** The phone spoke. */
    MESSAGE,

    /** It loaded, nobody reported a failure, and it stayed silent: an assumption. */
    SILENCE
}

/** Whether the phone has its line. */
public enum class Line {
    /** The phone did not say, or a command may have changed it. */
    UNKNOWN,

    /** It has (`conectado`). */
    CONNECTED,

    /** It has not (`desconectado`): it makes and takes no calls. */
    DISCONNECTED
}

/** The microphone. The phone never says whether it is muted. */
public enum class Mute {
    /** It can't be known; also when there is no call. */
    UNKNOWN,

    /** By what was posted it should be muted. */
    ASSUMED_MUTED,

    /** By what was posted it should be open. */
    ASSUMED_UNMUTED
}

/** The partial recording of a call. The phone never says whether it records. */
public enum class Recording {
    /** It can't be known. */
    UNKNOWN,

    /** By what was posted it should be on. */
    ASSUMED_ON,

    /** By what was posted it should be off; so is every new call's. */
    ASSUMED_OFF
}

/**
 * A queue (*fila*), as far as the phone told.
 *
 * @property id Its id (`filaId`).
 * @property member Whether the extension is a member; null: unknown.
 * @property paused Whether the extension pauses in it; null: unknown.
 */
public data class Queue(public val id: String, public val member: Boolean?, public val paused: Boolean?) : Serializable

/**
 * An error that the phone reported (`status_erro`).
 *
 * @property statusErro The phone's own words, 1 to 128 characters.
 * @property at When it came.
 */
public data class PhoneError(public val statusErro: String, public val at: Moment) : Serializable
