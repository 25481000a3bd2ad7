package dev.webphone;

import android.webkit.CookieManager;
import android.webkit.RoboCookieManager;
import android.webkit.WebView;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowCookieManager;

/** Robolectric's cookies, which forget who may have those of third parties. */
@Implements(CookieManager.class)
public class PlayedCookieManager extends ShadowCookieManager {
    /** The web views that accept them. */
    public static final Set<WebView> acceptedFor = Collections.newSetFromMap(new WeakHashMap<>());

    @Implementation
    protected static CookieManager getInstance() {
        return new RoboCookieManager() {
            @Override
            public void setAcceptThirdPartyCookies(WebView view, boolean accept) {
                if (accept) {
                    acceptedFor.add(view);
                }
            }
        };
    }
}
