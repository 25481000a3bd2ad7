package dev.webphone

import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.StateFlow

/**
 * A phone in a page: commands that say what became of them, one picture of what the phone is doing, and its updates.
 *
 * ```
 * Session { text -> page.post(text) }.use { phone ->
 *     when (val outcome = phone.call("11999990000")) { … }
 * }
 * ```
 *
 * Each verb waits until the phone is ready for it and then for its confirmation, and gives an [Outcome]. An error means
 * that the command did nothing: it was never posted, or the phone refused it; only [WebphoneException.PageLost],
 * [WebphoneException.SessionClosed] and [WebphoneException.CommandCancelled] leave that open, and say whether it was
 * `posted`. Besides those that a verb names, each throws [WebphoneException.NotReady] when the phone does not get ready in
 * time, and [WebphoneException.Busy] with 64 commands open. Cancelling the coroutine cancels its command; what was posted
 * stays posted.
 *
 * What the page says goes in by [receive], what becomes of the page by [pageReport]. All of it may be called from any
 * thread. It is made by the functions `Session(…)`, from Java by [Session.open].
 */
public interface Session : AutoCloseable {
    /**
     * The session now, and from now on: the newest picture, for whoever collects. Its `value` is never behind, also right
     * after a verb returned.
     */
    public val state: StateFlow<Snapshot>

    /**
     * Every change with its cause, in order, from the collection's beginning on until the session's end; up to 256 of them
     * wait for a slow collector. See the other [updates].
     */
    public val updates: Flow<Update> get() = updates(DEFAULT_LIMIT)

    /** The last calls that ended, oldest first. */
    public val history: List<Call>

    /**
     * The same verbs for threads that block. Interrupting the thread cancels its command within 100 ms: the verb throws
     * [WebphoneException.CommandCancelled], which says whether it was `posted`, and the thread stays interrupted.
     */
    public val blocking: Verbs<Outcome>

    /** The same verbs as futures; cancelling one cancels its command. */
    public val async: Verbs<CompletableFuture<Outcome>>

    /**
     * Every change with its cause, in order, from the collection's beginning on until the session's end. Each collector
     * has its own queue; cancelling it ends that.
     *
     * @param limit How many may wait for a slow collector, 1 to 65,536. When more do, the oldest are dropped, and an update
     *   of the cause [Cause.Overflow] stands for them: the phone never waits.
     */
    public fun updates(limit: Int): Flow<Update>

    /**
     * Tells a listener every change from now on, in order, on a thread of a shared pool. What it throws is logged and
     * changes nothing.
     *
     * @return What ends that when it is closed.
     */
    public fun addListener(listener: UpdateListener): Subscription

    /** As the other [addListener], by an executor of the caller's: that of a user interface, say. */
    public fun addListener(listener: UpdateListener, executor: Executor): Subscription

    /** Gives a request and waits for its end. The verbs are short for it. */
    @JvmSynthetic
    public suspend fun execute(request: Request): Outcome

    /** Gives a command of the phone as it stands, and waits for its end. */
    @JvmSynthetic
    public suspend fun execute(command: Command): Outcome = execute(Request.Execute(command))

    /** Takes the line (`conectar`). The phone also does so by itself when it opens. */
    @JvmSynthetic
    public suspend fun connect(): Outcome = execute(Command.Connect)

    /** Leaves the line (`desconectar`): the phone makes and takes no more calls. */
    @JvmSynthetic
    public suspend fun disconnect(): Outcome = execute(Command.Disconnect)

    /**
     * Calls a number (`chamaNumero`), an extension or area code and number, as soon as the phone is ready.
     *
     * @throws WebphoneException.Invalid The number can't be dialled; nothing was sent.
     * @throws WebphoneException.Rejected The phone refused it (`status_erro`).
     * @throws WebphoneException.CallInProgress A call is being set up or goes on; nothing was dialled.
     * @throws WebphoneException.CommandCancelled It was hung up before it was dialled.
     */
    @JvmSynthetic
    public suspend fun call(number: String): Outcome = execute(Command.Call(number))

