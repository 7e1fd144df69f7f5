import { readdirSync } from 'node:fs';
import { recordContract, type RecordGround } from '../contract/record-contract.js';
import { PostgresServer } from '../support/postgres.js';
import { openRecordDatabase, ruleInputOf } from '../support/record-ground.js';

async function groundOn(server: PostgresServer): Promise<RecordGround> {
  const opened = await openRecordDatabase(server);
  const { database, organizationId } = opened;
  const act = async (name: 'release' | 'rejudge', id: string, recipients: readonly string[]) => {
    const outcome = await database.messages.act(organizationId, id, { act: name, recipients, apiKeyId: 'key' });
    expect(outcome).toMatchObject({ kind: 'done', recipients });
  };
  return {
    record: database.record,
    organizationId,
    postmaster: 'postmaster@example.com',
    now: () => new Date(),
    letTimePass: (milliseconds) => opened.letTimePass(milliseconds),
    publish: async () => {
      await database.rules.create(organizationId, ruleInputOf());
    },
    wake: (id, recipients) => act('release', id, recipients),
    rejudge: (id, recipients) => act('rejudge', id, recipients),
    requestOf: async (id) =>
      (await opened.look('SELECT request FROM notification WHERE id = $1', [id]))[0]?.['request'],
    eventsOf: async (id) => {
      const rows = await opened.look('SELECT type FROM event WHERE message_id = $1 ORDER BY id', [id]);
      return rows.map(({ type }) => String(type));
    },
    judgedOf: async (id) => {
      const judged = await database.messages.judged(organizationId, id);
      if (judged === undefined) throw new Error('no such message');
      return judged;
    },
    traceOf: (id, judging) => database.messages.judgingTrace(organizationId, id, judging),
    close: () => opened.close(),
  };
}

describe('the record in PostgreSQL 18', () => {
  recordContract(async () => groundOn(await PostgresServer.shared()));
});

/** Debian's, the oldest that we run on. */
const PROGRAMS = '/usr/lib/postgresql/15/bin';

function isThere(folder: string): boolean {
  try {
    return readdirSync(folder).includes('postgres');
  } catch {
    return false;
  }
}

const describe15 = isThere(PROGRAMS) ? describe : describe.skip;
describe15('the record in PostgreSQL 15 (skipped where Debian has none)', () => {
  let server: PostgresServer;
  recordContract(async () => {
    server = await PostgresServer.start({ programs: PROGRAMS });
    const ground = await groundOn(server);
    return {
      ...ground,
      close: async () => {
        await ground.close();
        await server.stop();
      },
    };
  });
});
