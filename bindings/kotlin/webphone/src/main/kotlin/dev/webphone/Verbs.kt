package dev.webphone

/**
 * The verbs of a phone for code without coroutines. They do what those of [Session] do, with the same errors, and give it
 * as [T].
 */
public abstract class Verbs<T> internal constructor() {
    /** Gives a request. The verbs are short for it. */
    public abstract fun execute(request: Request): T

    /** Gives a command of the phone as it stands. */
    public fun execute(command: Command): T = execute(Request.Execute(command))

    /** As [Session.connect]. */
    public fun connect(): T = execute(Command.Connect)

    /** As [Session.disconnect]. */
    public fun disconnect(): T = execute(Command.Disconnect)

    /** As [Session.call]. */
    public fun call(number: String): T = execute(Command.Call(number))

    /** As [Session.answer]. */
    public fun answer(): T = execute(Command.Answer)

    /** As [Session.hangUp]. */
    public fun hangUp(): T = execute(Command.HangUp)

    /** As [Session.sendDtmf]. */
    public fun sendDtmf(keys: String): T = execute(Request.SendDtmf(keys))

    /** As [Session.setMuted]. */
    public fun setMuted(muted: Boolean): T = execute(Request.SetMuted(muted))

    /** As [Session.toggleMute]. */
    public fun toggleMute(): T = execute(Command.ToggleMute)

    /** As [Session.blindTransfer]. */
    public fun blindTransfer(number: String): T = execute(Command.BlindTransfer(number))

    /** As [Session.consultTransfer]. */
    public fun consultTransfer(number: String): T = execute(Command.ConsultTransfer(number))

    /** As [Session.startRecording]. */
    public fun startRecording(): T = execute(Command.StartRecording)

    /** As [Session.stopRecording]. */
    public fun stopRecording(): T = execute(Command.StopRecording)

    /** As [Session.pauseInQueue]. */
    @JvmOverloads
    public fun pauseInQueue(queue: String? = null): T = execute(Command.PauseInQueue(queue))

    /** As [Session.resumeInQueue]. */
    @JvmOverloads
    public fun resumeInQueue(queue: String? = null): T = execute(Command.ResumeInQueue(queue))

    /** As [Session.joinQueue]. */
    public fun joinQueue(queue: String): T = execute(Command.JoinQueue(queue))

    /** As [Session.leaveQueue]. */
    public fun leaveQueue(queue: String): T = execute(Command.LeaveQueue(queue))
}
