import { once } from 'node:events';
import { connect } from 'node:net';

/** What came back over a connection of its own until the server closed it: all answers, as they stood on the wire. */
export async function rawHttp(port: number, ...pieces: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  let received = '';
  socket.setEncoding('latin1').on('data', (piece: string) => (received += piece));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  for (const piece of pieces) socket.write(piece);
  await once(socket, 'end').catch(() => undefined);
  socket.end();
  await closed;
  return received;
}

/** Status and body of the last answer of {@link rawHttp}. */
export function lastAnswer(text: string): { status: number; contentType: string; json: Record<string, unknown> } {
  const answer = text.slice(text.lastIndexOf('HTTP/1.1 '));
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const isJson = body.startsWith('{');
  return {
    status: Number(head.slice(9, 12)),
    contentType: /^content-type: *(.*)$/im.exec(head)?.[1] ?? '',
    json: isJson ? (JSON.parse(body) as Record<string, unknown>) : {},
  };
}
