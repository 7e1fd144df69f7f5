import {
  DatabaseConfig,
  LimitsConfig,
  ListenConfig,
  OrganizationConfig,
  PublicConfig,
  RelayConfig,
  SmtpConfig,
} from './blocks.js';
import { ConfigError, readConfig } from './read-config.js';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

function problemsOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  it('takes defaults where nothing is set', () => {
    const { listen, smtp } = readConfig({ listen: ListenConfig, smtp: SmtpConfig }, { SEALFLOW_HTTP_PORT: '' });
    expect(listen.httpPort).toBe(3000);
    expect(smtp.trustedNetworks).toEqual(['127.0.0.0/8', '::1/128']);
  });

  it('lists all problems at once, naming variable and rule', () => {
    const problems = problemsOf(() =>
      readConfig(
        { listen: ListenConfig, database: DatabaseConfig, smtp: SmtpConfig },
        { SEALFLOW_HTTP_PORT: '70000', SEALFLOW_TRUSTED_NETWORKS: '10.0.0.0/33' },
      ),
    );
    expect(problems).toHaveLength(3);
    expect(problems.join('\n')).toMatch(/SEALFLOW_HTTP_PORT.*0 to 65535/);
    expect(problems.join('\n')).toMatch(/SEALFLOW_DATABASE_URL is needed/);
    expect(problems.join('\n')).toMatch(/SEALFLOW_TRUSTED_NETWORKS/);
  });

  it('guarantees that no value is shown, neither in a problem nor in the config itself', () => {
    const environment = { SEALFLOW_DATABASE_URL: 'mysql://root:hunter2@db', SEALFLOW_BOOTSTRAP_API_KEY: 'hunter2' };
    const problems = problemsOf(() =>
      readConfig({ database: DatabaseConfig, organization: OrganizationConfig }, environment),
    );
    expect(problems).toHaveLength(2);
    expect(problems.join('\n')).not.toContain('hunter2');
    const { relay } = readConfig({ relay: RelayConfig }, { SEALFLOW_RELAY_URL: 'smtp://u:hunter2@relay:25' });
    expect(inspect(relay, { depth: 9 }) + JSON.stringify(relay)).not.toContain('hunter2');
    expect(relay.relayUrl?.reveal()).toContain('hunter2');
  });

  it('refuses an unknown name and says the nearest known one', () => {
    const problems = problemsOf(() => readConfig({ listen: ListenConfig }, { SEALFLOW_HTP_PORT: '1' }));
    expect(problems).toEqual([expect.stringContaining('did you mean SEALFLOW_HTTP_PORT')]);
  });

  it('takes the `/` off the end of what paths are put behind', () => {
    const given = { SEALFLOW_PUBLIC_URL: 'https://mail.clinic.example/', SEALFLOW_PORTAL_URL: 'https://x.example/p/' };
    const { portalUrl, publicUrl } = readConfig({ urls: PublicConfig }, given).urls;
    expect([publicUrl, portalUrl]).toEqual(['https://mail.clinic.example', 'https://x.example/p']);
  });

  it('knows every variable in every app, also those it does not read', () => {
    expect(
      problemsOf(() => readConfig({ listen: ListenConfig }, { SEALFLOW_PORTAL_URL: 'https://p.example' })),
    ).toEqual([]);
  });

  it('reads the file that the _FILE twin names, and refuses both at once', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sealflow-config-')), 'value');
    writeFileSync(file, '2048\n');
    const { limits } = readConfig({ limits: LimitsConfig }, { SEALFLOW_MESSAGE_SIZE_MAX_FILE: file });
    expect(limits.messageSizeBytesMax).toBe(2048);
    const both = { SEALFLOW_MESSAGE_SIZE_MAX_FILE: file, SEALFLOW_MESSAGE_SIZE_MAX: '4096' };
    expect(problemsOf(() => readConfig({ limits: LimitsConfig }, both))).toEqual([expect.stringContaining('both set')]);
    const missing = { SEALFLOW_MESSAGE_SIZE_MAX_FILE: `${file}.gone` };
    expect(problemsOf(() => readConfig({ limits: LimitsConfig }, missing))).toEqual([
      expect.stringContaining('cannot be read'),
    ]);
  });
});
