//! A port that can be closed, so that connections to it are refused, or left full, so that they are never
//! accepted, and opened again.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;

use socket2::{Domain, Socket, Type};

/// What answers one connection.
pub type Serve = Arc<dyn Fn(Arc<TcpStream>) + Send + Sync>;

/// A port on loopback.
pub struct Port {
    address: SocketAddr,
    serve: Serve,
    state: Mutex<State>,
    open: Arc<Mutex<HashMap<u64, Weak<TcpStream>>>>,
}

enum State {
    Open {
        closing: Arc<AtomicBool>,
        accepting: JoinHandle<()>,
    },
    /// Bound but not listening: nobody else can take the port meanwhile.
    Closed {
        _held: Option<Socket>,
    },
    /// Listening without accepting, its queue full: who connects gets no answer at all.
    Full {
        _held: Socket,
        _queue: Vec<Socket>,
    },
}

/// More than the shortest queue that the kernel keeps.
const QUEUE: usize = 4;

impl Port {
    /// Takes the port (0: any free one) and leaves it closed.
    pub fn take(port: u16, serve: Serve) -> io::Result<Self> {
        let held = bound(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        let address = held.local_addr()?.as_socket().ok_or_else(|| io::Error::other("no address"))?;
        Ok(Self {
            address,
            serve,
            state: Mutex::new(State::Closed { _held: Some(held) }),
            open: Arc::default(),
        })
    }

    /// `http://127.0.0.1:N`, also while it is closed.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Listens; does nothing where it already does.
    pub fn open(&self) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::Open { .. }) {
            return Ok(());
        }
        *state = State::Closed { _held: None };
        let socket = bound(self.address)?;
        socket.listen(1024)?;
        let listener = TcpListener::from(socket);
        let closing = Arc::new(AtomicBool::new(false));
        let (flag, serve, open) = (closing.clone(), self.serve.clone(), self.open.clone());
        let accepting = std::thread::spawn(move || accept(&listener, &flag, &serve, &open));
        *state = State::Open { closing, accepting };
        Ok(())
    }

    /// Stops listening and ends all connections, so that the next one is refused.
    pub fn close(&self) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*state, State::Closed { .. }) {
            self.stop(&mut state);
            *state = State::Closed { _held: Some(bound(self.address)?) };
        }
        Ok(())
    }

    /// Stops accepting and ends all connections, so that the next one waits for its time limit.
    pub fn fill(&self) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.stop(&mut state);
        let held = bound(self.address)?;
        held.listen(0)?;
        let mut queue = vec![];
        for _ in 0..QUEUE {
            let one = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            one.set_nonblocking(true)?;
            // Says that it is under way.
            let _ = one.connect(&self.address.into());
            queue.push(one);
        }
        *state = State::Full { _held: held, _queue: queue };
        Ok(())
    }

    /// Drops whatever holds the port, and every connection to it.
    fn stop(&self, state: &mut State) {
        let State::Open { closing, accepting } = std::mem::replace(state, State::Closed { _held: None })
        else {
            return;
        };
        closing.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection; it sees the flag and drops the listener.
        let _ = TcpStream::connect(self.address);
        let _ = accepting.join();
        for stream in self.open.lock().unwrap_or_else(PoisonError::into_inner).values() {
            if let Some(stream) = stream.upgrade() {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn accept(
    listener: &TcpListener,
    closing: &AtomicBool,
    serve: &Serve,
    open: &Arc<Mutex<HashMap<u64, Weak<TcpStream>>>>,
) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    for stream in listener.incoming() {
        if closing.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let (stream, id) = (Arc::new(stream), NEXT.fetch_add(1, Ordering::Relaxed));
        open.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::downgrade(&stream));
        let (serve, open) = (serve.clone(), open.clone());
        std::thread::spawn(move || {
            serve(stream);
            open.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        });
    }
}
