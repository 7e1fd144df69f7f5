import type { Progress } from '../progress.js';
import { waitUntil } from '../wait-until.js';
import {
  addressOf,
  COLLEAGUE,
  DOOR_NAMES,
  KEYED,
  KEYLESS,
  RULE,
  SAMPLES,
  SENDER,
  type Door,
  type KeyOwner,
} from './cast.js';
import type { Mailbox } from './mailbox.js';
import { certificatePem, openCopy } from './open-copy.js';
import { canonical, entityOf, fieldsOnTop, firstText, readSample } from './original.js';
import { bold, dim, green, red, yellow } from './paint.js';
import type { MessageView, RestClient, RuleView } from './rest-client.js';
import { sendByRest, sendBySmtp, sendByWebhook, type ConnectorView } from './send.js';

const ARRIVE_TIMEOUT_MS = 30_000;
/** What was held for a missing key goes by itself within this time after the key is there. */
const RELEASE_TIMEOUT_MS = 10_000;

interface Sent {
  readonly door: Door;
  readonly id: string;
  readonly original: Buffer;
}

/** Tells the story of the demo and checks each thing that it says. */
export class Story {
  readonly failures: string[] = [];
  #checks = 0;

  constructor(
    private readonly rest: RestClient,
    private readonly mailbox: Mailbox,
    private readonly smtpPort: number,
    private readonly progress: Progress,
  ) {}

  get checks(): number {
    return this.#checks;
  }

  /** The rule, the recipients' certificates, and the webhook's connector, made over REST. */
  async setUp(): Promise<ConnectorView> {
    await this.rest.post('/v1/rules', RULE);
    this.progress.step(`made the rule “${RULE.name}” (POST /v1/rules)`);
    for (const owner of KEYED) await this.#import(owner);
    this.progress.step(`imported certificates of ${KEYED.map(addressOf).join(' and ')}; none of ${addressOf(KEYLESS)}`);
    return await this.rest.post<ConnectorView>('/v1/connectors', {
      name: 'Booking system',
      direction: 'in',
      provider: 'generic',
      trusted: true,
    });
  }

  async tell(connector: ConnectorView): Promise<void> {
    const sent: Sent[] = [];
    for (const door of ['smtp', 'rest', 'webhook'] as const) sent.push(await this.#throughDoor(door, connector));
    await this.#whenTheKeyComes(sent);
    const postmaster = 'postmaster@clinic.example';
    this.#check('the postmaster was told of the held mail', (await this.mailbox.count(postmaster)) > 0);
  }

  async #throughDoor(door: Door, connector: ConnectorView): Promise<Sent> {
    const sample = SAMPLES[door];
    const message = readSample(sample);
    const original = canonical(message);
    const send = {
      smtp: () => sendBySmtp(this.smtpPort, message),
      rest: () => sendByRest(this.rest, message),
      webhook: () => sendByWebhook(this.rest, connector, message),
    };
    const id = await send[door]();
    this.progress.line();
    this.progress.line(
      bold(`By ${DOOR_NAMES[door]}: ${sample.file}, ${sample.what}, ${message.length} bytes, from ${SENDER}`),
    );
    this.progress.line(dim(`  accepted as ${id}: message and envelope were safe on disk before the answer`));
    const view = await this.#judged(id);
    for (const owner of KEYED) await this.#sealed(view, owner, original);
    await this.#untouched(view, original);
    this.#held(view);
    return { door, id, original };
  }

