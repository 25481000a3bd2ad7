import dev.webphone.BatchIterator;
import dev.webphone.BatchOptions;
import dev.webphone.BatchResult;
import dev.webphone.Client;
import dev.webphone.Extension;
import dev.webphone.PhoneType;
import dev.webphone.UrlRequest;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Fetches the URLs of a hundred extensions: lazily, in order, 16 at a time. The token is in TOTALVOICE_ACCESS_TOKEN. */
public class Batch {
    public static void main(String[] arguments) throws InterruptedException {
        List<UrlRequest> requests = IntStream.range(4000, 4100)
                .mapToObj(number -> new UrlRequest(new Extension.Number(number), PhoneType.HIDDEN))
                .collect(Collectors.toList());
        BatchOptions options = new BatchOptions.Builder().concurrency(16).build();
        try (Client client = new Client(); BatchIterator results = client.fetchManyBlocking(requests, options)) {
            while (results.hasNext()) {
                BatchResult result = results.next();
                // One failure never sinks the others.
                System.out.println(result.getError() == null ? result.getUrl() : result.getError().getMessage());
            }
            System.out.println(results.getProgress().getFetched() + " fetched, " + results.getProgress().getFailed() + " failed");
        }
    }
}
