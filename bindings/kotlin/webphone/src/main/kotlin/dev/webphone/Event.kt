package dev.webphone

import java.io.Serializable

/** A message of the phone. The set is open: what is not known here is kept as [Unknown]. */
public sealed class Event : Serializable {
    /**
     * `chegandoChamada`: a call comes in.
     *
     * @property caller Who calls (`numeroChegando`); null when the phone does not say.
     * @property called Which number was called (`numeroDestino`); null when the phone does not say.
     * @property callId The call's id (`chamadaRecebidaId`); null when the phone does not say.
     */
    public data class IncomingCall(
        public val caller: CallNumber?,
        public val called: CallNumber?,
        public val callId: String?
    ) : Event()

    /**
     * `status`: the line or the call changed.
     *
     * @property status To what.
     */
    public data class Status(public val status: CallStatus) : Event()

    /**
     * `chamada_id`: the id of a call that starts.
     *
     * @property callId The id; null when the phone names none: missing, `null`, `false`, `0` or empty.
     */
    public data class CallId(public val callId: String?) : Event()

    /**
     * `status_erro`: a call that is being set up failed, for good.
     *
     * @property statusErro The phone's own words, 1 to 128 characters.
     */
    public data class CallError(public val statusErro: String) : Event()

    /**
     * `stats_webphone`: the quality of network and computer, in shapes that the vendor does not document.
     *
     * @property internet About the network, such as ping and jitter: JSON text, compact, keys sorted; null if missing.
     * @property computer About the computer (`computador`), such as its load: JSON text, compact, keys sorted; null if
     *   missing.
     */
    public data class Quality(public val internet: String?, public val computer: String?) : Event()

    /**
     * `entrou_na_fila`: the extension joined a queue.
     *
     * @property queue Which one (`filaId`); null when the phone does not say.
     */
    public data class JoinedQueue(public val queue: String?) : Event()

    /**
     * `saiu_da_fila`: the extension left a queue.
     *
     * @property queue Which one (`filaId`); null when the phone does not say.
     */
    public data class LeftQueue(public val queue: String?) : Event()

    /**
     * `pausou_na_fila`: the extension takes no calls from a queue for a while.
     *
     * @property queue Which one (`filaId`); null when the phone does not say.
     */
    public data class PausedInQueue(public val queue: String?) : Event()

    /**
     * `despausou_na_fila`: the extension takes calls from a queue again.
     *
     * @property queue Which one (`filaId`); null when the phone does not say.
     */
    public data class ResumedInQueue(public val queue: String?) : Event()

    /**
     * A message that this library does not know.
     *
     * @property name Its name (`message`).
     * @property payload All its other fields: the JSON text of an object, compact, keys sorted.
     */
    public data class Unknown(public val name: String, public val payload: String) : Event()
}

/** A value of the phone's `status`. The set is open. */
public sealed class CallStatus : Serializable {
    /** `conectado`: the phone has its line. */
    public data object Connected : CallStatus()

    /** `desconectado`: the phone has no line. */
    public data object Disconnected : CallStatus()

    /** `chamando`: the other side is being called. */
    public data object Calling : CallStatus()

    /** `conversando`: the two sides talk. */
    public data object Talking : CallStatus()

    /** `encerrada`: the call ended. */
    public data object Ended : CallStatus()

    /**
     * A status that this library does not know.
     *
     * @property text Its text, as sent.
     */
    public data class Other(public val text: String) : CallStatus()
}

/**
 * A message of the phone that is known, but holds a field that can't be used. The message was dropped.
 *
 * @property name The message's name (`message`).
 * @property field The field, as on the wire: `chamada_id`.
 * @property reason Why it can't be used, as a sentence without its subject: `is not a whole number`.
 */
public data class BrokenEvent(public val name: String, public val field: String, public val reason: String) :
    Serializable

/**
 * A number that the phone named, or that was dialled.
 *
 * @property raw As it came: `(79) 91234-5678`.
 * @property digits Its digits, `*` and `#` alone: `79912345678`. Compare numbers by these.
 */
public data class CallNumber(public val raw: String, public val digits: String) : Serializable
