// What only newer systems have, and only here.

package dev.webphone

import android.os.Build
import android.view.View
import android.webkit.RenderProcessGoneDetail
import android.webkit.WebView
import android.window.OnBackInvokedCallback
import android.window.OnBackInvokedDispatcher

/** Marks what is only used where the system is as new as [api]; the check against API 24 leaves it out. */
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.CLASS)
internal annotation class Since(val api: Int)

/** A client whose app survives the page's renderer. Before API 26 there was no process of its own. */
@Since(Build.VERSION_CODES.O)
internal class SurvivingClient(part: WebPart) : PartClient(part) {
    override fun onRenderProcessGone(view: WebView, detail: RenderProcessGoneDetail): Boolean {
        part.gone(detail.didCrash())
        return true
    }
}

/** Hears the back gesture while a view is on the screen: from API 33 on it need not come as a key. */
@Since(Build.VERSION_CODES.TIRAMISU)
internal class BackGesture(back: () -> Unit) : View.OnAttachStateChangeListener {
    private val callback = OnBackInvokedCallback(back)
    private var dispatcher: OnBackInvokedDispatcher? = null

    override fun onViewAttachedToWindow(view: View) {
        dispatcher = view.findOnBackInvokedDispatcher()
        dispatcher?.registerOnBackInvokedCallback(OnBackInvokedDispatcher.PRIORITY_OVERLAY, callback)
    }

    override fun onViewDetachedFromWindow(view: View) {
        dispatcher?.unregisterOnBackInvokedCallback(callback)
        dispatcher = null
    }
}