    /** As the other [call], with a number that was checked. */
    @JvmSynthetic
    public suspend fun call(number: PhoneNumber): Outcome = execute(Command.Call(number))

    /**
     * Takes the incoming call (`answer`).
     *
     * @throws WebphoneException.NoCall Nothing rings.
     * @throws WebphoneException.Rejected The phone refused it (`status_erro`).
     */
    @JvmSynthetic
    public suspend fun answer(): Outcome = execute(Command.Answer)

    /** Ends the call (`hangup`); of a ringing call it declines, in a consultation it completes the transfer. */
    @JvmSynthetic
    public suspend fun hangUp(): Outcome = execute(Command.HangUp)

    /**
     * Presses keys one after the other, paced (`enviaDTMF`): `0` to `9`, `*`, `#`. Ends with [Outcome.Sent].
     *
     * @throws WebphoneException.Invalid There is another key among them; nothing was sent.
     * @throws WebphoneException.NoCall There is no call.
     */
    @JvmSynthetic
    public suspend fun sendDtmf(keys: String): Outcome = execute(Request.SendDtmf(keys))

    /**
     * Mutes or unmutes the microphone: a toggle (`mute`), posted only if it is known to be needed.
     *
     * @throws WebphoneException.NoCall Nobody talks.
     * @throws WebphoneException.MuteUnknown Whether it is muted is not known: [assumeMuted] what is so, or [toggleMute].
     */
    @JvmSynthetic
    public suspend fun setMuted(muted: Boolean): Outcome = execute(Request.SetMuted(muted))

    /**
     * Presses mute (`mute`), whatever the microphone is.
     *
     * @throws WebphoneException.NoCall There is no call.
     */
    @JvmSynthetic
    public suspend fun toggleMute(): Outcome = execute(Command.ToggleMute)

    /**
     * Hands the call over to another number (`transferir`), and ends it here.
     *
     * @throws WebphoneException.Invalid The number can't be dialled; nothing was sent.
     * @throws WebphoneException.NoCall There is no call.
     */
    @JvmSynthetic
    public suspend fun blindTransfer(number: String): Outcome = execute(Command.BlindTransfer(number))

    /**
     * Calls another number first (`transferirConsulta`); hanging up then connects the two.
     *
     * @throws WebphoneException.Invalid The number can't be dialled; nothing was sent.
     * @throws WebphoneException.NoCall There is no call.
     */
    @JvmSynthetic
    public suspend fun consultTransfer(number: String): Outcome = execute(Command.ConsultTransfer(number))

    /**
     * Starts to record the call (`recStart`).
     *
     * @throws WebphoneException.NoCall There is no call.
     */
    @JvmSynthetic
    public suspend fun startRecording(): Outcome = execute(Command.StartRecording)

    /**
     * Stops recording the call (`recStop`).
     *
     * @throws WebphoneException.NoCall There is no call.
     */
    @JvmSynthetic
    public suspend fun stopRecording(): Outcome = execute(Command.StopRecording)

    /**
     * Takes no calls from a queue (`pausarNaFila`) for a while; null: from all queues.
     *
     * @throws WebphoneException.Invalid The queue's id can't be one; nothing was sent.
     */
    @JvmSynthetic
    public suspend fun pauseInQueue(queue: String? = null): Outcome = execute(Command.PauseInQueue(queue))

    /** As the other [pauseInQueue], by an id that is a number. */
    @JvmSynthetic
    public suspend fun pauseInQueue(queue: Long): Outcome = execute(Command.PauseInQueue(queue))

    /**
     * Takes calls from a queue (`despausarNaFila`) again; null: from all queues.
     *
     * @throws WebphoneException.Invalid The queue's id can't be one; nothing was sent.
     */
    @JvmSynthetic
    public suspend fun resumeInQueue(queue: String? = null): Outcome = execute(Command.ResumeInQueue(queue))

