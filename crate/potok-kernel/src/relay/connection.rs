//! A connection file: where the five sockets are, and the key that signs messages.
//!
//! *What to notice*: two transports. Jupyter chooses its own: `tcp`, on this machine only,
//! or `ipc`, where `ip` is what the paths of the sockets begin with, `{ip}-{port}`. The inner
//! kernel's is `ipc`, in a directory that nobody else can enter; evcxr makes the address of a
//! socket as `{transport}://{ip}:{port}`, so that its sockets are files `s:1` to `s:5`.

use crate::Result;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Where a kernel answers, and by which key it knows its clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connection {
    place: Place,
    ports: [u16; 5],
    pub(crate) key: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Tcp(IpAddr),
    /// What the paths of the sockets begin with, the last character included.
    Ipc(String),
}

/// The address of one socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Tcp(SocketAddr),
    Ipc(PathBuf),
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

/// How long the path of a socket can be, everywhere.
const LONGEST: usize = 103;

/// What the inner kernel's sockets are called, before their numbers.
const INNER: &str = "s";

impl Connection {
    /// Reads the file that Jupyter wrote.
    pub(crate) fn read(path: &str) -> Result<Self> {
        let file = parsed(path)?;
        let text = |name: &str| file[name].as_str().unwrap_or_default();
        if !["hmac-sha256", ""].contains(&text("signature_scheme")) {
            let scheme = text("signature_scheme");
            return Err(format!(
                "signature scheme `{scheme}` in {path}: this kernel knows `hmac-sha256`"
            )
            .into());
        }
        let ports = ports(&file, path)?;
        let place = match text("transport") {
            "tcp" => Place::Tcp(loopback(text("ip"), path)?),
            "ipc" => Place::Ipc(prefix(text("ip"), &ports, path)?),
            other => {
                return Err(format!(
                    "transport `{other}` in {path}: this kernel speaks `tcp` and `ipc`; \
                     set KernelManager.transport so"
                )
                .into());
            }
        };
        Ok(Connection { place, ports, key: text("key").to_owned() })
    }

    /// Reads the file that was written for evcxr.
    pub(crate) fn read_inner(path: &Path) -> Result<Self> {
        let name = path.to_string_lossy();
        let file = parsed(&name)?;
        let text = |name: &str| file[name].as_str();
        let (Some("ipc"), Some(ip), Some(key)) =
            (text("transport"), text("ip"), text("key"))
        else {
            return Err(format!("{name} is not of this version").into());
        };
        let place = Place::Ipc(format!("{ip}:"));
        Ok(Connection { place, ports: ports(&file, &name)?, key: key.to_owned() })
    }

    /// Sockets in a directory, and a key that nobody else knows.
    pub(crate) fn private(dir: &Path) -> Result<Self> {
        let dir = dir.to_str().ok_or("the path of a directory is not UTF-8")?;
        Ok(Connection {
            place: Place::Ipc(format!("{dir}/{INNER}:")),
            ports: [1, 2, 3, 4, 5],
            key: secret(),
        })
    }

    /// Whether somebody listens at all of its sockets.
    pub(crate) fn is_served(&self) -> bool {
        (0..self.ports.len()).all(|port| match self.at(port) {
            Address::Ipc(path) => UnixStream::connect(path).is_ok(),
            Address::Tcp(address) => std::net::TcpStream::connect(address).is_ok(),
        })
    }

    /// Writes the file for evcxr, for its owner's eyes only, in place of one that is there.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let (transport, ip) = match &self.place {
            Place::Tcp(ip) => ("tcp", ip.to_string()),
            Place::Ipc(begin) => {
                ("ipc", begin.strip_suffix(':').unwrap_or(begin).to_owned())
            }
        };
        let mut file = json!({
            "transport": transport,
            "ip": ip,
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

    /// The address of a socket, as the system spells it.
    pub(crate) fn address(&self, port: Port) -> Address {
        self.at(port as usize)
    }

    fn at(&self, port: usize) -> Address {
        let port = self.ports[port];
        match &self.place {
            Place::Tcp(ip) => Address::Tcp(SocketAddr::new(*ip, port)),
            Place::Ipc(begin) => Address::Ipc(format!("{begin}{port}").into()),
        }
    }
}

/// As ZeroMQ spells it.
impl std::fmt::Display for Address {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Address::Tcp(address) => write!(out, "tcp://{address}"),
            Address::Ipc(path) => write!(out, "ipc://{}", path.display()),
        }
    }
}

fn loopback(ip: &str, path: &str) -> Result<IpAddr> {
    let here = ip.parse().ok().filter(IpAddr::is_loopback);
    Ok(here.ok_or_else(|| {
        format!(
            "address `{ip}` in {path}: this kernel answers only on this machine; set \
             KernelManager.ip to 127.0.0.1"
        )
    })?)
}

