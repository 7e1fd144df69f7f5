import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StandaloneProcess } from '../support/standalone-process.js';

describe('npm start says in a sentence why it cannot', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sealflow-refused-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function refusal(environment: Readonly<Record<string, string>> = {}): Promise<string> {
    const standalone = await StandaloneProcess.create({ dataDir: join(folder, 'data'), environment });
    standalone.start();
    expect(await standalone.ended()).toBe(1);
    expect(standalone.output).not.toMatch(/\n\s+at \S+ \(/);
    return standalone.output;
  }

  it.each(['SEALFLOW_HTTP_PORT', 'SEALFLOW_SMTP_PORT'])('a taken port: it names %s', async (variable) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const said = await refusal({ [variable]: `${port}` });
    server.close();
    expect(said).toBe(`Port ${port} is taken by another program: set ${variable} to a free one.\n`);
  });

  it('an address that is not of this machine', async () => {
    expect(await refusal({ SEALFLOW_HOST: '192.0.2.1' })).toMatch(
      /set SEALFLOW_HOST to an address of this machine\.\n$/,
    );
  });

  it('settings that are wrong: all at once, with the nearest name for an unknown one', async () => {
    const said = await refusal({ SEALFLOW_RETENTION_DAYS: 'x', SEALFLOW_HTP_PORT: '1', SEALFLOW_RELAY_URL: 'ftp://x' });
    expect(said).toContain('SEALFLOW_HTP_PORT is not a setting of Sealflow; did you mean SEALFLOW_HTTP_PORT?');
    expect(said).toContain('SEALFLOW_RETENTION_DAYS');
    expect(said).toContain('SEALFLOW_RELAY_URL');
  });

  it('a data folder that cannot be one', async () => {
    writeFileSync(join(folder, 'file'), '');
    const said = await refusal({ SEALFLOW_DATA_DIR: join(folder, 'file') });
    expect(said).toMatch(/^\S+ is a file: set SEALFLOW_DATA_DIR to a folder\.\n$/);
  });

  it('a database that does not answer', async () => {
    const url = 'postgresql://nobody:secret-of-mine@127.0.0.1:1/none';
    const said = await refusal({ SEALFLOW_DATABASE_URL: url, SEALFLOW_DATABASE_OWNER_URL: url });
    expect(said).toMatch(/ERR_DATABASE_AWAY/);
    expect(said).not.toContain('secret-of-mine');
  });
});
