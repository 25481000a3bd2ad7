package dev.webphone

import dev.webphone.ffi.RecordNumbers as FfiRecordNumbers
import dev.webphone.ffi.SessionConfig as FfiSessionConfig
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** What a recording of a session holds of telephone numbers. Of secrets it never holds any. */
public enum class RecordNumbers {
    /** As they are. */
    PLAIN,

    /** Others in their place: the same number always by the same other one, of the same length. DTMF keys likewise. */
    MASKED
}

/** How long a session waits, and for what. For Java there is a [Builder]. */
public class SessionConfig internal constructor(internal val native: FfiSessionConfig) {
    /**
     * A configuration; what is not named has its default. All times are 0 to 24 hours.
     *
     * @param aliveGrace A loaded page that says nothing for so long, and of which the host reported no failure, counts as
     *   alive.
     * @param readyGrace A phone that is alive but does not say whether it has its line counts as ready after so long: one
     *   that had it already may not say so again.
     * @param readyTimeout How long a command waits for the page to become ready for it; then it ends in
     *   [WebphoneException.NotReady]. Only time in which the page is not ready counts.
     * @param postTimeout How long a text may be on its way. A transport of one's own that takes longer has not posted it, and
     *   its command ends in [WebphoneException.PageLost]. Where this library posts by itself, a text that a page says nothing
     *   of counts as posted, a second later.
     * @param lineTimeout How long `connect` and `disconnect` wait for their event once posted.
     * @param callTimeout How long `call` waits for a sign of its call once posted.
     * @param idGrace How long a `call` that is confirmed by a status waits on for the call's id.
     * @param answerTimeout How long `answer` waits for the talk to begin once posted.
     * @param hangUpTimeout How long `hangUp` waits for its call to end once posted.
     * @param queueTimeout How long a queue command waits for its event once posted.
     * @param lateWindow For so long after a queue command timed out, or one for all queues ended, events without a queue's
     *   id confirm nothing: they may be its late ones.
     * @param reopenWindow For so long after `hangUp` ended a call in consultation, the phone may say that the call goes on.
     * @param autoDialGrace A call that the URL makes the phone dial on opening (`ligar_para`) is doubtful after so long
     *   without an event.
     * @param dtmfPace The pause between two keys of `sendDtmf`: menus miss keys that come faster.
     * @param renewalMargin How long before the URL expires [Cause.RenewalDue] comes: time to fetch a new one.
     * @param historyLimit How many ended calls `history` keeps, 0 to 1,000.
     * @param visiblePhone Whether somebody can see the phone and press its own mute key (types floating and embedded): then
     *   a new call's mute is not known. Null: as the URL's type says; without a URL it may be seen, which assumes least.
     * @param record Whether `trace` has a recording, and what that holds of telephone numbers; null: it has none.
     */
    public constructor(
        aliveGrace: Duration = 2.seconds,
        readyGrace: Duration = 2.seconds,
        readyTimeout: Duration = 30.seconds,
        postTimeout: Duration = DEFAULT_POST_TIMEOUT,
        lineTimeout: Duration = 15.seconds,
        callTimeout: Duration = 10.seconds,
        idGrace: Duration = 1.seconds,
        answerTimeout: Duration = 10.seconds,
        hangUpTimeout: Duration = 10.seconds,
        queueTimeout: Duration = 5.seconds,
        lateWindow: Duration = 5.seconds,
        reopenWindow: Duration = 5.seconds,
        autoDialGrace: Duration = 10.seconds,
        dtmfPace: Duration = 200.milliseconds,
        renewalMargin: Duration = 1.minutes,
        historyLimit: Int = 20,
        visiblePhone: Boolean? = null,
        record: RecordNumbers? = null
    ) : this(
        FfiSessionConfig(
            aliveGraceMs = aliveGrace.inWholeMilliseconds,
            readyGraceMs = readyGrace.inWholeMilliseconds,
            readyTimeoutMs = readyTimeout.inWholeMilliseconds,
            postTimeoutMs = postTimeout.inWholeMilliseconds,
            lineTimeoutMs = lineTimeout.inWholeMilliseconds,
            callTimeoutMs = callTimeout.inWholeMilliseconds,
            idGraceMs = idGrace.inWholeMilliseconds,
            answerTimeoutMs = answerTimeout.inWholeMilliseconds,
            hangUpTimeoutMs = hangUpTimeout.inWholeMilliseconds,
            queueTimeoutMs = queueTimeout.inWholeMilliseconds,
            lateWindowMs = lateWindow.inWholeMilliseconds,
            reopenWindowMs = reopenWindow.inWholeMilliseconds,
            autoDialGraceMs = autoDialGrace.inWholeMilliseconds,
            dtmfPaceMs = dtmfPace.inWholeMilliseconds,
            renewalMarginMs = renewalMargin.inWholeMilliseconds,
            historyLimit = historyLimit.toLong(),
            visiblePhone = visiblePhone,
            record = record?.named<FfiRecordNumbers>()
        )
    )

