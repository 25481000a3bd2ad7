package dev.webphone

import dev.webphone.ffi.parseCommand
import java.io.Serializable

/** A command to the phone, as one message. The set is closed; the verbs of a [Session] are short for these. */
public sealed class Command : Serializable {
    /** `conectar`: takes the line. The phone also does so by itself when it opens. */
    public data object Connect : Command()

    /** `desconectar`: leaves the line; the phone makes and takes no more calls. */
    public data object Disconnect : Command()

    /**
     * `chamaNumero`: calls a number.
     *
     * @property number An extension, or area code and number (`numero`), as people write it.
     */
    public data class Call(public val number: String) : Command() {
        /** To a number that was checked. */
        public constructor(number: PhoneNumber) : this(number.digits)
    }

    /** `answer`: takes the incoming call. */
    public data object Answer : Command()

    /** `hangup`: ends the call. */
    public data object HangUp : Command()

    /**
     * `enviaDTMF`: presses one key. [Session.sendDtmf] presses several, paced.
     *
     * @property digit The key (`dtmf`): `0` to `9`, `*` or `#`.
     */
    public data class SendDtmf(public val digit: String) : Command()

    /** `mute`: switches the microphone from on to off or from off to on; the phone does not say which. */
    public data object ToggleMute : Command()

    /**
     * `transferir`: hands the call over to another number, and ends it here.
     *
     * @property number The number to hand over to (`numeroTelefone`), as people write it.
     */
    public data class BlindTransfer(public val number: String) : Command() {
        /** To a number that was checked. */
        public constructor(number: PhoneNumber) : this(number.digits)
    }

    /**
     * `transferirConsulta`: calls another number first; hanging up then connects the two.
     *
     * @property number The number to consult (`numeroTelefone`), as people write it.
     */
    public data class ConsultTransfer(public val number: String) : Command() {
        /** To a number that was checked. */
        public constructor(number: PhoneNumber) : this(number.digits)
    }

    /** `recStart`: starts to record the call. */
    public data object StartRecording : Command()

    /** `recStop`: stops recording the call. */
    public data object StopRecording : Command()

    /**
     * `pausarNaFila`: takes no calls from a queue for a while.
     *
     * @property queue The queue (`filaId`); null: all queues.
     */
    public data class PauseInQueue(public val queue: String?) : Command() {
        /** By an id that is a number. */
        public constructor(queue: Long) : this(queue.toString())
    }

    /**
     * `despausarNaFila`: takes calls from a queue again.
     *
     * @property queue The queue (`filaId`); null: all queues.
     */
    public data class ResumeInQueue(public val queue: String?) : Command() {
        /** By an id that is a number. */
        public constructor(queue: Long) : this(queue.toString())
    }

    /**
     * `entrarNaFila`: becomes a member of a queue.
     *
     * @property queue The queue (`filaId`).
     */
    public data class JoinQueue(public val queue: String) : Command() {
        /** By an id that is a number. */
        public constructor(queue: Long) : this(queue.toString())
    }

    /**
     * `sairDaFila`: leaves a queue.
     *
     * @property queue The queue (`filaId`).
     */
    public data class LeaveQueue(public val queue: String) : Command() {
        /** By an id that is a number. */
        public constructor(queue: Long) : this(queue.toString())
    }

    /** Reads commands. */
    public companion object {
        /**
         * Reads a message as a phone's page does: leniently, since applications send numbers and texts.
         *
         * @param text The message as JSON text.
         * @return The command; null when it is none.
         * @throws WebphoneException.Invalid It is one, but the named field can't be used.
         */
        @JvmStatic
        public fun parse(text: String): Command? = lifting { parseCommand(text)?.lift() }
    }
}

/** What a caller asks a session for: a command of the phone as it stands, or one that the session makes of several. */
public sealed class Request : Serializable {
    /**
     * One command of the phone.
     *
     * @property command The command.
     */
    public data class Execute(public val command: Command) : Request()

    /**
     * Presses keys one after the other, paced (`enviaDTMF`).
     *
     * @property keys The keys: `0` to `9`, `*`, `#`.
     */
    public data class SendDtmf(public val keys: String) : Request()

    /**
     * Mutes or unmutes the microphone: a toggle (`mute`), posted only if it is known to be needed.
     *
     * @property muted Whether it shall be muted.
     */
    public data class SetMuted(public val muted: Boolean) : Request()
}

/** What became of a command that did not fail. */
public sealed class Outcome : Serializable {
    /**
     * The phone said that it happened.
     *
     * @property by The phone's word for it: `chamada_id`, `conversando`.
     * @property callId The id of the call that the command was about; null when there is none or it is not known.
     */
    public data class Confirmed(public val by: String, public val callId: String?) : Outcome()

    /** It was so already: nothing was posted. */
    public data object Unchanged : Outcome()

    /**
     * It was posted; the phone never confirms this command.
     *
     * @property keys How many keys were pressed; null for every other command than DTMF.
     */
    public data class Sent(public val keys: Int?) : Outcome()

    /**
     * It was posted and no confirmation came in its time; it may have worked. A late confirmation still reaches state and
     * updates.
     */
    public data object Unconfirmed : Outcome()
}