/// What the paths of Jupyter's Unix sockets begin with.
fn prefix(ip: &str, ports: &[u16], path: &str) -> Result<String> {
    let digits = ports.iter().map(|port| port.to_string().len()).max();
    let longest = ip.len() + 1 + digits.unwrap_or_default();
    if !ip.starts_with('/') {
        return Err(format!(
            "address `{ip}` in {path}: a path from the root is wanted; have Jupyter choose \
             it, by leaving KernelManager.ip out"
        )
        .into());
    }
    if longest > LONGEST {
        return Err(format!(
            "address `{ip}` in {path}: the path of a socket has at most {LONGEST} bytes; \
             set JUPYTER_RUNTIME_DIR to a directory with a shorter path"
        )
        .into());
    }
    Ok(format!("{ip}-"))
}

fn parsed(path: &str) -> Result<Value> {
    let text = fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))?;
    Ok(serde_json::from_str(&text).map_err(|e| format!("{path}: {e}"))?)
}

fn ports(file: &Value, path: &str) -> Result<[u16; 5]> {
    let mut ports = [0; 5];
    for (port, name) in ports.iter_mut().zip(NAMES) {
        *port = file[name]
            .as_u64()
            .and_then(|port| u16::try_from(port).ok())
            .ok_or_else(|| format!("no `{name}` in {path}"))?;
    }
    Ok(ports)
}

/// 244 random bits, as text.
pub(crate) fn secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn file(name: &str) -> PathBuf {
        let name = format!("potok-connection-{}-{name}.json", std::process::id());
        std::env::temp_dir().join(name)
    }

    #[test]
    fn a_private_connection_is_read_as_it_was_written_by_its_owner_alone() {
        let path = file("private");
        let private = || Connection::private(Path::new("/run/dir")).unwrap();
        let connection = private();
        connection.write(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Connection::read_inner(&path).unwrap(), connection);
        assert_ne!(private().key, connection.key);
        // What evcxr makes of it: `{transport}://{ip}:{port}`.
        let file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let text = |name: &str| file[name].as_str().unwrap().to_owned();
        let evcxrs =
            format!("{}://{}:{}", text("transport"), text("ip"), file["stdin_port"]);
        assert_eq!(evcxrs, connection.address(Port::Stdin).to_string());
        fs::remove_file(path).unwrap();
    }

    fn jupyters() -> Value {
        json!({
            "transport": "tcp", "ip": "127.0.0.1", "key": "k",
            "signature_scheme": "hmac-sha256", "shell_port": 50001, "iopub_port": 50002,
            "stdin_port": 50003, "control_port": 50004, "hb_port": 50005,
        })
    }

    #[test]
    fn jupyters_addresses_are_spelled_as_jupyter_spells_them() {
        let path = file("good");
        let mut file = jupyters();
        let mut control = |ip: &str| {
            file["ip"] = ip.into();
            fs::write(&path, file.to_string()).unwrap();
            let connection = Connection::read(path.to_str().unwrap()).unwrap();
            connection.address(Port::Control).to_string()
        };
        assert_eq!(control("127.0.0.1"), "tcp://127.0.0.1:50004");
        assert_eq!(control("::1"), "tcp://[::1]:50004");
        file["transport"] = "ipc".into();
        file["ip"] = "/run/user/1000/k-ipc".into();
        fs::write(&path, file.to_string()).unwrap();
        let connection = Connection::read(path.to_str().unwrap()).unwrap();
        let control = connection.address(Port::Control).to_string();
        assert_eq!(control, "ipc:///run/user/1000/k-ipc-50004");
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn what_the_kernel_cannot_serve_is_named() {
        let path = file("bad");
        let good = jupyters().to_string();
        for (from, to, named) in [
            ("tcp", "pgm", "transport `pgm`"),
            ("tcp", "ipc", "a path from the root"),
            ("127.0.0.1", "0.0.0.0", "address `0.0.0.0`"),
            ("hmac-sha256", "hmac-md5", "signature scheme `hmac-md5`"),
            ("hb_port", "other", "no `hb_port`"),
        ] {
            fs::write(&path, good.replace(from, to)).unwrap();
            let error = Connection::read(path.to_str().unwrap()).unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
        }
        let deep = good.replace("tcp", "ipc").replace("127.0.0.1", &"/d".repeat(60));
        fs::write(&path, deep).unwrap();
        let error = Connection::read(path.to_str().unwrap()).unwrap_err();
        assert!(error.to_string().contains("at most 103 bytes"), "{error}");
        fs::remove_file(path).unwrap();
    }
}
