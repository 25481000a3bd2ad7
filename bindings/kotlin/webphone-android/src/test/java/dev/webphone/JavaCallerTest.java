package dev.webphone;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;

/** The library as a Java programmer has it. */
@RunWith(RobolectricTestRunner.class)
public class JavaCallerTest {
    private static final String URL = "https://api2.totalvoice.com.br/w3/?key=S3CR3T&tipo=hidden";

    @Test
    public void aPhoneIsOpenedUsedAndClosed() throws Exception {
        WebphoneConfig config =
                new WebphoneConfig.Builder()
                        .language("en")
                        .extraOrigins(List.of("https://phone.example"))
                        .loadTimeoutMillis(10_000)
                        .permissionTimeoutMillis(5_000)
                        .build();
        BlockingQueue<Cause> causes = new LinkedBlockingQueue<>();
        try (Webphone phone = Webphone.open(RuntimeEnvironment.getApplication(), WebphoneUrl.parse(URL), config)) {
            phone.addListener(update -> causes.add(update.getCause()), Runnable::run);
            PlayedPage page = new PlayedPage(phone).ready();
            assertTrue(page.getHtml().contains("lang=\"en\""));
            page.answer("chamaNumero", "{\"message\":\"chamada_id\",\"chamada_id\":77}");
            Outcome outcome = phone.getBlocking().call("11 99999-0000");
            assertEquals(new Outcome.Confirmed("chamada_id", "77"), outcome);
            assertThrows(WebphoneException.CallInProgress.class, () -> phone.getBlocking().call("4001"));
            page.answer("hangup", "{\"message\":\"status\",\"status\":\"encerrada\"}");
            assertTrue(phone.getAsync().hangUp().get(60, TimeUnit.SECONDS) instanceof Outcome.Confirmed);
            phone.microphonePermission(true);
            phone.restart();
            phone.renew(WebphoneUrl.parse(URL + "&ver=2"));
        }
        assertFalse(causes.isEmpty());
    }
}
