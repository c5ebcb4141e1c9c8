//! One connection: requests in, scripts out, and the end that the script asks for.

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;

use super::request::{Request, read_request};
use super::script::{End, Script, Step};

/// Answers the requests of one connection until one side ends it. Errors only mean that the client left.
pub fn serve(stream: Arc<TcpStream>, answer: impl Fn(&Request) -> Script) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(&*stream);
    while let Ok(Some(request)) = read_request(&mut reader, &stream) {
        let script = answer(&request);
        if play(&stream, &script).is_err() {
            return;
        }
        match script.end {
            End::KeepAlive if request.keep_alive => continue,
            End::KeepAlive | End::Close => return close(&stream),
            End::Reset => {
                // SO_LINGER of 0 turns the close into a reset.
                let _ = SockRef::from(&*stream).set_linger(Some(Duration::ZERO));
                return;
            }
            End::Hang => {
                // Ends when the client closes, or when the server shuts the connection down.
                let _ = io::copy(&mut reader, &mut io::sink());
                return;
            }
        }
    }
}

fn play(stream: &TcpStream, script: &Script) -> io::Result<()> {
    for step in &script.steps {
        match step {
            Step::Send(bytes) => (&mut &*stream).write_all(bytes)?,
            Step::Pause(time) => std::thread::sleep(*time),
        }
    }
    Ok(())
}

/// Closes in the orderly way: a plain drop would reset the connection if the client had sent something more.
fn close(stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
    let mut rest = [0; 1024];
    while matches!((&mut &*stream).read(&mut rest), Ok(n) if n > 0) {}
}
