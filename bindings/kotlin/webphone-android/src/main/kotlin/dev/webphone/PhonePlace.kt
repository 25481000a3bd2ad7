// Where the phone's views are: in a frame that goes from activity to activity, and holds on to none. On the main thread.

package dev.webphone

import android.app.Activity
import android.app.Application
import android.content.Context
import android.content.ContextWrapper
import android.content.MutableContextWrapper
import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.webkit.WebView
import android.widget.FrameLayout

internal class PhonePlace(val application: Context) {
    /** What the web views see: dialogs, selections and the like need an activity, and their phone outlives it. */
    val context = MutableContextWrapper(application)

    private val views = ArrayList<WebView>()
    private var frame: Frame? = null

    val isInActivity: Boolean get() = activityOf(context.baseContext) != null

    /** The frame; out of a parent that was shown and is no longer, as a fragment's is. */
    fun frame(): View {
        val frame = frame ?: Frame().also {
            frame = it
            views.forEach(it::addView)
            (application as? Application)?.registerActivityLifecycleCallbacks(it)
        }
        if (frame.wasShown && !frame.isAttachedToWindow) frame.leave()
        return frame
    }

    /** Shows a web view, over those before. */
    fun hold(view: WebView) {
        if (view in views) return
        views += view
        frame?.addView(view)
    }

    fun release(view: WebView) {
        views -= view
        frame?.removeView(view)
    }

    fun close() {
        val frame = frame ?: return
        this.frame = null
        (application as? Application)?.unregisterActivityLifecycleCallbacks(frame)
        frame.leave()
        context.baseContext = application
    }

    private inner class Frame :
        FrameLayout(context),
        Application.ActivityLifecycleCallbacks {
        /** Whether the parent that it is in was on the screen once. */
        var wasShown = false
            private set

        override fun onAttachedToWindow() {
            super.onAttachedToWindow()
            wasShown = true
            this@PhonePlace.context.baseContext = activityOf((parent as? View)?.context) ?: application
        }

        override fun onDetachedFromWindow() {
            super.onDetachedFromWindow()
            this@PhonePlace.context.baseContext = application
        }

        fun leave() {
            (parent as? ViewGroup)?.removeView(this)
            wasShown = false
        }

        override fun onActivityDestroyed(activity: Activity) {
            if (activityOf((parent as? View)?.context) !== activity) return
            leave()
            this@PhonePlace.context.baseContext = application
        }

        override fun onActivityCreated(activity: Activity, state: Bundle?) = Unit

        override fun onActivityStarted(activity: Activity) = Unit

        override fun onActivityResumed(activity: Activity) = Unit

        override fun onActivityPaused(activity: Activity) = Unit

        override fun onActivityStopped(activity: Activity) = Unit

        override fun onActivitySaveInstanceState(activity: Activity, state: Bundle) = Unit
    }

    private companion object {
        fun activityOf(context: Context?): Activity? =
            generateSequence(context) { (it as? ContextWrapper)?.baseContext }.firstNotNullOfOrNull { it as? Activity }
    }
}
