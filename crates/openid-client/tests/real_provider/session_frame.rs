//! The script of the session frame. Node.js runs it between the server's frame and a page.

use std::io::Write as _;
use std::process::{Command, Stdio};

use openid_client::SESSION_FRAME;

/// The script sends messages to the server's frame, accepts them only from that frame, and responds
/// only to its own origin. `session_frame.js` contains the assertions.
#[test]
fn the_frame_hears_the_server_alone() {
    let mut node = Command::new("node")
        .args(["--eval", include_str!("session_frame.js")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = node.stdin.take().unwrap();
    input.write_all(SESSION_FRAME.as_bytes()).unwrap();
    drop(input);
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(output.stdout, b"played\n");
}
