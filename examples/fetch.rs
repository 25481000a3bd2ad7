//! Fetch a URL, then a hundred: what the README shows. `webphone simulator -- cargo run --example fetch` needs no account.

use webphone::{ClientConfig, Extension, PhoneType, UrlRequest, blocking::Client};

fn main() -> Result<(), webphone::Error> {
    let client = Client::from_environment(ClientConfig::default())?;
    let url = client.fetch(UrlRequest::new(Extension::number(4000)).phone_type(PhoneType::Hidden))?;
    println!("{url}"); // <WebphoneUrl hidden at api2.totalvoice.com.br; use reveal()>

    let requests = (4000..4100).map(Extension::number);
    for result in client.fetch_many(requests, Default::default())? {
        match result {
            Ok(url) => println!("{url}"),
            Err(error) => eprintln!("{error}"), // says what to do next
        }
    }
    Ok(())
}
