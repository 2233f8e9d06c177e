//! The handshake: who is there, before anything is heard of it.

use super::Ended;
use super::reader::{Incoming, Reader};
use super::stream::Stream;
use crate::relay::zmtp::{self, Command, Malformed, Role, SIGNED, Version};

/// Shakes hands; the identity that the client has given itself, which may be empty.
pub(super) async fn greet(
    stream: &Stream,
    reader: &mut Reader<'_>,
    role: Role,
) -> Result<Vec<u8>, Ended> {
    stream.write_all(&zmtp::signature()).await?;
    let mut signed = [0; SIGNED];
    // What cannot be a signature is not waited for.
    stream.read_all(&mut signed[..1]).await?;
    if signed[0] != zmtp::signature()[0] {
        return Err(Malformed::Signature.into());
    }
    stream.read_all(&mut signed[1..]).await?;
    let version = zmtp::version(&signed)?;
    stream.write_all(&zmtp::rest(version, role)).await?;
    let mut rest = vec![0; version.rest()];
    stream.read_all(&mut rest).await?;
    let mut identity = vec![0; version.check(&rest, role)?];
    if version == Version::Two {
        stream.read_all(&mut identity).await?;
        return Ok(zmtp::identity(&identity)?.to_vec());
    }
    stream.write_all(&zmtp::ready(role)).await?;
    let Incoming::Command(body) = reader.next().await? else {
        return Err(Malformed::Command.into());
    };
    let Command::Ready(ready) = Command::read(&body)? else {
        return Err(Malformed::Command.into());
    };
    if !role.suits(ready.role) {
        return Err(Malformed::Role.into());
    }
    Ok(ready.identity.to_vec())
}
