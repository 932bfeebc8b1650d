/**
 * Answers the close of a socket with the code that its browser sent. RFC 6455, 7.4.1: 1005, 1006 and 1015 report how a socket ended and are
 * never sent.
 */
export function endSocket(socket: WebSocket, code: number): void {
  socket.close(code === 1005 || code === 1006 || code === 1015 ? 1000 : code);
}
