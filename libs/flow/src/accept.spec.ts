import { createHash, randomBytes } from 'node:crypto';
import { fixedClock } from '#lib/core';
import { accept, acceptNotice, type AcceptPorts } from './accept.js';
import { collect } from './byte-streams.js';
import { Enqueuer } from './enqueuer.js';
import { InMemoryBlobs } from './fakes/in-memory-blobs.js';
import { InMemoryKms } from './fakes/in-memory-kms.js';
import { InMemoryQueue } from './fakes/in-memory-queue.js';
import { InMemoryRecord } from './fakes/in-memory-record.js';
import { acceptedOf } from './fakes/samples.js';
import type { Incoming } from './message.js';

const LIMITS = { sizeBytesMax: 1_000 };

interface World extends AcceptPorts {
  readonly record: InMemoryRecord;
  readonly blobs: InMemoryBlobs;
  readonly kms: InMemoryKms;
  readonly queue: InMemoryQueue;
}

function worldOf(): World {
  const clock = fixedClock('2026-11-24T12:00:00Z');
  const record = new InMemoryRecord({ clock, ruleSet: () => 'a-hash', postmaster: 'postmaster@example.com' });
  const queue = new InMemoryQueue();
  const enqueue = new Enqueuer(queue, { onError: () => undefined });
  return { record, blobs: new InMemoryBlobs(), kms: new InMemoryKms(), queue, enqueue, clock, random: randomBytes };
}

function incomingOf(
  pieces: readonly string[] | AsyncIterable<Uint8Array>,
  more: Partial<Incoming> & { readonly source?: 'smtp' | 'rest' | 'webhook' } = {},
): Incoming {
  const { organizationId, connection } = acceptedOf({ connection: { source: more.source ?? 'smtp' } });
  const body = Array.isArray(pieces) ? streamOf(pieces as readonly string[]) : (pieces as AsyncIterable<Uint8Array>);
  return {
    organizationId,
    envelope: {
      mailFrom: 'sue@example.com',
      rcptTo: [{ address: 'ann@customer.example', notify: null, orcpt: null }],
      dsnReturn: null,
      envid: null,
    },
    connection,
    body,
    ...more,
  };
}

async function* streamOf(pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    await Promise.resolve();
    yield Buffer.from(piece);
  }
}

describe('accept', () => {
  it('keeps the bytes under a key of their own, with size and digest, then the row, then tells the queue ids only', async () => {
    const world = worldOf();
    const outcome = await accept(world, incomingOf(['Subject: x\r\n', '\r\nbody']), LIMITS);
    if (outcome.kind !== 'accepted') throw new Error('not accepted');
    const { input } = world.record.message(outcome.id);
    const key = await world.kms.openDataKey(input.organizationId, input.wrappedKey);
    const bytes = await collect(world.blobs.read(key, input.blob));
    expect(bytes.toString()).toBe('Subject: x\r\n\r\nbody');
    expect(input).toMatchObject({
      kind: 'mail',
      sizeBytes: 18,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    await world.enqueue.idle();
    expect(world.queue.jobs).toEqual([{ queue: 'process', organizationId: input.organizationId, ids: [outcome.id] }]);
  });

  it('guarantees that a message whose blob cannot be kept is not accepted', async () => {
    const world = worldOf();
    world.blobs.writeFailures.push(new Error('disk full'));
    await expect(accept(world, incomingOf(['x']), LIMITS)).rejects.toThrow('disk full');
    expect(world.record.messages.size).toBe(0);
    expect(world.record.outbox.size).toBe(0);
  });

  it('guarantees that a message whose row cannot be written is not accepted, nor told to the queue', async () => {
    const world = worldOf();
    world.record.failures.set('accept', [new Error('database away')]);
    await expect(accept(world, incomingOf(['x']), LIMITS)).rejects.toThrow('database away');
    await world.enqueue.idle();
    expect(world.queue.jobs).toEqual([]);
  });

  it('stands by what it said when the queue is away: the outbox row waits for the sweeper', async () => {
    const world = worldOf();
    world.queue.failures.push(new Error('queue away'));
    const outcome = await accept(world, incomingOf(['x']), LIMITS);
    await world.enqueue.idle();
    expect(outcome.kind).toBe('accepted');
    expect(await world.record.sweep(10)).toHaveLength(1);
  });

  it('refuses what is too large as soon as it is, without reading on', async () => {
    const world = worldOf();
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 100;
        await Promise.resolve();
        yield Buffer.alloc(100, 'x');
      }
    }
    await expect(accept(world, incomingOf(endless()), LIMITS)).rejects.toMatchObject({
      code: 'ERR_MESSAGE_TOO_LARGE',
      kind: 'invalid',
    });
    expect(given).toBe(1_100);
    expect(world.blobs.blobs.size).toBe(0);
  });

  it('takes a message of exactly the limit', async () => {
    expect((await accept(worldOf(), incomingOf(['x'.repeat(1_000)]), LIMITS)).kind).toBe('accepted');
  });

  it.each(['rest', 'webhook'] as const)('makes each line end CRLF of what comes by %s', async (source) => {
    const world = worldOf();
    await accept(world, incomingOf(['a\nb\r', '\nc\rd\r\n'], { source }), LIMITS);
    expect([...world.blobs.blobs.values()].map(({ bytes }) => bytes.toString())).toEqual(['a\r\nb\r\nc\r\nd\r\n']);
  });

  it('leaves what came by SMTP as it is', async () => {
    const world = worldOf();
    await accept(world, incomingOf(['a\nb']), LIMITS);
    expect([...world.blobs.blobs.values()].map(({ bytes }) => bytes.toString())).toEqual(['a\nb']);
  });

  it('gives the same id for a repeat and has no second effect; another body is a conflict', async () => {
    const world = worldOf();
    const idempotency = { scope: 'rest', key: 'once' };
    const first = await accept(world, incomingOf(['x'], { idempotency }), LIMITS);
    if (first.kind !== 'accepted') throw new Error('not accepted');
    const again = await accept(world, incomingOf(['x'], { idempotency }), LIMITS);
    expect(again).toEqual({ kind: 'repeated', id: first.id });
    expect(await accept(world, incomingOf(['y'], { idempotency }), LIMITS)).toEqual({ kind: 'conflict' });
    await world.enqueue.idle();
    expect(world.queue.jobs.flatMap(({ ids }) => ids)).toEqual([first.id]);
  });
});

describe('acceptNotice', () => {
  it('accepts a notice of ours from the null sender, about which nothing is told, under its derived id', async () => {
    const world = worldOf();
    const notice = {
      id: '00000000-0000-8000-8000-00000000000b',
      organizationId: acceptedOf().organizationId,
      rcptTo: 'sue@example.com',
      bytes: Buffer.from('Subject: no\r\n\r\n'),
      closesNotify: 'a-request',
    };
    expect(await acceptNotice(world, notice)).toEqual({ kind: 'accepted', id: notice.id });
    expect(world.record.message(notice.id).input).toMatchObject({
      kind: 'notice',
      closesNotify: 'a-request',
      envelope: { mailFrom: '', rcptTo: [{ address: 'sue@example.com', notify: 'NEVER', orcpt: null }] },
    });
    expect((await acceptNotice(world, notice)).kind).toBe('repeated');
  });
});
