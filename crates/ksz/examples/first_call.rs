//! A signed call, a token and a call with it, against the simulator.
//!
//! Run it with `cargo run -p ksz --example first_call`.

use ksz::sts::{ClaimType, Claims};
use ksz::{Client, Config, Error};
use ksz_sim::{Options, Simulator};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = Simulator::start(Options::default()).await?;
    let config = Config::from_toml(&simulator.configuration(), "simulator".as_ref())?;
    Ok(ask(&Client::new(config)?).await?)
}

async fn ask(client: &Client) -> Result<(), Error> {
    let answer = client.ksz().test_connection_signed("hello cbss service").await?;
    println!("{} came back", answer.echo);

    let mut claims = Claims::default();
    let uri = "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number";
    claims.insert(ClaimType::asserted(uri, "71089914"))?;
    let assertion = client.ehealth().request_token(claims).await?;
    let answer = client.ehealth().check_brokered_access_control(&assertion, "hello").await?;
    println!("{} came back to the holder of {}", answer.message, assertion.issuer());

    println!("{:?}", client.rest("socialStatus/v1").health().await?.status);
    Ok(())
}
