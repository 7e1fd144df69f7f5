import type { Outgoing, Relay } from '#lib/flow';
import { inPieces } from './streams.js';

/** A copy as the act step makes one, for tests of relays. */
export function outgoingOf(
  message: Buffer | string,
  rcptTo: readonly string[] = ['ann@customer.example'],
  more: Partial<Pick<Outgoing, 'mailFrom' | 'sizeBytes' | 'has8bit' | 'open'>> = {},
): Outgoing {
  const bytes = Buffer.from(message);
  return {
    deliveryId: 'a-delivery',
    messageId: 'a-message',
    organizationId: 'an-organization',
    mailFrom: 'sue@example.com',
    recipients: rcptTo.map((address) => ({ address, origin: 'envelope', rules: [] })),
    protection: 'none',
    open: () => inPieces(bytes, 65_536),
    sizeBytes: bytes.length,
    has8bit: false,
    blob: null,
    ...more,
  } as unknown as Outgoing;
}

/** What goes with it: no wishes about notices, unless given, and leave to begin. */
export function sendOptionsOf(
  more: Partial<Parameters<Relay['send']>[1]['envelope']> & {
    readonly notify?: ReadonlyMap<string, string>;
    readonly paths?: ReadonlyMap<string, string>;
  } = {},
): Parameters<Relay['send']>[1] {
  const { notify = new Map<string, string>(), paths = new Map<string, string>(), ...envelope } = more;
  return {
    notify,
    paths,
    envelope: { mailFrom: 'sue@example.com', dsnReturn: null, envid: null, orcpt: new Map(), ...envelope },
    mayBegin: () => true,
  };
}
