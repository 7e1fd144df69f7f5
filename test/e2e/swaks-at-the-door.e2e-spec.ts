import { execFile } from 'node:child_process';
import { AppProcess, Ground } from '../support/app-process.js';
import { describeWith } from '../support/tools.js';

/** What swaks said, and whether it was content. */
interface Talk {
  readonly isWell: boolean;
  readonly text: string;
}

describeWith(['swaks'], 'The SMTP door, as swaks sees it', () => {
  let ground: Ground;
  let door: AppProcess;
  let strict: AppProcess;
  let keyId: string;

  beforeAll(async () => {
    ground = await Ground.make();
    door = await AppProcess.start('smtp', ground.environment);
    strict = await AppProcess.start('smtp', { ...ground.environment, SEALFLOW_TRUSTED_NETWORKS: '192.0.2.0/24' });
    const keys = await ground.database.apiKeys.list(ground.organizationId, { limit: 1, cursor: null });
    keyId = keys.items[0]?.id ?? '';
  }, 60_000);

  afterAll(async () => {
    await Promise.all([door.end(), strict.end()]);
    await ground.remove();
  });

  function swaks({ port }: AppProcess, ...more: readonly string[]): Promise<Talk> {
    const args = ['--server', `127.0.0.1:${port}`, '--timeout', '20', ...more];
    return new Promise((resolve) => {
      execFile('swaks', args, (error, stdout) => resolve({ isWell: error === null, text: stdout }));
    });
  }

  const ours = ['--from', 'ann@clinic.example', '--to', 'bob@customer.example'];

  it('takes a message, and says under which id', async () => {
    const { isWell, text } = await swaks(door, ...ours);
    expect(isWell).toBe(true);
    expect(text).toMatch(/<- {2}250 2\.0\.0 [0-9a-f-]{36} accepted/);
  });

  it.each(['PLAIN', 'LOGIN'])('takes an API key with AUTH %s over TLS', async (method) => {
    const credentials = ['--tls', '--auth', method, '--auth-user', keyId, '--auth-password', ground.apiKey];
    const { isWell, text } = await swaks(strict, ...ours, ...credentials);
    expect(text).toMatch(/235 2\.7\.0/);
    expect(isWell).toBe(true);
  });

  it('refuses a wrong key, and a key in clear', async () => {
    const wrong = ['--auth', 'PLAIN', '--auth-user', keyId, '--auth-password', 'wrong'];
    expect((await swaks(strict, ...ours, '--tls', ...wrong)).text).toMatch(/535 5\.7\.8/);
    const clear = await swaks(strict, ...ours, ...wrong);
    expect(clear.isWell).toBe(false);
    expect(clear.text).not.toMatch(/AUTH PLAIN [A-Za-z0-9+/=]{8}/);
  });

  it('relays for nobody else', async () => {
    expect((await swaks(strict, ...ours)).text).toMatch(/550 5\.7\.1/);
    const foreign = ['--from', 'eve@elsewhere.example', '--to', 'bob@customer.example'];
    expect((await swaks(door, ...foreign)).text).toMatch(/550 5\.7\.1/);
    expect((await swaks(door, '--from', '<>', '--to', 'it@clinic.example')).isWell).toBe(true);
  });

  it('speaks pipelined, and to many recipients', async () => {
    const many = Array.from({ length: 50 }, (_, n) => `r${n}@customer.example`).join(',');
    const { isWell, text } = await swaks(door, '--from', 'ann@clinic.example', '--to', many, '--pipeline');
    expect(isWell).toBe(true);
    expect(text.match(/250 2\.1\.5/g)).toHaveLength(50);
  });
});
