//! A connection of either transport, and the sockets that wait for them.

use super::peer::{self, Owner};
use crate::Result;
use crate::relay::connection::Address;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// Waits for connections.
#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener),
    Unix { listener: UnixListener, _file: File },
}

/// A connection.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Listener {
    pub(super) async fn bind(address: &Address) -> Result<Self> {
        let said = |error: io::Error| format!("{address}: {error}");
        match address {
            Address::Tcp(address) => {
                Ok(Listener::Tcp(TcpListener::bind(address).await.map_err(said)?))
            }
            Address::Ipc(path) => {
                private(path)?;
                remove_stale(path).map_err(said)?;
                let listener = UnixListener::bind(path).map_err(said)?;
                // Who connects before this is looked at all the same.
                fs::set_permissions(path, fs::Permissions::from_mode(0o600))
                    .map_err(said)?;
                let file = File::at(path).map_err(said)?;
                Ok(Listener::Unix { listener, _file: file })
            }
        }
    }

    pub(super) async fn accept(&self) -> io::Result<(Stream, Owner)> {
        match self {
            Listener::Tcp(listener) => {
                let (stream, from) = listener.accept().await?;
                // Many small messages: none waits for the next.
                stream.set_nodelay(true)?;
                let owner = peer::of_tcp(from, stream.local_addr()?);
                Ok((Stream::Tcp(stream), owner))
            }
            Listener::Unix { listener, .. } => {
                let (stream, _) = listener.accept().await?;
                let owner = stream
                    .peer_cred()
                    .map_or(Owner::Nobody, |peer| Owner::User(peer.uid()));
                Ok((Stream::Unix(stream), owner))
            }
        }
    }
}

impl Stream {
    /// Reads what is there, at least one byte; none at the end.
    pub(super) async fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = match self {
                Stream::Tcp(stream) => {
                    stream.readable().await?;
                    stream.try_read(into)
                }
                Stream::Unix(stream) => {
                    stream.readable().await?;
                    stream.try_read(into)
                }
            };
            match read {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                read => return read,
            }
        }
    }

    /// Fills all of it.
    pub(super) async fn read_all(&self, mut into: &mut [u8]) -> io::Result<()> {
        while !into.is_empty() {
            match self.read(into).await? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                n => into = &mut into[n..],
            }
        }
        Ok(())
    }

    /// Writes all of it.
    pub(super) async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = match self {
                Stream::Tcp(stream) => {
                    stream.writable().await?;
                    stream.try_write(bytes)
                }
                Stream::Unix(stream) => {
                    stream.writable().await?;
                    stream.try_write(bytes)
                }
            };
            match written {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => bytes = &bytes[n..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// A socket's file, removed when dropped, if it is still ours.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    id: (u64, u64),
}

impl File {
    fn at(path: &Path) -> io::Result<Self> {
        Ok(File { path: path.to_owned(), id: id(path)? })
    }
}

/// Which file it is, whatever its name.
fn id(path: &Path) -> io::Result<(u64, u64)> {
    let found = fs::symlink_metadata(path)?;
    Ok((found.dev(), found.ino()))
}

impl Drop for File {
    fn drop(&mut self) {
        if id(&self.path).is_ok_and(|found| found == self.id) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Refuses a directory in which somebody else could put a socket in ours' place.
fn private(path: &Path) -> Result<()> {
    let dir = path.parent().unwrap_or(path);
    let found = fs::metadata(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    if found.uid() != crate::sys::user() || found.mode() & 0o022 != 0 {
        return Err(format!(
            "{} is no place for the kernel's sockets: others can write to it; make it \
             yours alone (`chmod 700`), or have Jupyter keep its connection files in \
             another directory (JUPYTER_RUNTIME_DIR)",
            dir.display()
        )
        .into());
    }
    Ok(())
}

/// Removes the socket that a kernel left that was killed: nobody listens there.
fn remove_stale(path: &Path) -> io::Result<()> {
    let Ok(found) = fs::symlink_metadata(path) else { return Ok(()) };
    let is_served = || std::os::unix::net::UnixStream::connect(path).is_ok();
    if found.file_type().is_socket() && !is_served() {
        fs::remove_file(path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dir(mode: u32) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
        dir
    }

    #[tokio::test]
    async fn a_socket_is_its_owners_alone_and_goes_with_its_listener() {
        let dir = dir(0o700);
        let path = dir.path().join("k-1");
        let listener = Listener::bind(&Address::Ipc(path.clone())).await.unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let taken = Listener::bind(&Address::Ipc(path.clone())).await.unwrap_err();
        assert!(taken.to_string().contains("in use"), "{taken}");
        drop(listener);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn what_a_killed_kernel_left_is_replaced_and_another_file_is_not() {
        let dir = dir(0o700);
        let (stale, file) = (dir.path().join("k-1"), dir.path().join("k-2"));
        drop(std::os::unix::net::UnixListener::bind(&stale).unwrap());
        let listener = Listener::bind(&Address::Ipc(stale.clone())).await.unwrap();
        // Another kernel's in the same place stays when this one goes.
        fs::remove_file(&stale).unwrap();
        let other = std::os::unix::net::UnixListener::bind(&stale).unwrap();
        drop(listener);
        assert!(stale.exists());
        drop(other);
        fs::write(&file, "kept").unwrap();
        assert!(Listener::bind(&Address::Ipc(file.clone())).await.is_err());
        assert_eq!(fs::read_to_string(file).unwrap(), "kept");
    }

    #[tokio::test]
    async fn a_directory_that_others_can_write_to_is_refused() {
        let dir = dir(0o1777);
        let bound = Listener::bind(&Address::Ipc(dir.path().join("k-1"))).await;
        let said = bound.unwrap_err().to_string();
        assert!(said.contains("chmod 700") && said.contains("RUNTIME_DIR"), "{said}");
    }
}
