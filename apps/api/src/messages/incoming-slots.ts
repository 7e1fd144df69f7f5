import { BodySlots } from '../http/body-slots.js';

/** Messages that REST takes in at once. Each holds little memory, a place in the blob store and a socket. */
const AT_ONCE_MAX = 128;

/** The slots of REST, whose callers are known before their bodies are read. */
export class IncomingSlots extends BodySlots {
  constructor(slotsMax = AT_ONCE_MAX) {
    super(slotsMax);
  }
}
