import { Client } from 'pg';
import type { Database } from '#lib/adapters';
import { PostgresServer } from '../support/postgres.js';
import {
  acceptInputOf,
  closeInputOf,
  openRecordDatabase,
  recipientCloseOf,
  type RecordDatabase,
} from '../support/record-ground.js';
import { waitFor } from '../support/wait-for.js';

const AWAY = { code: 'ERR_DATABASE_AWAY', kind: 'temporary' };

describe('the record while the database is away', () => {
  let server: PostgresServer;
  let ground: RecordDatabase;
  let database: Database;
  let errors: unknown[];

  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    errors = [];
    ground = await openRecordDatabase(server, { onError: (error) => errors.push(error), poolMax: 4 });
    ({ database } = ground);
  });
  afterEach(() => ground.close());

  const kept = async () => {
    const input = acceptInputOf(ground.organizationId);
    await database.record.accept(input);
    return input;
  };
  const accept = () => database.record.accept(acceptInputOf(ground.organizationId));

  it('says so, loses nothing that was answered, and goes on when it is back', async () => {
    const message = await kept();
    await server.kill();
    try {
      await expect(accept()).rejects.toMatchObject(AWAY);
      await expect(database.ping()).rejects.toMatchObject(AWAY);
      await expect(database.record.sweep(10)).rejects.toMatchObject(AWAY);
      await expect(database.record.close(closeInputOf(message, []))).rejects.toMatchObject(AWAY);
      await expect(
        database.messages.act(ground.organizationId, message.id, { act: 'release', apiKeyId: 'k' }),
      ).rejects.toMatchObject(AWAY);
    } finally {
      await server.start();
    }
    await waitFor('the record to work again', async () => (await accept()).kind === 'accepted');
    await database.ping();
    expect(await database.record.claim('process', ground.organizationId, [message.id])).toHaveLength(1);
  });

  it('guarantees that claims that ended meanwhile are not taken over before whoever had them is heard', async () => {
    const [held, dead, fresh] = await Promise.all([1, 2, 3].map(() => kept()));
    const claims = await database.record.claim('process', ground.organizationId, [held?.id ?? '', dead?.id ?? '']);
    expect(claims).toHaveLength(2);
    await server.kill();
    try {
      await expect(database.record.sweep(10)).rejects.toMatchObject(AWAY);
    } finally {
      await server.start();
    }
    await waitFor('the record to work again', async () => (await accept()).kind === 'accepted');
    const superuser = new Client({ connectionString: ground.urls.superuserUrl });
    await superuser.connect();
    await superuser.query(`UPDATE sealflow.outbox SET locked_until = now() - interval '1 s' WHERE tries = 1`);
    await superuser.end();
    const ids = [held, dead, fresh].map((one) => one?.id ?? '');
    const claim = async () => (await database.record.claim('process', ground.organizationId, ids)).map(({ id }) => id);
    expect(await claim()).toEqual([fresh?.id]);
    const mine = claims.filter(({ id }) => id === held?.id);
    expect(await database.record.renew(ground.organizationId, mine)).toHaveLength(1);
    await waitFor('the other one to be given out', async () => (await claim()).includes(dead?.id ?? ''));
  });

  it('guarantees that connections that break while nobody uses them end nothing', async () => {
    await Promise.all([1, 2, 3, 4].map(() => database.record.sweep(1)));
    const [row] = await ground.look(
      `SELECT count(pg_terminate_backend(pid))::integer AS count FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'sealflow'`,
    );
    expect(row?.['count']).toBeGreaterThan(0);
    await waitFor('the loss to be noticed', () => errors.length === row?.['count']);
    for (const error of errors) expect(error).toMatchObject(AWAY);
    await waitFor('the record to work again', async () => (await accept()).kind === 'accepted');
  });

  it('guarantees that a batch in flight when the connection breaks is refused as a whole, and can be given again', async () => {
    const inputs = Array.from({ length: 50 }, () => acceptInputOf(ground.organizationId));
    // Holds what accept waits for: the place of one of its messages.
    await ground.look('BEGIN');
    await ground.look(
      `INSERT INTO message (organization_id, id, kind, received_at, mail_from, source, connection, size_bytes, sha256, rule_set, blob)
      VALUES ($1, $2, 'mail', now(), '', 'smtp', '{}', 1, 'x', 'x', 'x')`,
      [ground.organizationId, inputs[7]?.id],
    );
    const outcomes = Promise.allSettled(inputs.map((input) => database.record.accept(input)));
    await waitFor('the batch to wait', async () => {
      const [row] = await ground.look(`SELECT count(pg_terminate_backend(pid))::integer AS count FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'sealflow' AND wait_event_type = 'Lock'`);
      return row?.['count'] === 1;
    });
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: AWAY });
    await ground.look('ROLLBACK');
    expect(await Promise.all(inputs.map((input) => database.record.accept(input)))).toEqual(
      inputs.map(({ id }) => ({ kind: 'accepted', id })),
    );
  });

  it('guarantees that a server that hangs keeps nobody for ever', async () => {
    await database.ping();
    server.signal('SIGSTOP');
    try {
      await expect(database.ping()).rejects.toMatchObject(AWAY);
      await expect(accept()).rejects.toMatchObject(AWAY);
    } finally {
      server.signal('SIGCONT');
    }
    await waitFor('the record to work again', async () => (await accept()).kind === 'accepted');
  }, 60_000);

  it('closes while the server is away', async () => {
    const other = ground.open();
    await other.ping();
    await server.kill();
    try {
      await other.close();
      await expect(other.ping()).rejects.toMatchObject(AWAY);
    } finally {
      await server.start();
    }
  });

  it('finishes what is under way before it closes', async () => {
    const other = ground.open();
    const input = acceptInputOf(ground.organizationId);
    await other.record.accept(input);
    const closing = other.record.close(closeInputOf(input, [recipientCloseOf('ann@customer.example')]));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    await Promise.all([closing, other.close()]);
    expect((await database.messages.find(ground.organizationId, input.id))?.status).toBe('delivered');
  });
});
