@file:JvmSynthetic

package dev.webphone

import dev.webphone.ffi.SimulatedAnswer as FfiSimulatedAnswer
import dev.webphone.ffi.SimulatedCaller as FfiSimulatedCaller
import dev.webphone.ffi.SimulatedLeg as FfiSimulatedLeg
import dev.webphone.ffi.SimulatedPhone as FfiSimulatedPhone
import dev.webphone.ffi.SimulatedPhoneFault as FfiSimulatedPhoneFault
import dev.webphone.ffi.SimulatedPhoneOutput as FfiSimulatedPhoneOutput
import dev.webphone.ffi.SimulatedPhoneStarted as FfiSimulatedPhoneStarted
import dev.webphone.ffi.SimulatedScript as FfiSimulatedScript
import dev.webphone.ffi.SimulatedWording as FfiSimulatedWording
import java.io.Serializable
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

private const val MANY = 256

/**
 * The phone of one extension of a simulator, in its page: it does what a real one does, without a browser.
 *
 * A session with it ([openSession]) has nothing else to move: the phone opens then, and closes with the session. A transport of
 * one's own opens the page ([openPage]), posts ([post]), and takes what the phone says ([nextMessages]).
 *
 * Unscripted the phone does what the vendor documents: it connects when it opens, tells its quality every 5 s, and a call to
 * any number is answered after 1 s, except for numbers with special endings (see [Script]) and those of other extensions of
 * the simulator whose phones are open: those ring.
 *
 * All handles of one extension are the same phone, which lives as long as its simulator. Every method throws
 * [WebphoneException.Closed] after that, and [WebphoneException.Invalid] naming `extension` once the simulator no longer knows
 * it. It is made by [Simulator.phone].
 */
public class SimulatedPhone internal constructor(internal val native: FfiSimulatedPhone, internal val clock: Clock?) {
    /** The number of its extension. */
    public val extension: String get() = lifting { native.extension() }

    /** What is so in it, whether or not it said so. */
    public val state: SimulatedPhoneState
        get() = lifting {
            with(native.state()) {
                SimulatedPhoneState(
                    extension,
                    page.named(),
                    connected,
                    call?.lift(),
                    consultation?.lift(),
                    ringing?.lift(),
                    muted,
                    recording,
                    dtmf,
                    queues.map { SimulatedQueue(it.id, it.paused) }
                )
            }
        }

    /**
     * Opens a session with it: nobody has to carry its texts. The phone opens now, and closes with the session.
     *
     * @param config How long the session waits, and for what.
     * @param url The URL that its page loads.
     * @return The session. It goes by virtual time if the simulator does.
     * @throws WebphoneException.Invalid A setting is out of its range, or another session has the phone (`session`).
     */
    @JvmOverloads
    public fun openSession(config: SessionConfig = SessionConfig(), url: WebphoneUrl? = null): Session {
        val session = CoreSession.open(config, url, clock)
        lifting { native.attach(session.native) }
        return session
    }

    /**
     * Somebody calls it; gives the id of the call.
     *
     * @throws WebphoneException.NotReady Its page is not open, or it is disconnected.
     * @throws WebphoneException.CallInProgress It rings already.
     * @throws WebphoneException.Invalid A field can't be used.
     */
    public fun incoming(caller: SimulatedCaller): String = lifting { native.incoming(caller.native) }

    /** As the other [incoming], by the caller's number alone. */
    public fun incoming(caller: String): String = incoming(SimulatedCaller(caller))

    /**
     * The other side of the call that it makes answers now; of the leg of a consultation, if that is being called.
     *
     * @throws WebphoneException.NoCall Nobody is being called.
     * @throws WebphoneException.NotReady Its page is not open.
     */
    public fun remoteAnswer(): Unit = lifting { native.remoteAnswer() }

    /**
     * The other side hangs up: of a consultation's leg if there is one, else of the call, else of what rings.
     *
     * @throws WebphoneException.NoCall There is none of them.
     * @throws WebphoneException.NotReady Its page is not open.
     */
    public fun remoteHangUp(): Unit = lifting { native.remoteHangUp() }

    /**
     * Arranges what becomes of the next calls that it makes, after what was arranged before.
     *
     * @param times How many calls; null: all, until the scripts are cleared.
     * @throws WebphoneException.Invalid A field is out of its range.
     */
    @JvmOverloads
    public fun addScript(script: Script, times: Int? = 1): Unit = lifting { native.addScript(script.native, times) }

    /** Forgets every script that is not used up. */
    public fun clearScripts(): Unit = lifting { native.clearScripts() }

