import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { Socket } from 'node:net';
import { DoorConnection, type DoorState } from './door-connection.js';

/** smtp-server with connections of ours; see `DoorConnection` for what they do otherwise. */
export class DoorServer extends SMTPServer implements DoorState {
  isClosing = false;
  readonly known = new WeakSet<SMTPServerSession>();

  override connect(socket: Socket, socketOptions?: SMTPConnectionOptions | null): void {
    const connection = new DoorConnection(this, socket, socketOptions);
    this.connections.add(connection);
    connection.on('error', (error: Error) => this._onError(error));
    connection.init();
  }
}