    /** As the other [resumeInQueue], by an id that is a number. */
    @JvmSynthetic
    public suspend fun resumeInQueue(queue: Long): Outcome = execute(Command.ResumeInQueue(queue))

    /**
     * Becomes a member of a queue (`entrarNaFila`).
     *
     * @throws WebphoneException.Invalid The queue's id can't be one; nothing was sent.
     */
    @JvmSynthetic
    public suspend fun joinQueue(queue: String): Outcome = execute(Command.JoinQueue(queue))

    /** As the other [joinQueue], by an id that is a number. */
    @JvmSynthetic
    public suspend fun joinQueue(queue: Long): Outcome = execute(Command.JoinQueue(queue))

    /**
     * Leaves a queue (`sairDaFila`).
     *
     * @throws WebphoneException.Invalid The queue's id can't be one; nothing was sent.
     */
    @JvmSynthetic
    public suspend fun leaveQueue(queue: String): Outcome = execute(Command.LeaveQueue(queue))

    /** As the other [leaveQueue], by an id that is a number. */
    @JvmSynthetic
    public suspend fun leaveQueue(queue: Long): Outcome = execute(Command.LeaveQueue(queue))

    /**
     * Takes what came from the phone's window, as JSON text. What is not the phone's is ignored. After the session's end
     * nothing happens.
     */
    public fun receive(text: String)

    /** Takes what became of the page. After the session's end nothing happens. */
    public fun pageReport(report: PageReport)

    /** Somebody knows whether the microphone is muted: the session assumes so from now on. */
    public fun assumeMuted(muted: Boolean)

    /**
     * The page will load this URL next: the same again, or a new one in the place of one that expires. Ask before loading;
     * the wait for [Cause.RenewalDue] begins anew.
     *
     * @throws WebphoneException.DialsOnOpen The URL makes the phone dial, which only the first one may.
     * @throws WebphoneException.CallInProgress A call goes on or comes in.
     * @throws WebphoneException.Closed The session is closed.
     */
    public fun changeUrl(url: WebphoneUrl)

    /** The recording so far, as text that [replay] reads; null when [SessionConfig] did not ask for one. */
    public fun trace(): String?

    /**
     * Ends the session: every command ends with [WebphoneException.SessionClosed], and every flow of updates after a last
     * one. State and history stay. From any thread; twice is fine.
     */
    override fun close()

    /** Opens sessions, for Java. */
    public companion object {
        private const val DEFAULT_LIMIT = 256

        /**
         * Opens a session over a transport that blocks.
         *
         * @param poster What posts a text to the phone's window.
         * @param config How long the session waits, and for what.
         * @param url The URL that the page loads: so the session knows when it expires, whether it makes the phone dial, and
         *   whether the phone can be seen.
         * @param clock A clock that a test moves; null: the system's.
         * @throws WebphoneException.Invalid A setting is out of its range.
         */
        @JvmStatic
        @JvmOverloads
        public fun open(
            poster: Poster,
            config: SessionConfig = SessionConfig(),
            url: WebphoneUrl? = null,
            clock: Clock? = null
        ): Session = openWith(poster, config, url, clock)
    }
}

/** What posts a text to the phone's window, in a thread where it may block. What it throws means: it was not posted. */
public fun interface Poster {
    /**
     * Posts one text. Taking longer than the session's post timeout means that it was not posted, too.
     *
     * @throws Exception Anything: the text was not posted.
     */
    @Throws(Exception::class)
    public fun post(text: String)
}

/** What hears the updates of a session. */
public fun interface UpdateListener {
    /** Something happened. */
    public fun onUpdate(update: Update)
}

/** What a listener hears, until it is closed. */
public fun interface Subscription : AutoCloseable {
    /** The listener hears no more but what it is being told now. From any thread; twice is fine. */
    override fun close()
}
