package dev.webphone;

import android.net.Uri;
import android.util.AndroidRuntimeException;
import android.webkit.WebMessage;
import android.webkit.WebMessagePort;
import android.webkit.WebSettings;
import android.webkit.WebView;
import java.util.ArrayList;
import java.util.List;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.fakes.RoboWebSettings;
import org.robolectric.shadows.ShadowWebView;

/** Robolectric's web view, with what it leaves out. In Java, since only there a static method may hide another. */
@Implements(WebView.class)
public class PlayedWebView extends ShadowWebView {
    /** Whether this device has no web view. */
    public static volatile boolean isMissing;

    /** What was said last about debugging. */
    public static volatile boolean isDebuggable;

    /** How this device's web views name themselves; null: as Robolectric's do. */
    public static volatile String userAgent;

    private final List<Posted> posted = new ArrayList<>();

    private final Settings settings = new Settings();

    private boolean isStopped;

    /** Whether a load was stopped. */
    public boolean isStopped() {
        return isStopped;
    }

    /** Whether anybody said anything about safe browsing. */
    public boolean isSafeBrowsingTouched() {
        return settings.isSafeBrowsingTouched;
    }

    /** What was posted to the page. */
    public List<Posted> getPosted() {
        return posted;
    }

    @Implementation
    protected void postWebMessage(WebMessage message, Uri target) {
        posted.add(new Posted(message, target));
    }

    @Implementation
    protected WebMessagePort[] createWebMessageChannel() {
        return PlayedPort.createPair();
    }

    @Implementation
    protected WebSettings getSettings() {
        return settings;
    }

    @Implementation
    protected void stopLoading() {
        isStopped = true;
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

    private static final class Settings extends RoboWebSettings {
        private boolean isSafeBrowsingTouched;

        @Override
        public void setSafeBrowsingEnabled(boolean enabled) {
            isSafeBrowsingTouched = true;
        }

        @Override
        public String getUserAgentString() {
            return userAgent == null ? super.getUserAgentString() : userAgent;
        }
    }
}
