package dev.webphone

import dev.webphone.ffi.Clock as FfiClock
import kotlin.time.Duration
import kotlin.time.Instant

/** A clock that stands still until it is moved: a day of sessions passes in no time. */
public class Clock internal constructor(internal val native: FfiClock) {
    /** A clock that shows this at first. */
    public constructor(start: Instant) : this(lifting { FfiClock.simulated(start.toEpochMilliseconds()) })

    /** A clock that shows the beginning of 2026 at first. */
    public constructor() : this(Instant.fromEpochMilliseconds(START_OF_2026))

    /** What it shows. */
    public fun now(): Moment = native.now().lift()

    /**
     * Moves it on, and returns when all that was due until then has happened: each at its time, in order. Whoever awaits
     * something is woken, but not waited for.
     *
     * @throws WebphoneException.Invalid The time is negative.
     * @throws WebphoneException.Busy Somebody else is moving the clock.
     */
    @JvmSynthetic
    public fun advance(time: Duration): Unit = advance(time.inWholeMilliseconds)

    /** As the other [advance], by so many milliseconds. */
    public fun advance(millis: Long): Unit = lifting { native.advance(millis) }

    private companion object {
        const val START_OF_2026 = 1_767_225_600_000
    }
}
