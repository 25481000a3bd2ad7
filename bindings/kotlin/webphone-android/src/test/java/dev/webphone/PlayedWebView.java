package dev.webphone;

import android.net.Uri;
import android.util.AndroidRuntimeException;
import android.webkit.WebMessage;
import android.webkit.WebView;
import java.util.ArrayList;
import java.util.List;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowWebView;

/** Robolectric's web view, with what it leaves out. In Java, since only there a static method may hide another. */
@Implements(WebView.class)
public class PlayedWebView extends ShadowWebView {
    /** Whether this device has no web view. */
    public static volatile boolean isMissing;

    /** What was said last about debugging. */
    public static volatile boolean isDebuggable;

    private final List<Posted> posted = new ArrayList<>();

    /** What was posted to the page. */
    public List<Posted> getPosted() {
        return posted;
    }

    @Implementation
    protected void postWebMessage(WebMessage message, Uri target) {
        posted.add(new Posted(message, target));
    }

    @Override
    public void ensureProviderCreated() {
        if (isMissing) {
            throw new AndroidRuntimeException("No WebView installed");
        }
        super.ensureProviderCreated();
    }

    @Implementation
    public static void setWebContentsDebuggingEnabled(boolean enabled) {
        isDebuggable = enabled;
    }

    /** A message to the page, and the origin that it is for. */
    public static final class Posted {
        private final WebMessage message;
        private final Uri target;

        Posted(WebMessage message, Uri target) {
            this.message = message;
            this.target = target;
        }

        public WebMessage getMessage() {
            return message;
        }

        public Uri getTarget() {
            return target;
        }
    }
}
