import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdapterError } from '../errors.js';
import { FileKms } from '../kms/file-kms.js';
import { StartError } from './start-error.js';
import { waitForKeys } from './wait-for-keys.js';

const url = (): string => `file:${join(mkdtempSync(join(tmpdir(), 'sealflow-keys-')), 'keys')}`;

/** A database that answers as it is told, one answer a time; the last one for ever. */
function databaseOf(...answers: readonly (boolean | Error)[]) {
  let turn = 0;
  return {
    ping: () => Promise.resolve(),
    organizations: {
      hasAny: () => {
        const answer = answers[Math.min(turn, answers.length - 1)] ?? false;
        turn += 1;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
  };
}

describe('waitForKeys', () => {
  const waits: string[] = [];
  const run = (database: ReturnType<typeof databaseOf>, kmsUrl: string, signal = new AbortController().signal) =>
    waitForKeys({ database, kmsUrl, signal, onWait: (what, error) => waits.push(error?.code ?? what) });

  beforeEach(() => {
    waits.length = 0;
  });

  it('waits for the database, then for the first organization, saying each once', async () => {
    const kmsUrl = url();
    await FileKms.open(kmsUrl, { mayCreate: true });
    const away = new AdapterError('ERR_DATABASE_AWAY');
    const kms = await run(databaseOf(away, away, false, false, true), kmsUrl);
    expect(kms).toBeInstanceOf(FileKms);
    expect(waits).toEqual(['ERR_DATABASE_AWAY', 'organization']);
  });

  it('stops waiting when told to end', async () => {
    const end = new AbortController();
    const waiting = run(databaseOf(false), url(), end.signal);
    end.abort();
    expect(await waiting).toBeUndefined();
  });

  it('guarantees that keys which are lost are not made anew', async () => {
    await expect(run(databaseOf(true), url())).rejects.toThrow(/SEALFLOW_KMS_URL .*bring back its backup/);
  });

  it.each([
    [new AdapterError('ERR_DATABASE_ROLE'), /SEALFLOW_DATABASE_URL .*may do more/],
    [new AdapterError('ERR_DATABASE_FAILED', { detail: { sqlState: '28P01' } }), /user and password/],
  ])('does not wait for what time does not mend (%s)', async (error, expected) => {
    const failed = await run(databaseOf(error), url()).catch((one: unknown) => one);
    expect(failed).toBeInstanceOf(StartError);
    expect(String(failed)).toMatch(expected);
  });

  it('passes on what is none of ours', async () => {
    await expect(run(databaseOf(new TypeError('a defect')), url())).rejects.toThrow('a defect');
  });
});
