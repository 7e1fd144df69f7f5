import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveId } from '#lib/core';
import { FileKms } from './file-kms.js';
import { newKeyLine } from './key-ring.js';

const organization = deriveId('organization');
const other = deriveId('other');
const missing = { code: 'ERR_KMS_KEY_MISSING', kind: 'temporary' };

describe('FileKms', () => {
  let folder: string;
  let url: string;
  const open = (mayCreate = true) => FileKms.open(url, { mayCreate });

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'sealflow-kms-')), 'keys');
    url = `file:${folder}`;
  });
  afterEach(() => {
    rmSync(join(folder, '..'), { recursive: true });
  });

  it('opens the data keys that it gave, also after a restart', async () => {
    const first = await (await open()).newDataKey(organization);
    const second = await (await open(false)).newDataKey(organization);
    const kms = await open(false);
    for (const { key, wrapped } of [first, second]) {
      expect(key.reveal()).toHaveLength(32);
      expect((await kms.openDataKey(organization, wrapped)).reveal()).toEqual(key.reveal());
    }
    expect(second.key.reveal()).not.toEqual(first.key.reveal());
  });

  it('keeps a key file of mode 0600 for each organization in a folder of mode 0700', async () => {
    const kms = await open();
    await kms.newDataKey(organization);
    await kms.newDataKey(other);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const files = readdirSync(folder);
    expect(files.filter((name) => name.endsWith('.key')).sort()).toEqual(
      ['instance.key', `${organization}.key`, `${other}.key`].sort(),
    );
    expect(files.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    for (const name of files) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  it('guarantees that each key is made once when many ask together', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => open()));
    const dataKeys = await Promise.all(all.map((kms) => kms.newDataKey(organization)));
    const secrets = await Promise.all(all.map((kms) => kms.secretFor('cookie')));
    expect(new Set(secrets.map((secret) => Buffer.from(secret.reveal()).toString('hex'))).size).toBe(1);
    const kms = await open(false);
    for (const { key, wrapped } of dataKeys) {
      expect((await kms.openDataKey(organization, wrapped)).reveal()).toEqual(key.reveal());
    }
    expect(readFileSync(join(folder, `${organization}.key`), 'utf8').split('\n')).toHaveLength(2);
  });

  it('guarantees that a wrapped key opens for its organization only, and only unchanged', async () => {
    const kms = await open();
    const { wrapped } = await kms.newDataKey(organization);
    await kms.newDataKey(other);
    await expect(kms.openDataKey(other, wrapped)).rejects.toMatchObject(missing);
    await expect(kms.open(organization, wrapped)).rejects.toMatchObject({ code: 'ERR_KMS_WRAP_DAMAGED' });
    for (let at = 0; at < wrapped.length; at++) {
      const changed = Buffer.from(wrapped);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      await expect(kms.openDataKey(organization, changed)).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_KMS_(KEY_MISSING|WRAP_DAMAGED)$/),
      });
    }
    await expect(kms.openDataKey(organization, wrapped.subarray(0, 20))).rejects.toMatchObject({
      code: 'ERR_KMS_WRAP_DAMAGED',
    });
  });

  it('guarantees that a lost key is an error, never a new key', async () => {
    const { wrapped } = await (await open()).newDataKey(organization);
    rmSync(join(folder, `${organization}.key`));
    const kms = await open(false);
    await expect(kms.openDataKey(organization, wrapped)).rejects.toMatchObject(missing);
    await expect(kms.newDataKey(organization)).rejects.toMatchObject(missing);
    await expect((await open()).newDataKey(organization)).rejects.toMatchObject(missing);
    expect(readdirSync(folder)).not.toContain(`${organization}.key`);
  });

  it('guarantees that a lost folder stops the start once the database knows organizations', async () => {
    await (await open()).newDataKey(organization);
    const kms = await open(false);
    renameSync(folder, `${folder}-gone`);
    await expect(open(false)).rejects.toMatchObject(missing);
    await expect(kms.newDataKey(other)).rejects.toMatchObject(missing);
    renameSync(`${folder}-gone`, folder);
    await (await open(false)).newDataKey(other);
  });

  it('never makes a key in order to open', async () => {
    const kms = await open();
    const { wrapped } = await kms.newDataKey(organization);
    await expect(kms.openDataKey(other, wrapped)).rejects.toMatchObject(missing);
    await expect(kms.openDataKey('../instance', wrapped)).rejects.toMatchObject(missing);
    await expect(kms.newDataKey('../instance')).rejects.toMatchObject(missing);
    expect(readdirSync(folder)).not.toContain(`${other}.key`);
  });

  it('opens what an older key wrapped, and takes a key that another process added', async () => {
    const [one, two] = [await open(), await open()];
    const before = await one.newDataKey(organization);
    await two.openDataKey(organization, before.wrapped);
    const file = join(folder, `${organization}.key`);
    writeFileSync(file, readFileSync(file, 'utf8') + newKeyLine());
    const rotated = await open(false);
    const after = await rotated.newDataKey(organization);
    expect(Buffer.from(after.wrapped.subarray(1, 9))).not.toEqual(Buffer.from(before.wrapped.subarray(1, 9)));
    expect((await rotated.openDataKey(organization, before.wrapped)).reveal()).toEqual(before.key.reveal());
    expect((await two.openDataKey(organization, after.wrapped)).reveal()).toEqual(after.key.reveal());
  });

  it('seals secrets under the organization, and derives secrets of the instance', async () => {
    const kms = await open();
    const sealed = await kms.seal(organization, Buffer.from('whsec_1'));
    expect(Buffer.from((await kms.open(organization, sealed)).reveal()).toString()).toBe('whsec_1');
    await expect(kms.seal(organization, Buffer.alloc(65_537))).rejects.toMatchObject({ kind: 'bug' });
    const [cookie, mark] = [await kms.secretFor('cookie'), await kms.secretFor('loop-mark')];
    expect(cookie.reveal()).toHaveLength(32);
    expect(cookie.reveal()).not.toEqual(mark.reveal());
    expect((await (await open(false)).secretFor('cookie')).reveal()).toEqual(cookie.reveal());
  });

  it('says that it is unavailable when the folder cannot be used or a file is not a key file', async () => {
    writeFileSync(folder, '');
    await expect(open()).rejects.toMatchObject({ code: 'ERR_KMS_UNAVAILABLE', kind: 'temporary' });
    rmSync(folder);
    await open();
    writeFileSync(join(folder, 'instance.key'), 'something else\n');
    await expect(open(false)).rejects.toMatchObject({ code: 'ERR_KMS_UNAVAILABLE' });
  });
});