  /** The message once each of its copies has left or is held. */
  async #judged(id: string): Promise<MessageView> {
    let view: MessageView | undefined;
    await waitUntil(async () => {
      view = await this.rest.get<MessageView>(`/v1/messages/${id}`);
      return view.recipients.every(({ state }) => state === 'delivered' || state === 'held');
    }, ARRIVE_TIMEOUT_MS);
    return view ?? (await this.rest.get<MessageView>(`/v1/messages/${id}`));
  }

  async #sealed(view: MessageView, owner: KeyOwner, original: Buffer): Promise<void> {
    const address = addressOf(owner);
    this.#person(view, address);
    this.#verdict(view.rules, address, true);
    await this.#opens(view.id, owner, original, ARRIVE_TIMEOUT_MS);
  }

  async #opens(id: string, owner: KeyOwner, original: Buffer, timeoutMs: number): Promise<void> {
    const address = addressOf(owner);
    const copy = await this.mailbox.waitFor(id, address, timeoutMs);
    if (!this.#check(`a copy for ${address} arrived`, copy !== undefined) || copy === undefined) return;
    const expected = entityOf(original);
    const body = original.subarray(original.indexOf('\r\n\r\n') + 4);
    this.#check(`the copy for ${address} shows nothing of the body`, !copy.includes(body.subarray(0, 60)));
    try {
      const { by, entity } = await openCopy(copy, owner);
      const isSame = this.#check(
        `${by} opened the copy for ${address} to the original entity`,
        entity.equals(expected),
      );
      if (!isSame) return;
      this.#detail('opened', `by ${by}: ${entity.length} bytes, each the same as in the original MIME entity`);
      this.#detail('text', `“${firstText(entity)}”`);
    } catch (error) {
      this.#check(`the copy for ${address} could be opened (${error instanceof Error ? error.message : ''})`, false);
    }
  }

  async #untouched(view: MessageView, original: Buffer): Promise<void> {
    this.#person(view, COLLEAGUE);
    this.#verdict(view.rules, COLLEAGUE, false);
    const copy = await this.mailbox.waitFor(view.id, COLLEAGUE, ARRIVE_TIMEOUT_MS);
    const fields = copy === undefined ? undefined : fieldsOnTop(copy, original);
    const isSame = this.#check(`${COLLEAGUE} got the original bytes`, fields !== undefined);
    if (isSame)
      this.#detail('arrived', `the original ${original.length} bytes, with ${fields?.join(', ') ?? ''} on top`);
  }

  #held(view: MessageView): void {
    const address = addressOf(KEYLESS);
    this.#person(view, address);
    this.#verdict(view.rules, address, true);
    const event = view.events.find(({ type, detail }) => type === 'held' && detail['recipient'] === address);
    const code = event?.detail['code'];
    if (this.#check(`the copy for ${address} is held, and the trace says why`, code === 'ERR_KEY_MISSING')) {
      this.#detail('held', `ERR_KEY_MISSING: no usable key of ${address} is known; nothing left in clear`);
    }
  }

  /** Dora's certificate comes: her copies go by themselves. */
  async #whenTheKeyComes(sent: readonly Sent[]): Promise<void> {
    const address = addressOf(KEYLESS);
    for (const { id } of sent) {
      const early = await this.mailbox.waitFor(id, address, 0);
      this.#check(`nothing reached ${address} while it was held`, early === undefined);
    }
    this.progress.line();
    this.progress.line(bold(`The certificate of ${address} is imported: the held copies go by themselves`));
    await this.#import(KEYLESS);
    for (const { id, original, door } of sent) {
      this.progress.line(`  ${DOOR_NAMES[door]}`);
      await this.#opens(id, KEYLESS, original, RELEASE_TIMEOUT_MS);
    }
  }

  async #import(owner: KeyOwner): Promise<void> {
    await this.rest.postAs('/v1/certificates', 'application/x-pem-file', certificatePem(owner));
  }

  #person(view: MessageView, address: string): void {
    const recipient = view.recipients.find((one) => one.address === address);
    const state = recipient?.state ?? 'unknown';
    const paint = state === 'delivered' ? green : state === 'held' ? yellow : red;
    const protection = state === 'delivered' ? `, ${recipient?.protection === 'smime' ? 'S/MIME' : 'as it is'}` : '';
    this.progress.line(`  ${bold(address.padEnd(26))}${paint(state)}${protection}`);
    const expected = address === COLLEAGUE ? 'none' : 'smime';
    if (state === 'delivered') {
      this.#check(`${address} is protected as the rule says`, recipient?.protection === expected);
    } else {
      this.#check(
        `the copy for ${address} is ${address === addressOf(KEYLESS) ? 'held' : 'delivered'}`,
        state === 'held' && address === addressOf(KEYLESS),
      );
    }
  }

  /** What the rules say of that recipient, and why: the conditions that decided. */
  #verdict(rules: readonly RuleView[], address: string, isMatch: boolean): void {
    const rule = rules.find(({ name }) => name === RULE.name);
    const outcome = rule?.recipients.find((one) => one.address === address)?.outcome;
    this.#check(
      `the rule ${isMatch ? 'matched' : 'did not match'} for ${address}, and says why`,
      (outcome === 'matched') === isMatch && rule !== undefined,
    );
    this.#detail(isMatch ? 'matched' : 'no match', `“${RULE.name}”`);
    const why = (rule?.why ?? []).filter(
      ({ recipient = address, matched, path }) =>
        recipient === address && (isMatch ? matched : !path.includes('/any/')),
    );
    for (const { fact, operator, matched, evidence = [] } of why) {
      this.#detail(matched ? 'because' : 'since', `${fact} ${operator}: ${matched ? evidence.join(', ') : 'not so'}`);
    }
  }

  #detail(name: string, text: string): void {
    this.progress.line(`    ${dim(name.padEnd(9))} ${text}`);
  }

  #check(what: string, isSo: boolean): boolean {
    this.#checks += 1;
    if (!isSo) {
      this.failures.push(what);
      this.progress.line(`    ${red('WRONG')}     not so: ${what}`);
    }
    return isSo;
  }
}
