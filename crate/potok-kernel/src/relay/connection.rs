//! A connection file: five ports and the key that signs messages.

use crate::Result;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use uuid::Uuid;

/// Where a kernel answers, and by which key it knows its clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connection {
    ip: IpAddr,
    ports: [u16; 5],
    pub(crate) key: String,
}

/// Jupyter's five sockets.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Port {
    Shell,
    Iopub,
    Stdin,
    Control,
    Heartbeat,
}

/// What a connection file calls them.
const NAMES: [&str; 5] =
    ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"];

impl Connection {
    /// Reads the file that Jupyter wrote.
    pub(crate) fn read(path: &str) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))?;
        let file: Value =
            serde_json::from_str(&text).map_err(|e| format!("{path}: {e}"))?;
        let text = |name: &str| file[name].as_str().unwrap_or_default();
        if text("transport") != "tcp" {
            return Err(format!(
                "transport `{}` in {path}: this kernel speaks `tcp`; set \
                 KernelManager.transport so",
                text("transport")
            )
            .into());
        }
        if !["hmac-sha256", ""].contains(&text("signature_scheme")) {
            let scheme = text("signature_scheme");
            return Err(format!(
                "signature scheme `{scheme}` in {path}: this kernel knows `hmac-sha256`"
            )
            .into());
        }
        let ip = text("ip").parse().ok().filter(IpAddr::is_loopback).ok_or_else(|| {
            format!(
                "address `{}` in {path}: this kernel answers only on this machine; set \
                 KernelManager.ip to 127.0.0.1",
                text("ip")
            )
        })?;
        let mut ports = [0; 5];
        for (port, name) in ports.iter_mut().zip(NAMES) {
            *port = file[name]
                .as_u64()
                .and_then(|port| u16::try_from(port).ok())
                .ok_or_else(|| format!("no `{name}` in {path}"))?;
        }
        Ok(Connection { ip, ports, key: text("key").to_owned() })
    }

    /// Free ports of this machine and a key that nobody else knows.
    pub(crate) fn private() -> Result<Self> {
        // All are held until the last is found, so that they differ.
        let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let mut held = vec![];
        let mut ports = [0; 5];
        for port in &mut ports {
            let listener = TcpListener::bind((ip, 0))?;
            *port = listener.local_addr()?.port();
            held.push(listener);
        }
        Ok(Connection { ip, ports, key: secret() })
    }

    /// Whether somebody listens on all of its ports.
    pub(crate) fn is_served(&self) -> bool {
        self.ports.iter().all(|&port| TcpStream::connect((self.ip, port)).is_ok())
    }

    /// Writes the file, for its owner's eyes only, in place of one that is there.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let mut file = json!({
            "transport": "tcp",
            "ip": self.ip.to_string(),
            "signature_scheme": "hmac-sha256",
            "key": self.key,
        });
        for (name, port) in NAMES.iter().zip(self.ports) {
            file[name] = port.into();
        }
        let _ = fs::remove_file(path);
        let mut out: File =
            File::options().write(true).create_new(true).mode(0o600).open(path)?;
        Ok(out.write_all(file.to_string().as_bytes())?)
    }

    /// The address of a socket, as ZeroMQ spells it.
    pub(crate) fn endpoint(&self, port: Port) -> String {
        format!(
            "tcp://{}",
            std::net::SocketAddr::new(self.ip, self.ports[port as usize])
        )
    }

    /// The address of a socket, as the system spells it.
    pub(crate) fn address(&self, port: Port) -> (IpAddr, u16) {
        (self.ip, self.ports[port as usize])
    }
}

/// 244 random bits, as text.
pub(crate) fn secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn file(name: &str) -> std::path::PathBuf {
        let name = format!("potok-connection-{}-{name}.json", std::process::id());
        std::env::temp_dir().join(name)
    }

    #[test]
    fn a_private_connection_is_read_as_it_was_written_by_its_owner_alone() {
        let (path, connection) = (file("private"), Connection::private().unwrap());
        connection.write(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Connection::read(path.to_str().unwrap()).unwrap(), connection);
        assert_ne!(Connection::private().unwrap().key, connection.key);
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn what_the_kernel_cannot_serve_is_named() {
        let path = file("bad");
        let connection = Connection::private().unwrap();
        connection.write(&path).unwrap();
        let good = fs::read_to_string(&path).unwrap();
        for (from, to, named) in [
            ("tcp", "ipc", "transport `ipc`"),
            ("127.0.0.1", "0.0.0.0", "address `0.0.0.0`"),
            ("hmac-sha256", "hmac-md5", "signature scheme `hmac-md5`"),
            ("hb_port", "other", "no `hb_port`"),
        ] {
            fs::write(&path, good.replace(from, to)).unwrap();
            let error = Connection::read(path.to_str().unwrap()).unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
        }
        fs::remove_file(path).unwrap();
    }
}