    /**
     * Arranges that something goes wrong with the next things that it says, after what was arranged before.
     *
     * @param times With how many things; null: with all, until the faults are cleared.
     * @throws WebphoneException.Invalid `times` is out of its range.
     */
    @JvmOverloads
    public fun addFault(fault: PhoneFault, times: Int? = 1): Unit =
        lifting { native.addFault(fault.named<FfiSimulatedPhoneFault>(), times) }

    /** Forgets every fault that is not used up. */
    public fun clearFaults(): Unit = lifting { native.clearFaults() }

    /**
     * How it words what it says from now on.
     *
     * @param idsAsText Whether the ids of calls and queues are text instead of numbers.
     * @param namesQueues Whether its queue events say which queue they are about (`filaId`), which is not documented.
     * @param tellsQuality Whether it tells its quality (`stats_webphone`) every 5 s.
     */
    @JvmOverloads
    public fun setWording(
        idsAsText: Boolean = false,
        namesQueues: Boolean = false,
        tellsQuality: Boolean = true
    ): Unit = lifting { native.setWording(FfiSimulatedWording(idsAsText, namesQueues, tellsQuality)) }

    /**
     * Somebody else changes its queues, such as a supervisor.
     *
     * @param command One that joins or leaves a queue, pauses or resumes in it.
     * @throws WebphoneException.NotReady Its page is not open.
     * @throws WebphoneException.Invalid It is another command.
     */
    public fun supervise(command: Command): Unit = lifting { native.supervise(command.lower()) }

    /**
     * Its page loads again by itself, or comes back after a crash. Its calls end.
     *
     * @throws WebphoneException.NotReady It was never open, or closed itself.
     */
    public fun reload(): Unit = lifting { native.reload() }

    /**
     * Its page crashes. Its calls end.
     *
     * @throws WebphoneException.NotReady Its page is not open.
     */
    public fun crash(): Unit = lifting { native.crash() }

    /**
     * Its page closes itself. Its calls end.
     *
     * @throws WebphoneException.NotReady Its page is not open.
     */
    public fun closePage(): Unit = lifting { native.closePage() }

    /**
     * Loads its page, or loads it again, as a host does whose transport is its own.
     *
     * @param url By what it says (`ligar_para`, `fechar_fim`); null: plainly.
     */
    @JvmOverloads
    public fun openPage(url: WebphoneUrl? = null): Unit = lifting { native.openPage(url?.native) }

    /** Posts a message to the phone's window, as JSON text. What is no command is ignored, as a page does. */
    public fun post(text: String): Unit = lifting { native.post(text) }

    /**
     * What comes out of its page, in order, at least one, as soon as there is something.
     *
     * @throws WebphoneException.Busy Somebody else waits here, or a session has the phone.
     */
    @JvmSynthetic
    public suspend fun nextMessages(): List<PhoneOutput> =
        lifting { native.nextMessages(MANY).map(FfiSimulatedPhoneOutput::lift) }

    /**
     * As [nextMessages], for threads that block.
     *
     * @throws InterruptedException The thread was interrupted.
     */
    @Throws(InterruptedException::class)
    public fun nextMessagesBlocking(): List<PhoneOutput> = blocking {
        val outputs = when (val started = native.startNextMessages(MANY, SLICE_MILLIS)) {
            is FfiSimulatedPhoneStarted.Done -> started.value
            is FfiSimulatedPhoneStarted.Pending -> started.operation.use { await(it::waitFor, it::cancel) }
        }
        outputs.map(FfiSimulatedPhoneOutput::lift)
    }

    /** Its extension. */
    override fun toString(): String = "SimulatedPhone($extension)"
}

/** Opens a session with a phone of a [Simulator], as [SimulatedPhone.openSession] does. */
@JvmSynthetic
public fun Session(phone: SimulatedPhone, config: SessionConfig = SessionConfig(), url: WebphoneUrl? = null): Session =
    phone.openSession(config, url)

/** What comes out of the page of a simulated phone. */
public sealed class PhoneOutput {
    /**
     * The phone said something.
     *
     * @property text The message as JSON text.
     */
    public data class Message(public val text: String) : PhoneOutput()

    /**
     * Something became of the page, as a host would see it.
     *
     * @property report What.
     */
    public data class Report(public val report: PageReport) : PhoneOutput()
}

private fun FfiSimulatedPhoneOutput.lift(): PhoneOutput = when (this) {
    is FfiSimulatedPhoneOutput.Message -> PhoneOutput.Message(text)
    is FfiSimulatedPhoneOutput.Report -> PhoneOutput.Report(report.lift())
}

/** Whether the page of a simulated phone is there. */
public enum class SimulatedPage {
    /** It was not opened, or has closed itself. */
    CLOSED,

    /** It is open. */
    OPEN,

    /** It has crashed. */
    CRASHED
}

