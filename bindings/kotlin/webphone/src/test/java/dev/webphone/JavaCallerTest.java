package dev.webphone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.webphone.junit.SimulatorExtension;
import dev.webphone.junit.VirtualTime;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The package as a Java program uses it. */
@ExtendWith(SimulatorExtension.class)
@Timeout(120)
class JavaCallerTest {
    private static final Extension EXTENSION = new Extension.Number(4000);

    @Test
    void fetchesInTwoWays(Simulator simulator) throws Exception {
        try (Client client = simulator.client()) {
            WebphoneUrl url = client.fetchBlocking(EXTENSION);
            assertEquals(PhoneType.FLOATING, url.getType());
            assertEquals(url, client.fetchAsync(EXTENSION).get());
            UrlRequest request = new UrlRequest(EXTENSION, PhoneType.HIDDEN, new PhoneNumber("4001"), true);
            assertEquals(PhoneType.HIDDEN, client.fetchAsync(request).thenApply(WebphoneUrl::getType).get());
            assertFalse(url.isExpiredWithin(1_000));
        }
    }

    @Test
    void meetsTypedErrors(Simulator simulator) throws Exception {
        try (Client client = simulator.client()) {
            WebphoneException.Refused refused =
                    assertThrows(WebphoneException.Refused.class, () -> client.fetchBlocking(new Extension.Number(9999)));
            assertEquals(404, refused.getFailure().getHttpStatus());
            assertEquals(ApiReason.NotFound.INSTANCE, refused.getFailure().getReason());
            ExecutionException failed = assertThrows(
                    ExecutionException.class, () -> client.fetchAsync(new Extension.Id("x y")).get());
            assertEquals("id_ramal", assertInstanceOf(WebphoneException.Invalid.class, failed.getCause()).getField());
            simulator.addFault(Fault.Fail.ofMillis(429, 60_000), 1);
            WebphoneException.RateLimited limited =
                    assertThrows(WebphoneException.RateLimited.class, () -> client.fetchBlocking(EXTENSION));
            assertEquals(60_000L, limited.getRetryAfterMillis());
        }
    }

    @Test
    void cancelsAFuture(Simulator simulator) throws Exception {
        simulator.addFault(Fault.Delay.ofMillis(3_600_000));
        try (Client client = simulator.client()) {
            CompletableFuture<WebphoneUrl> future = client.fetchAsync(EXTENSION);
            while (simulator.requests(0).getInFlight() == 0) Thread.onSpinWait();
            assertTrue(future.cancel(true));
            while (simulator.requests(0).getInFlight() != 0) Thread.onSpinWait();
        }
    }

    @Test
    void buildsItsSettings(Simulator simulator) throws Exception {
        ClientConfig config = new ClientConfig.Builder()
                .baseUrl(new BaseUrl.Other(simulator.getApiUrl()))
                .timeoutMillis(5_000)
                .maxRetries(0)
                .userAgent("java")
                .build();
        try (Client client = new Client(simulator.getToken(), config)) {
            client.fetchBlocking(EXTENSION);
        }
        assertEquals("java", simulator.requests().getRequests().get(0).getUserAgent());
        assertEquals(BaseUrl.TotalVoice.INSTANCE, BaseUrl.TotalVoice.INSTANCE);
    }

    @Test
    void readsABatch(Simulator simulator) throws Exception {
        List<UrlRequest> requests =
                List.of(new UrlRequest(EXTENSION), new UrlRequest(new Extension.Number(9999), PhoneType.HIDDEN));
        BatchOptions options = new BatchOptions.Builder().concurrency(2).build();
        try (Client client = simulator.client(); BatchIterator results = client.fetchManyBlocking(requests, options)) {
            assertNotNull(results.next().getOrThrow());
            assertThrows(WebphoneException.Refused.class, () -> results.next().getOrThrow());
            assertFalse(results.hasNext());
            assertEquals(1, results.getProgress().getFailed());
        }
    }

    @Test
    void drivesASimulatedPhone(Simulator simulator) throws Exception {
        BlockingQueue<Update> updates = new LinkedBlockingQueue<>();
        try (Session phone = simulator.phone(4000).openSession();
                Subscription listening = phone.addListener(updates::add)) {
            assertNotNull(listening);
            Outcome outcome = phone.getBlocking().call("11 99999-0001");
            assertEquals("chamada_id", assertInstanceOf(Outcome.Confirmed.class, outcome).getBy());
            assertEquals("11999990001", phone.getState().getValue().getCall().getNumber().getDigits());
            assertTrue(phone.getState().getValue().getCall().elapsedMillis() >= 0);
            assertInstanceOf(Outcome.Confirmed.class, phone.getAsync().hangUp().get());
            Update update;
            do {
                update = updates.poll(60, TimeUnit.SECONDS);
            } while (!(update.getCause() instanceof Cause.CallEnded));
            assertEquals(EndReason.ENDED, ((Cause.CallEnded) update.getCause()).getCall().getEnd().getReason());
            assertEquals(1, phone.getHistory().size());
        }
    }

