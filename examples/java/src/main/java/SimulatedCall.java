import dev.webphone.Call;
import dev.webphone.Cause;
import dev.webphone.Line;
import dev.webphone.Outcome;
import dev.webphone.Session;
import dev.webphone.SimulatedPhone;
import dev.webphone.Simulator;
import dev.webphone.Snapshot;
import dev.webphone.Subscription;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** Makes and takes calls with a simulated phone: nothing here needs an account. */
public class SimulatedCall {
    public static void main(String[] arguments) throws Exception {
        try (Simulator simulator = new Simulator()) {
            SimulatedPhone simulated = simulator.phone(4000);
            try (Session phone = simulated.openSession()) {
                // Every change with its cause, on a thread of a shared pool; the state after it comes along.
                phone.addListener(update -> System.out.println("… " + update.getCause().getClass().getSimpleName()));

                // Somebody calls in.
                await(phone, state -> state.getLine() == Line.CONNECTED);
                CompletableFuture<Snapshot> rings = once(phone, state -> state.getRinging() != null);
                simulated.incoming("(79) 91234-5678");
                System.out.println("it rings: " + rings.get().getRinging().getNumber().getDigits());
                phone.getBlocking().answer();
                System.out.println(phone.getState().getValue().getCall().getPhase());
                phone.getBlocking().hangUp();
                System.out.println("it ended: " + last(phone).getEnd().getReason());

                // This number is busy in a simulator. A future of each verb is in `getAsync()`.
                Outcome outcome = phone.getAsync().call("11 99999-0002").get();
                if (outcome instanceof Outcome.Confirmed) {
                    System.out.println("call " + ((Outcome.Confirmed) outcome).getCallId());
                }
                await(phone, state -> state.getCall() == null);
                System.out.println("busy: " + last(phone).getEnd().getReason());
            }
        }
    }

    private static Call last(Session phone) {
        return phone.getHistory().get(phone.getHistory().size() - 1);
    }

    /** The first state from now on that is so. */
    private static CompletableFuture<Snapshot> once(Session phone, Predicate<Snapshot> condition) {
        CompletableFuture<Snapshot> found = new CompletableFuture<>();
        Subscription listening = phone.addListener(update -> {
            if (condition.test(update.getState()) || update.getCause() instanceof Cause.ShutDown) {
                found.complete(update.getState());
            }
        });
        found.whenComplete((state, error) -> listening.close());
        // It may be so already.
        if (condition.test(phone.getState().getValue())) {
            found.complete(phone.getState().getValue());
        }
        return found;
    }

    private static Snapshot await(Session phone, Predicate<Snapshot> condition) throws Exception {
        return once(phone, condition).get();
    }
}
