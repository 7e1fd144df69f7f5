import { createHash, randomBytes } from 'node:crypto';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '#lib/core';
import { gather, inPieces } from '../../../../test/support/streams.js';
import { SegmentBlobStore } from './segment-blob-store.js';

const KiB = 1024;
const HOUR_MS = 60 * 60 * 1000;
const key = new Secret<Uint8Array>(randomBytes(32));
const nothing = () => Promise.resolve(new Set<string>());

describe('SegmentBlobStore', () => {
  let folder: string;
  let store: SegmentBlobStore;
  let shiftMs = 0;
  const open = () => SegmentBlobStore.open(`file:${folder}`, { nowMs: () => Date.now() + shiftMs });
  const write = (bytes: Uint8Array, pieceBytes?: number) => store.write(key, inPieces(bytes, pieceBytes));
  const read = (ref: string, from = store) => gather(from.read(key, ref));
  const files = (kind: string) => readdirSync(folder).filter((name) => name.startsWith(kind));

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sealflow-blobs-'));
    shiftMs = 0;
    store = await open();
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it.each([0, 1, 10_000, 65_536, 256 * KiB, 256 * KiB + 1, 400 * KiB, 600 * KiB, 3_000_000])(
    'gives back %d bytes, with their size and digest',
    async (size) => {
      const bytes = randomBytes(size);
      const { ref, sizeBytes, sha256 } = await write(bytes, 50_000);
      expect(sizeBytes).toBe(size);
      expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect((await read(ref)).equals(bytes)).toBe(true);
      const later = await open();
      expect((await read(ref, later)).equals(bytes)).toBe(true);
      await later.close();
    },
  );

  it('puts small blobs into one segment and gives a large one its own file, none of it in clear', async () => {
    const text = Buffer.from('From: ann@customer.example\r\n\r\nfinancial records\r\n');
    const refs = await Promise.all(Array.from({ length: 50 }, () => write(text)));
    const large = await write(Buffer.concat(Array.from({ length: 10_000 }, () => text)));
    expect(files('s-')).toHaveLength(1);
    expect(files('f-')).toHaveLength(1);
    expect(new Set(refs.map(({ ref }) => ref)).size).toBe(50);
    for (const { ref } of refs) expect((await read(ref)).equals(text)).toBe(true);
    expect(large.ref).toMatch(/^f-[0-9a-f-]{36}:0:\d+$/);
    for (const name of [...files('s-'), ...files('f-')]) {
      expect(readFileSync(join(folder, name)).includes('financial')).toBe(false);
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    }
  });

  it('begins a new segment when one is full, and one for each process', async () => {
    const bytes = randomBytes(250 * KiB);
    await Promise.all(Array.from({ length: 300 }, () => write(bytes)));
    expect(files('s-')).toHaveLength(2);
    for (const name of files('s-')) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(64 * KiB * KiB);
    const other = await open();
    await other.write(key, inPieces(bytes));
    expect(files('s-')).toHaveLength(3);
    await other.close();
  });

  it('passes on an error of the source and keeps nothing of it', async () => {
    async function* broken(size: number): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(randomBytes(size));
      throw new Error('connection lost');
    }
    await expect(store.write(key, broken(1000))).rejects.toThrow('connection lost');
    await expect(store.write(key, broken(1_000_000))).rejects.toThrow('connection lost');
    expect([...files('s-'), ...files('f-')]).toEqual([]);
    const { ref } = await write(Buffer.from('next'));
    expect((await read(ref)).toString()).toBe('next');
  });

  it('guarantees that a changed bit or a missing end is damage, and another key too', async () => {
    for (const size of [1000, 1_000_000]) {
      const { ref } = await write(randomBytes(size));
      const path = join(folder, `${ref.split(':')[0] ?? ''}.blob`);
      const good = readFileSync(path);
      const bad = Buffer.from(good);
      bad.writeUInt8(bad.readUInt8(500) ^ 1, 500);
      writeFileSync(path, bad);
      await expect(read(ref)).rejects.toMatchObject({ code: 'ERR_BLOB_DAMAGED', kind: 'permanent' });
      writeFileSync(path, good.subarray(0, -1));
      await expect(read(ref)).rejects.toMatchObject({ code: 'ERR_BLOB_DAMAGED' });
      writeFileSync(path, good);
      await read(ref);
      await expect(gather(store.read(new Secret<Uint8Array>(randomBytes(32)), ref))).rejects.toMatchObject({
        code: 'ERR_BLOB_DAMAGED',
      });
      const [segment, , length] = ref.split(':');
      await expect(read(`${segment ?? ''}:1:${length ?? ''}`)).rejects.toMatchObject({ code: 'ERR_BLOB_DAMAGED' });
    }
  });

  it.each([
    '',
    '../../etc/passwd:0:100',
    's-../../x:0:100',
    's-00000000-0000-7000-8000-000000000000/../x:0:100',
    's-00000000-0000-7000-8000-000000000000:-1:100',
    's-00000000-0000-7000-8000-000000000000:0:100:1',
    's-00000000-0000-7000-8000-000000000000:0:100',
    's-00000000-0000-7000-8000-000000000000:0:99999999999999999999',
  ])('says of the reference %j that the blob is missing', async (ref) => {
    await expect(read(ref)).rejects.toMatchObject({ code: 'ERR_BLOB_MISSING', kind: 'permanent' });
  });

  it('tells a missing blob from a folder that is away', async () => {
    const { ref } = await write(randomBytes(1_000_000));
    const later = await open();
    renameSync(folder, `${folder}-away`);
    await expect(read(ref, later)).rejects.toMatchObject({ code: 'ERR_BLOB_UNAVAILABLE', kind: 'temporary' });
    await expect(later.write(key, inPieces(randomBytes(10)))).rejects.toMatchObject({ code: 'ERR_BLOB_UNAVAILABLE' });
    await expect(later.probe()).rejects.toMatchObject({ code: 'ERR_BLOB_UNAVAILABLE' });
    renameSync(`${folder}-away`, folder);
    expect(await read(ref, later)).toHaveLength(1_000_000);
    expect((await later.probe()).freeBytes).toBeGreaterThan(0);
    await store.remove([ref]);
    await expect(read(ref, later)).rejects.toMatchObject({ code: 'ERR_BLOB_MISSING' });
    await later.close();
  });

  it('removes large blobs at once and segments only when nothing in them is wanted', async () => {
    const [small, large] = [await write(randomBytes(10)), await write(randomBytes(1_000_000))];
    await store.remove([small.ref, large.ref, large.ref, 'nonsense']);
    expect(files('f-')).toEqual([]);
    expect(files('s-')).toHaveLength(1);
    const [segment = ''] = small.ref.split(':');

    expect(await store.collect({ liveOf: nothing })).toEqual({ removed: 0 });
    shiftMs = 25 * HOUR_MS;
    expect(await store.collect({ liveOf: (asked) => Promise.resolve(new Set(asked)) })).toEqual({ removed: 0 });
    await expect(store.collect({ liveOf: () => Promise.reject(new Error('database away')) })).rejects.toThrow('away');
    expect(files('s-')).toEqual([`${segment}.blob`]);
    expect(await store.collect({ liveOf: nothing })).toEqual({ removed: 1 });
    expect(files('s-')).toEqual([]);
  });

  it('guarantees that a segment is not written to any more when it is old enough to be collected', async () => {
    await write(randomBytes(10));
    shiftMs = 25 * HOUR_MS;
    await store.collect({ liveOf: nothing });
    const { ref } = await write(Buffer.from('after'));
    const later = await open();
    expect((await read(ref, later)).toString()).toBe('after');
    await later.close();
  });

  it('collects what killed processes left, and no file that is not its own', async () => {
    const old = new Date(Date.now() - 25 * HOUR_MS);
    const [left, orphan] = [
      'f-00000000-0000-7000-8000-000000000001.blob.part',
      'f-00000000-0000-7000-8000-000000000002.blob',
    ];
    for (const name of [left, orphan, 'readme.txt', 'x.blob.part']) {
      writeFileSync(join(folder, name), 'x');
      utimesSync(join(folder, name), old, old);
    }
    expect(await store.collect({ liveOf: nothing })).toEqual({ removed: 2 });
    expect(readdirSync(folder).sort()).toEqual(['readme.txt', 'sealflow-blobs', 'x.blob.part']);
  });

  it('lets go of the source when the reader of a large blob stops', async () => {
    const { ref } = await write(randomBytes(3_000_000));
    for await (const piece of store.read(key, ref)) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    expect(await read(ref)).toHaveLength(3_000_000);
  });
});
