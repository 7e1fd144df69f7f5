import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { Socket } from 'node:net';
import { DoorConnection } from './door-connection.js';

/** smtp-server with connections of ours; see `DoorConnection` for what they do otherwise. */
export class DoorServer extends SMTPServer {
  /** Set when the process is to end: whoever has no transaction open is sent away. */
  isClosing = false;
  /** Clients of a trusted network, and those who have authenticated: they may be refused as often as they like. */
  readonly known = new WeakSet<SMTPServerSession>();

  override connect(socket: Socket, socketOptions?: SMTPConnectionOptions | null): void {
    const connection = new DoorConnection(this, socket, socketOptions);
    this.connections.add(connection);
    connection.on('error', (error: Error) => this._onError(error));
    connection.init();
  }
}