    override fun equals(other: Any?): Boolean = other is SessionConfig && native == other.native

    override fun hashCode(): Int = native.hashCode()

    override fun toString(): String = native.toString()

    /** Makes a [SessionConfig] step by step, for Java. What is not set has its default. All times are milliseconds. */
    public class Builder {
        private val native = FfiSessionConfig(postTimeoutMs = DEFAULT_POST_TIMEOUT.inWholeMilliseconds)

        /** How long a silent page that loaded takes to count as alive. */
        public fun aliveGraceMillis(value: Long): Builder = apply { native.aliveGraceMs = value }

        /** How long a phone that is alive and silent about its line takes to count as ready. */
        public fun readyGraceMillis(value: Long): Builder = apply { native.readyGraceMs = value }

        /** How long a command waits for the page to become ready for it. */
        public fun readyTimeoutMillis(value: Long): Builder = apply { native.readyTimeoutMs = value }

        /** How long a text may be on its way. */
        public fun postTimeoutMillis(value: Long): Builder = apply { native.postTimeoutMs = value }

        /** How long `connect` and `disconnect` wait for their event. */
        public fun lineTimeoutMillis(value: Long): Builder = apply { native.lineTimeoutMs = value }

        /** How long `call` waits for a sign of its call. */
        public fun callTimeoutMillis(value: Long): Builder = apply { native.callTimeoutMs = value }

        /** How long a `call` that is confirmed by a status waits on for the call's id. */
        public fun idGraceMillis(value: Long): Builder = apply { native.idGraceMs = value }

        /** How long `answer` waits for the talk to begin. */
        public fun answerTimeoutMillis(value: Long): Builder = apply { native.answerTimeoutMs = value }

        /** How long `hangUp` waits for its call to end. */
        public fun hangUpTimeoutMillis(value: Long): Builder = apply { native.hangUpTimeoutMs = value }

        /** How long a queue command waits for its event. */
        public fun queueTimeoutMillis(value: Long): Builder = apply { native.queueTimeoutMs = value }

        /** For how long events without a queue's id may be late ones. */
        public fun lateWindowMillis(value: Long): Builder = apply { native.lateWindowMs = value }

        /** For how long a call that ended in consultation may go on. */
        public fun reopenWindowMillis(value: Long): Builder = apply { native.reopenWindowMs = value }

        /** How long a call that the URL makes the phone dial is believed in without an event. */
        public fun autoDialGraceMillis(value: Long): Builder = apply { native.autoDialGraceMs = value }

        /** The pause between two keys of `sendDtmf`. */
        public fun dtmfPaceMillis(value: Long): Builder = apply { native.dtmfPaceMs = value }

        /** How long before the URL expires [Cause.RenewalDue] comes. */
        public fun renewalMarginMillis(value: Long): Builder = apply { native.renewalMarginMs = value }

        /** How many ended calls `history` keeps, 0 to 1,000. */
        public fun historyLimit(value: Int): Builder = apply { native.historyLimit = value.toLong() }

        /** Whether somebody can see the phone and press its own mute key. */
        public fun visiblePhone(value: Boolean): Builder = apply { native.visiblePhone = value }

        /** That `trace` has a recording, and what that holds of telephone numbers. */
        public fun record(value: RecordNumbers): Builder = apply { native.record = value.named<FfiRecordNumbers>() }

        /** The configuration. */
        public fun build(): SessionConfig = SessionConfig(native.copy())
    }

    private companion object {
        /** A second less than what the core waits for a report: the watch over the transport always reports first. */
        val DEFAULT_POST_TIMEOUT = 4.seconds
    }
}