/**
 * A call of a simulated phone, or the leg of a consultation.
 *
 * @property callId Its id (`chamada_id`), 1 or more. Two phones of one simulator that call each other have the same.
 * @property number The other side, as the phone knows it.
 * @property talking Whether the two sides talk.
 */
public data class SimulatedLeg(public val callId: Long, public val number: String, public val talking: Boolean) :
    Serializable

private fun FfiSimulatedLeg.lift() = SimulatedLeg(callId, number, talking)

/**
 * A queue that a simulated phone is a member of.
 *
 * @property id Its id (`filaId`).
 * @property paused Whether it pauses there.
 */
public data class SimulatedQueue(public val id: String, public val paused: Boolean) : Serializable

/**
 * A simulated phone at one moment: what is so, whether or not it said so.
 *
 * @property extension The number of its extension.
 * @property page Its page.
 * @property connected Whether it has its line.
 * @property call Its call.
 * @property consultation The call to a third party, while one is consulted.
 * @property ringing The call that comes in.
 * @property muted Whether its microphone is muted.
 * @property recording Whether it records.
 * @property dtmf What was dialled into its call (`enviaDTMF`).
 * @property queues The queues that it is a member of, by id.
 */
public data class SimulatedPhoneState(
    public val extension: String,
    public val page: SimulatedPage,
    public val connected: Boolean,
    public val call: SimulatedLeg?,
    public val consultation: SimulatedLeg?,
    public val ringing: SimulatedLeg?,
    public val muted: Boolean,
    public val recording: Boolean,
    public val dtmf: String,
    public val queues: List<SimulatedQueue>
) : Serializable

/** Somebody who calls a simulated phone. For Java there is a [Builder]. */
@ConsistentCopyVisibility
public data class SimulatedCaller internal constructor(internal val native: FfiSimulatedCaller) {
    /**
     * A caller; what is not named has its default. All times are 0 to 24 hours.
     *
     * @param number The caller's number as the phone tells it (`numeroChegando`): `(79) 91234-5678`; empty: not at all.
     * @param to The number that was called (`numeroDestino`); null: the extension's own.
     * @param withoutId Whether the phone leaves the call's id (`chamadaRecebidaId`) away.
     * @param givesUpAfter The caller gives up so long after, without an answer; null: never.
     * @param hangsUpAfter The caller hangs up so long after the answer; null: never.
     */
    public constructor(
        number: String,
        to: String? = null,
        withoutId: Boolean = false,
        givesUpAfter: Duration? = null,
        hangsUpAfter: Duration? = null
    ) : this(
        FfiSimulatedCaller(
            number,
            to,
            withoutId,
            givesUpAfter?.inWholeMilliseconds,
            hangsUpAfter?.inWholeMilliseconds
        )
    )

    override fun toString(): String = native.toString()

    /**
     * Makes a [SimulatedCaller] step by step, for Java. What is not set has its default. All times are milliseconds.
     *
     * @param number The caller's number as the phone tells it (`numeroChegando`); empty: not at all.
     */
    public class Builder(number: String) {
        private val native = FfiSimulatedCaller(number)

        /** The number that was called (`numeroDestino`). */
        public fun to(value: String): Builder = apply { native.to = value }

        /** Whether the phone leaves the call's id (`chamadaRecebidaId`) away. */
        public fun withoutId(value: Boolean): Builder = apply { native.withoutId = value }

        /** The caller gives up so long after, without an answer. */
        public fun givesUpAfterMillis(value: Long): Builder = apply { native.givesUpAfterMs = value }

        /** The caller hangs up so long after the answer. */
        public fun hangsUpAfterMillis(value: Long): Builder = apply { native.hangsUpAfterMs = value }

        /** The caller. */
        public fun build(): SimulatedCaller = SimulatedCaller(native.copy())
    }
}

/**
 * What becomes of a call that a simulated phone makes. For Java there is a [Builder].
 *
 * Without a script the number decides. It speaks for any number that ends so:
 *
 * - `0001`: the other side answers at once
 * - `0002`: busy: `chamando`, `chamada_id`, and `encerrada` after 0.5 s
 * - `0003`: it rings and is never answered
 * - `0004`: refused: `status_erro` and nothing else
 * - `0005`: as any other, but all that the phone says of it comes 12 s late
 * - `0006`: as any other, but the phone says nothing when it is hung up
 * - any other: `chamando`, `chamada_id`, and `conversando` after 1 s
 */
