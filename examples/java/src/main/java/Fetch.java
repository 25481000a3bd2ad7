import dev.webphone.Client;
import dev.webphone.Extension;
import dev.webphone.PhoneType;
import dev.webphone.UrlRequest;
import dev.webphone.WebphoneException;

/** Fetches one URL and shows what a refusal looks like. The token is in TOTALVOICE_ACCESS_TOKEN. */
public class Fetch {
    public static void main(String[] arguments) throws InterruptedException {
        try (Client client = new Client()) {
            System.out.println(client.fetchBlocking(new UrlRequest(new Extension.Number(4000), PhoneType.HIDDEN)));
            try {
                client.fetchBlocking(new Extension.Number(9999));
            } catch (WebphoneException.Refused refused) {
                // Its text says what to do; its fields are for programs.
                System.out.println(refused.getFailure().getReason() + ": " + refused.getMessage());
            }
        }
    }
}
