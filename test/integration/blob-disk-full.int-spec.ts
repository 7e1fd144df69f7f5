import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SegmentBlobStore } from '#lib/adapters';
import { Secret } from '#lib/core';
import { gather, inPieces } from '../support/streams.js';
import { describeWith } from '../support/tools.js';

const key = new Secret<Uint8Array>(randomBytes(32));
const full = { code: 'ERR_BLOB_DISK_FULL', kind: 'temporary' };

/** Only root may mount; `mount` is there for everybody. */
const describeAsRoot: typeof describeWith =
  process.getuid?.() === 0
    ? describeWith
    : (_tools, name, define) => {
        describe.skip(`${name} (skipped: only root can mount a small disk)`, define);
      };

describeAsRoot(['mount', 'umount'], 'blobs on a full disk', () => {
  let folder: string;
  let store: SegmentBlobStore;
  const write = (size: number) => store.write(key, inPieces(randomBytes(size), 60_000));
  const fill = () => {
    try {
      writeFileSync(join(folder, 'filler'), randomBytes(8 * 1024 * 1024));
    } catch {
      // what fits is there
    }
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sealflow-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
    store = await SegmentBlobStore.open(`file:${folder}`);
  });
  afterEach(async () => {
    await store.close();
    execFileSync('umount', [folder]);
    rmdirSync(folder);
  });

  it('are refused, small and large, and taken again when there is room', async () => {
    const before = await store.write(key, inPieces(Buffer.from('before')));
    fill();
    await expect(write(100_000)).rejects.toMatchObject(full);
    await expect(write(1_000_000)).rejects.toMatchObject(full);
    expect((await gather(store.read(key, before.ref))).toString()).toBe('before');

    rmSync(join(folder, 'filler'));
    const after = await store.write(key, inPieces(Buffer.from('after')));
    const large = await write(1_000_000);
    expect((await gather(store.read(key, before.ref))).toString()).toBe('before');
    expect((await gather(store.read(key, after.ref))).toString()).toBe('after');
    expect(await gather(store.read(key, large.ref))).toHaveLength(1_000_000);
  });

  it('leave nothing of what did not fit', async () => {
    await write(10);
    await expect(write(6_000_000)).rejects.toMatchObject(full);
    expect(readdirSync(folder).filter((name) => name.startsWith('f-'))).toEqual([]);
    await expect(Promise.all(Array.from({ length: 30 }, () => write(200_000)))).rejects.toMatchObject(full);
    const [small] = await Promise.all([write(10), write(10)]);
    expect(await gather(store.read(key, small.ref))).toHaveLength(10);
  });

  it('are taken as far as they fit when many come together, each sound', async () => {
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => write(200_000)));
    const taken = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.ref] : []));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(taken.length).toBeGreaterThan(10);
    expect(refused.length).toBeGreaterThan(10);
    for (const reason of refused) expect(reason).toMatchObject(full);
    for (const ref of taken) expect(await gather(store.read(key, ref))).toHaveLength(200_000);
  });
});