    @Test
    void arrangesWhatHappens(@VirtualTime Simulator simulator) throws Exception {
        assertEquals(10, Fault.Drip.ofMillis(10, 1).getChunkBytes());
        assertEquals(503, new Fault.Fail(503).getHttpStatus());
        SimulatedPhone phone = simulator.phone(4000);
        phone.openPage();
        SimulatedCaller caller = new SimulatedCaller.Builder("11 3333-4444")
                .to("4000")
                .withoutId(true)
                .givesUpAfterMillis(2_000)
                .hangsUpAfterMillis(1_000)
                .build();
        phone.incoming(caller);
        simulator.advance(2_000);
        assertNull(phone.getState().getRinging());
        Script script = new Script.Builder()
                .answer(Script.Answer.Answers.ofMillis(5))
                .hangsUpAfterMillis(7)
                .lagMillis(1)
                .silentHangUp(true)
                .build();
        phone.addScript(script);
        phone.post("{\"message\":\"chamaNumero\",\"numero\":\"4111\"}");
        simulator.advance(11);
        assertTrue(phone.getState().getCall().getTalking());
        simulator.advance(1);
        assertNull(phone.getState().getCall());
        assertEquals(1_000, new Script.Answer.Answers().getAfterMillis());
        assertEquals(new Script.Answer.Busy(), Script.Answer.Busy.ofMillis(500));
    }

    @Test
    void hearsLogRecords(Simulator simulator) throws Exception {
        BlockingQueue<LogRecord> records = new LinkedBlockingQueue<>();
        // One after the other, each right after the one before.
        for (int round = 0; round < 10; round++) {
            records.clear();
            try (Subscription listening = Logging.addLogListener(LogLevel.TRACE, records::add);
                    Client client = simulator.client()) {
                assertNotNull(listening);
                assertThrows(WebphoneException.Busy.class, () -> Logging.addLogListener(LogLevel.ERROR, record -> {}));
                Extension unknown = new Extension.Number(9999);
                // The one before may be about to let go.
                do {
                    assertThrows(WebphoneException.Refused.class, () -> client.fetchBlocking(unknown));
                } while (records.poll(10, TimeUnit.MILLISECONDS) == null);
            }
        }
    }

    @Test
    void hasATransportOfItsOwn() throws Exception {
        BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        SessionConfig config = new SessionConfig.Builder().callTimeoutMillis(60_000).build();
        try (Session phone = Session.open(texts::put, config)) {
            phone.pageReport(PageReport.Loaded.INSTANCE);
            phone.receive("{\"message\":\"status\",\"status\":\"conectado\"}");
            CompletableFuture<Outcome> calling = phone.getAsync().call("4001");
            assertEquals("{\"message\":\"chamaNumero\",\"numero\":\"4001\"}", texts.poll(60, TimeUnit.SECONDS));
            phone.receive("{\"message\":\"chamada_id\",\"chamada_id\":5}");
            assertEquals(new Outcome.Confirmed("chamada_id", "5"), calling.get());
            assertEquals(new Command.Call("4001"), Command.parse("{\"message\":\"chamaNumero\",\"numero\":4001}"));
        }
        Poster failing = text -> {
            throw new IOException("no way");
        };
        try (Session phone = Session.open(failing)) {
            phone.pageReport(PageReport.Loaded.INSTANCE);
            phone.receive("{\"message\":\"status\",\"status\":\"conectado\"}");
            WebphoneException.PageLost lost =
                    assertThrows(WebphoneException.PageLost.class, () -> phone.getBlocking().call("4001"));
            assertEquals(Posted.NO, lost.getPosted());
        }
    }

    @Test
    void movesTime(@VirtualTime Simulator simulator) throws Exception {
        long before = simulator.getClock().now().getMonoMs();
        simulator.advance(3_600_000);
        assertEquals(before + 3_600_000, simulator.getClock().now().getMonoMs());
        Clock clock = new Clock();
        clock.advance(5);
        try (Session phone = Session.open(text -> {}, new SessionConfig.Builder().build(), null, clock)) {
            assertEquals(PagePhase.LOADING, phone.getState().getValue().getPage().getPhase());
        }
    }
}
