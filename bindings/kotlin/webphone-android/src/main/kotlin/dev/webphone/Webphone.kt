package dev.webphone

import android.content.Context
import android.view.View

/**
 * A phone with the web view that it lives in: a [Session] that needs no transport.
 *
 * ```
 * val phone = Webphone(context, url)
 * lifecycleScope.launch { phone.updates.collect { render(it.state) } }
 * phone.call("11999990000")
 * ```
 *
 * It may be made and used from any thread; only [view] is for the main thread. It keeps no [Context] but the application's,
 * so it may outlive an activity: keep it where a call has to live, in a service or the application, and [close] it. Each has
 * a web view of its own, made once.
 *
 * What happens to the page comes as an update of the cause [Cause.Page]: that its renderer died ([PageReport.Lost]; the app
 * lives on, and [restart] brings the phone back), that the phone's document did not load ([PageReport.Failed]), or a
 * [PageReport.Notice] of one of these names (newer versions may have more):
 *
 * | name | meaning |
 * | --- | --- |
 * | `microphone_permission_needed` | the phone waits for `RECORD_AUDIO`: ask the user, then [microphonePermission] |
 * | `microphone_refused` | the phone did not get the microphone; it asks again only after [restart] |
 * | `permission_refused` | a page asked for what is not for it: the camera, or the microphone from elsewhere |
 * | `dialog_dismissed` | the page wanted to show a dialog while [view] was in no activity |
 * | `nothing_opens` | a link was for another app, and there is none for it |
 * | `window_refused` | a phone of the type hidden wanted to open a window, which nobody would see |
 * | `navigation_blocked` | the phone's frame was kept from going to a foreign page; it may show nothing now |
 * | `third_party_storage` | the phone moved to another site: it may miss its cookies until [restart] |
 * | `messages_dropped` | the phone said too much at once, and some of it was dropped |
 * | `messages_lost` | some of what the page said did not come |
 *
 * It is made by the function `Webphone(…)`, from Java by [Webphone.open].
 */
public interface Webphone : Session {
    /**
     * The view of a phone that has an interface, always the same; null for one of the type hidden. After a rotation the new
     * activity, or fragment, just adds it again: by itself it leaves an activity that is destroyed and a parent that is no
     * longer shown. To show it elsewhere before that, take it out of its parent.
     *
     * @throws WebphoneException.Unsupported This is not the main thread, or there is no web view on this device, or one that is
     *   too old.
     * @throws WebphoneException.Closed The phone is closed.
     */
    public val view: View?

    /**
     * As [Session.blocking], but not on the main thread: that carries each command to the page and what becomes of it back, and
     * would wait for itself.
     *
     * @throws WebphoneException.Unsupported This is the main thread; from the verbs.
     */
    override val blocking: Verbs<Outcome>

    /**
     * Tells what the user said to `RECORD_AUDIO`, which the phone asked for by `microphone_permission_needed`: it waits for
     * that. Does nothing when it waits for nothing.
     */
    public fun microphonePermission(granted: Boolean)

    /**
     * Loads the phone again, with the same URL: after a loss, or after a microphone that was refused.
     *
     * @throws WebphoneException.DialsOnOpen The URL makes the phone dial, which only the first load may: [renew] it.
     * @throws WebphoneException.CallInProgress A call goes on or comes in.
     * @throws WebphoneException.Unsupported There is no web view on this device, or one that is too old.
     * @throws WebphoneException.Closed The phone is closed.
     */
    public fun restart()

    /**
     * Loads the phone again with another URL, in the place of one that expires.
     *
     * @throws WebphoneException.DialsOnOpen The URL makes the phone dial, which only the first one may.
     * @throws WebphoneException.CallInProgress A call goes on or comes in.
     * @throws WebphoneException.Unsupported There is no web view on this device, or one that is too old.
     * @throws WebphoneException.Closed The phone is closed.
     */
    public fun renew(url: WebphoneUrl)

    /** Ends the session and destroys the web view. From any thread; twice is fine. */
    override fun close()

    /** Opens phones, for Java. */
    public companion object {
        /**
         * Opens a phone and loads its page.
         *
         * @param context Any context; only its application's is kept.
         * @param url What the page loads.
         * @param config What can be chosen about it.
         * @param clock A clock that a test moves; null: the system's.
         * @throws WebphoneException.Invalid A setting is out of its range, or does not fit the URL's type.
         * @throws WebphoneException.Unsupported There is no web view on this device, or one that is too old: the text says so.
         *   Told here on the main thread; elsewhere as a loss of the page, and by [restart], which looks again each time.
         */
        @JvmStatic
        @JvmOverloads
        public fun open(
            context: Context,
            url: WebphoneUrl,
            config: WebphoneConfig = WebphoneConfig(),
            clock: Clock? = null
        ): Webphone = HostedWebphone.open(context, url, config, clock)
    }
}

/** As [Webphone.open]. */
@JvmSynthetic
public fun Webphone(
    context: Context,
    url: WebphoneUrl,
    config: WebphoneConfig = WebphoneConfig(),
    clock: Clock? = null
): Webphone = Webphone.open(context, url, config, clock)
