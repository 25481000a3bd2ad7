package dev.webphone

import java.io.Serializable
import kotlin.time.Duration

/**
 * One call, going on or ended. What nobody reported is null.
 *
 * It is a picture that does not change, but its times run on: [ringTime], [talkTime] and [elapsed] go up to now until that
 * part of the call is over.
 *
 * @property serial The session's own number for it: 1, 2, 3, ….
 * @property origin Who began it.
 * @property phase How far it got.
 * @property doubtful Whether it may be over already, or may never have begun: a call that did not end when it was hung up,
 *   or of which nothing was heard. It never stands in the way of another `call`.
 * @property number The other side: the number that was dialled (`numero`), or the caller's (`numeroChegando`).
 * @property called Which number an incoming call was made to (`numeroDestino`).
 * @property callId The phone's id for it (`chamada_id`, `chamadaRecebidaId`), for look-ups by the API or its webhooks.
 * @property consultation The call to a third party that a consultative transfer began (`transferirConsulta`).
 * @property began When it was dialled, began to ring, or was first heard of.
 * @property calling When the other side was first reported to be called (`chamando`).
 * @property talking When the talk began (`conversando`).
 * @property end How it ended; null while it goes on.
 */
public data class Call(
    public val serial: Long,
    public val origin: CallOrigin,
    public val phase: CallPhase,
    public val doubtful: Boolean,
    public val number: CallNumber?,
    public val called: CallNumber?,
    public val callId: String?,
    public val consultation: Consultation?,
    public val began: Moment,
    public val calling: Moment?,
    public val talking: Moment?,
    public val end: CallEnd?
) : Serializable {
    /** Its session's time; without one, as after serialization, the wall clock has to do. */
    @Transient
    internal var now: (() -> Moment)? = null

    /** How long it rang, or rings so far: from its beginning until the talk or the end. */
    @get:JvmSynthetic
    public val ringTime: Duration get() = ringMillis.milliseconds

    /** As [ringTime], in milliseconds. */
    public val ringMillis: Long get() = millis(began, talking ?: end?.at)

    /** How long the two sides talked, or talk so far; null if they did not. */
    @get:JvmSynthetic
    public val talkTime: Duration? get() = talkMillis?.milliseconds

    /** As [talkTime], in milliseconds. */
    public val talkMillis: Long? get() = talking?.let { millis(it, end?.at) }

    /** How long it lasted, or lasts so far: from its beginning until its end or now, so that a label can tick. */
    @JvmSynthetic
    public fun elapsed(): Duration = elapsedMillis().milliseconds

    /** As [elapsed], in milliseconds. */
    public fun elapsedMillis(): Long = millis(began, end?.at)

    private fun millis(from: Moment, until: Moment?): Long {
        val to = until ?: now?.invoke()
        return maxOf(0, if (to != null) to.monoMs - from.monoMs else System.currentTimeMillis() - from.unixMs)
    }
}

/** Who began a call. */
public enum class CallOrigin {
    /** A `call` of this session. */
    COMMAND,

    /** The page itself: its URL (`ligar_para`), or its user on the phone's own keys. */
    PAGE,

    /** Somebody who calls in. */
    INCOMING
}

/** How far a call got. */
public enum class CallPhase {
    /** It was dialled; the phone has not said that it calls. */
    DIALLING,

    /** The other side is being called (`chamando`). */
    CALLING,

    /** It comes in and waits for an answer (`chegandoChamada`). */
    RINGING,

    /** The two sides talk (`conversando`). */
    TALKING
}

/**
 * A consultation: the caller waits while a third party is asked. Hanging up then connects the two.
 *
 * That the phone's events concern this leg while it is open is an assumption; the vendor does not document it.
 *
 * @property number The third party.
 * @property phase How far the leg got: dialling, calling or talking.
 * @property callId The leg's own id.
 */
public data class Consultation(public val number: CallNumber, public val phase: CallPhase, public val callId: String?) :
    Serializable

/**
 * The end of a call.
 *
 * @property at When.
 * @property reason Why.
 * @property statusErro The phone's own words, when it refused the call.
 */
public data class CallEnd(public val at: Moment, public val reason: EndReason, public val statusErro: String?) :
    Serializable

/** Why a call ended. */
public enum class EndReason {
    /** The phone said that it ended (`encerrada`): either side hung up, or nobody answered. */
    ENDED,

    /** An incoming call ended before it was answered. */
    MISSED,

    /** An incoming call was hung up before it was answered. */
    DECLINED,

    /** The phone refused it (`status_erro`). */
    REJECTED,

    /** Another call took its place. */
    REPLACED,

    /** The page was lost. */
    PAGE_LOST,

    /** Nobody said. */
    UNKNOWN
}
