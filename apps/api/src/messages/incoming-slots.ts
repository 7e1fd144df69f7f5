import { BodySlots } from '../http/body-slots.js';

/** Messages that REST and webhooks take in at once. Each holds little memory, a place in the blob store and a socket. */
const AT_ONCE_MAX = 128;

/** The slots that both doors share. */
export class IncomingSlots extends BodySlots {
  constructor(slotsMax = AT_ONCE_MAX) {
    super(slotsMax);
  }
}