@ConsistentCopyVisibility
public data class Script internal constructor(internal val native: FfiSimulatedScript) {
    /**
     * A script; what is not named has its default. All times are 0 to 24 hours.
     *
     * @param answer Whether and when the other side answers.
     * @param hangsUpAfter The other side hangs up so long after it answered; null: it does not.
     * @param lag How late all comes that the phone says of the call.
     * @param silentHangUp Whether the phone says nothing when it hangs the call up.
     */
    public constructor(
        answer: Answer = Answer.Answers(),
        hangsUpAfter: Duration? = null,
        lag: Duration = Duration.ZERO,
        silentHangUp: Boolean = false
    ) : this(
        FfiSimulatedScript(
            answer.lower(),
            hangsUpAfter?.inWholeMilliseconds,
            lag.inWholeMilliseconds,
            silentHangUp
        )
    )

    override fun toString(): String = native.toString()

    /** Makes a [Script] step by step, for Java. What is not set has its default. All times are milliseconds. */
    public class Builder {
        private val native = FfiSimulatedScript(Answer.Answers().lower())

        /** Whether and when the other side answers. */
        public fun answer(value: Answer): Builder = apply { native.answer = value.lower() }

        /** The other side hangs up so long after it answered. */
        public fun hangsUpAfterMillis(value: Long): Builder = apply { native.hangsUpAfterMs = value }

        /** How late all comes that the phone says of the call. */
        public fun lagMillis(value: Long): Builder = apply { native.lagMs = value }

        /** Whether the phone says nothing when it hangs the call up. */
        public fun silentHangUp(value: Boolean): Builder = apply { native.silentHangUp = value }

        /** The script. */
        public fun build(): Script = Script(native.copy())
    }

    /** Whether and when the other side of a call answers. All times are 0 to 24 hours. */
    public sealed class Answer {
        internal abstract fun lower(): FfiSimulatedAnswer

        /** The other side answers. For Java there is [ofMillis], too. */
        @ConsistentCopyVisibility
        public data class Answers internal constructor(private val native: FfiSimulatedAnswer.Answers) : Answer() {
            /** @param after After so long. */
            public constructor(after: Duration) : this(FfiSimulatedAnswer.Answers(after.inWholeMilliseconds))

            /** After a second. */
            public constructor() : this(1.seconds)

            /** After so long. */
            @get:JvmSynthetic
            public val after: Duration get() = afterMillis.milliseconds

            /** After so many milliseconds. */
            public val afterMillis: Long get() = native.afterMs

            override fun lower(): FfiSimulatedAnswer = native

            override fun toString(): String = native.toString()

            /** Makes one by milliseconds. */
            public companion object {
                /** After so many milliseconds. */
                @JvmStatic
                public fun ofMillis(after: Long): Answers = Answers(FfiSimulatedAnswer.Answers(after))
            }
        }

        /** Its line is busy: `chamando`, `chamada_id`, then `encerrada`. For Java there is [ofMillis], too. */
        @ConsistentCopyVisibility
        public data class Busy internal constructor(private val native: FfiSimulatedAnswer.Busy) : Answer() {
            /** @param after How long it is tried. */
            public constructor(after: Duration) : this(FfiSimulatedAnswer.Busy(after.inWholeMilliseconds))

            /** It is tried for half a second. */
            public constructor() : this(500L.milliseconds)

            /** How long it is tried. */
            @get:JvmSynthetic
            public val after: Duration get() = afterMillis.milliseconds

            /** How long it is tried, in milliseconds. */
            public val afterMillis: Long get() = native.afterMs

            override fun lower(): FfiSimulatedAnswer = native

            override fun toString(): String = native.toString()

            /** Makes one by milliseconds. */
            public companion object {
                /** It is tried for so many milliseconds. */
                @JvmStatic
                public fun ofMillis(after: Long): Busy = Busy(FfiSimulatedAnswer.Busy(after))
            }
        }

        /** It rings until somebody hangs up, or the other side is made to answer. */
        public data object Never : Answer() {
            override fun lower(): FfiSimulatedAnswer = FfiSimulatedAnswer.Never
        }

        /**
         * The phone can't set up the call, and says nothing but `status_erro`.
         *
         * @property statusErro The phone's words, 1 to 128 characters.
         */
        public data class Refused
        @JvmOverloads
        constructor(
            public val statusErro: String = "Não foi possível completar a chamada"
        ) : Answer() {
            override fun lower(): FfiSimulatedAnswer = FfiSimulatedAnswer.Refused(statusErro)
        }
    }
}

/** What goes wrong with one thing that a simulated phone says. */
public enum class PhoneFault {
    /** It is not said. */
    SILENT,

    /** It is said twice. */
    DUPLICATE,

    /** It is said after the thing that follows it. */
    REORDERED,

    /** A message that nobody knows is said before it. */
    UNKNOWN_EVENT,

    /** It is said with a value of the wrong type in every field. */
    BROKEN_PAYLOAD,

    /** The page crashes instead. */
    CRASH
}
