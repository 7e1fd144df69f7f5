import { hkdfSync, randomBytes } from 'node:crypto';
import { isId, Secret } from '#lib/core';
import { openSmall, sealSmall } from '#lib/crypto';
import type { DataKey, Kms } from '#lib/flow';
import { folderOfUrl } from '../durable-folder.js';
import { AdapterError } from '../errors.js';
import { KeyFiles } from './key-files.js';
import { KEY_ID_BYTES, type KeyRing } from './key-ring.js';

const VERSION = 1;
const INSTANCE = 'instance.key';
const DATA_KEY_BYTES = 32;
const SEAL_BYTES_MAX = 65_536;

/**
 * Key-encryption keys in a folder: `instance.key`, and for each organization `<id>.key` (made at its first use) with
 * `<id>.made` beside it, so that a key that was made and is gone is missed and never silently replaced. Back the folder
 * up: without it no stored message can be read. Wrapped bytes: version, id of the key, then AES-256-GCM bound to the
 * organization and that id; so a file may get newer keys while the older ones still open what they wrapped.
 */
export class FileKms implements Kms {
  readonly #files: KeyFiles;
  readonly #rings = new Map<string, KeyRing>();
  /** By purpose, of which there are a few. */
  readonly #secrets = new Map<string, Secret<Uint8Array>>();
  readonly #flights = new Map<string, Promise<KeyRing>>();

  private constructor(folder: string) {
    this.#files = new KeyFiles(folder);
  }

  /**
   * Opens the folder of a `file:` URL. `mayCreate`: folder and instance key are made where they are missing; say so only
   * while the database knows no organization yet, and before it gets its first one: afterwards a folder without an
   * instance key is a lost one. Several processes may do so together.
   * Errors: `ERR_KMS_KEY_MISSING`, `ERR_KMS_UNAVAILABLE`.
   */
  static async open(url: string, options: { readonly mayCreate: boolean }): Promise<FileKms> {
    const kms = new FileKms(folderOfUrl(url));
    if (options.mayCreate) {
      await kms.#files.makeFolder();
      await kms.#files.readOrMake(INSTANCE);
    }
    await kms.#instanceRing();
    return kms;
  }

  async newDataKey(organizationId: string): Promise<DataKey> {
    const key = randomBytes(DATA_KEY_BYTES);
    return { key: new Secret<Uint8Array>(key), wrapped: await this.#wrap(organizationId, 'data-key', key) };
  }

  async openDataKey(organizationId: string, wrapped: Uint8Array): Promise<Secret<Uint8Array>> {
    const key = await this.#unwrap(organizationId, 'data-key', wrapped);
    if (key.length !== DATA_KEY_BYTES) throw new AdapterError('ERR_KMS_WRAP_DAMAGED');
    return new Secret<Uint8Array>(key);
  }

  async seal(organizationId: string, plain: Uint8Array): Promise<Uint8Array> {
    if (plain.length > SEAL_BYTES_MAX) throw new AdapterError('ERR_KMS_PLAIN_TOO_LARGE');
    return this.#wrap(organizationId, 'secret', plain);
  }

  async open(organizationId: string, sealed: Uint8Array): Promise<Secret<Uint8Array>> {
    return new Secret<Uint8Array>(await this.#unwrap(organizationId, 'secret', sealed));
  }

  async secretFor(purpose: string): Promise<Secret<Uint8Array>> {
    const known = this.#secrets.get(purpose);
    if (known !== undefined) return known;
    const { key } = (await this.#instanceRing()).newest;
    const bytes = hkdfSync('sha256', key.reveal(), '', `sealflow instance 1 ${purpose}`, DATA_KEY_BYTES);
    const secret = new Secret<Uint8Array>(new Uint8Array(bytes));
    this.#secrets.set(purpose, secret);
    return secret;
  }

  async #wrap(organizationId: string, purpose: string, plain: Uint8Array): Promise<Uint8Array> {
    const { id, key } = (await this.#organizationRing(organizationId, true)).newest;
    const sealed = sealSmall(key, purpose, plain, randomBytes, `${organizationId} ${id}`);
    return Buffer.concat([Buffer.of(VERSION), Buffer.from(id, 'hex'), sealed]);
  }

  async #unwrap(organizationId: string, purpose: string, wrapped: Uint8Array): Promise<Buffer> {
    if (wrapped[0] !== VERSION) throw new AdapterError('ERR_KMS_WRAP_DAMAGED');
    const id = Buffer.from(wrapped.subarray(1, 1 + KEY_ID_BYTES)).toString('hex');
    const key = await this.#keyById(organizationId, id);
    try {
      return openSmall(key, purpose, wrapped.subarray(1 + KEY_ID_BYTES), `${organizationId} ${id}`);
    } catch (cause) {
      throw new AdapterError('ERR_KMS_WRAP_DAMAGED', { cause });
    }
  }

  async #keyById(organizationId: string, id: string): Promise<Secret<Uint8Array>> {
    const known = (await this.#organizationRing(organizationId, false)).byId.get(id);
    if (known !== undefined) return known;
    // Another process may have added a newer key since we read the file.
    this.#rings.delete(organizationId);
    const added = (await this.#organizationRing(organizationId, false)).byId.get(id);
    if (added === undefined) throw new AdapterError('ERR_KMS_KEY_MISSING', { detail: { key: 'organization' } });
    return added;
  }

  #instanceRing(): Promise<KeyRing> {
    return this.#cached(INSTANCE, 'read', async () => {
      const ring = await this.#files.read(INSTANCE);
      if (ring === undefined) throw new AdapterError('ERR_KMS_KEY_MISSING', { detail: { key: 'instance' } });
      return ring;
    });
  }

  #organizationRing(organizationId: string, mayCreate: boolean): Promise<KeyRing> {
    return this.#cached(organizationId, mayCreate ? 'make' : 'read', async () => {
      const missing = () => new AdapterError('ERR_KMS_KEY_MISSING', { detail: { key: 'organization' } });
      if (!isId(organizationId)) throw missing();
      const [name, mark] = [`${organizationId}.key`, `${organizationId}.made`];
      // The mark first: it is set after the key is there, so with a mark the key must be.
      const isMade = await this.#files.has(mark);
      const there = await this.#files.read(name);
      if (there !== undefined && isMade) return there;
      // Without the instance key this is not the folder that it was when we started.
      if (there === undefined && (isMade || !mayCreate || !(await this.#files.has(INSTANCE)))) throw missing();
      const ring = await this.#files.readOrMake(name);
      await this.#files.mark(mark);
      return ring;
    });
  }

  /** Keys are read once; what failed is tried again at the next call. Calls of one kind that meet are one. */
  async #cached(name: string, kind: string, read: () => Promise<KeyRing>): Promise<KeyRing> {
    const there = this.#rings.get(name);
    if (there !== undefined) return there;
    const flight = `${kind} ${name}`;
    const reading = this.#flights.get(flight) ?? read().finally(() => this.#flights.delete(flight));
    this.#flights.set(flight, reading);
    const ring = await reading;
    this.#rings.set(name, ring);
    return ring;
  }
}
