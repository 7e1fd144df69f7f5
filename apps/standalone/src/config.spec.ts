import { join } from 'node:path';
import { ConfigError } from '#lib/adapters';
import { readMigrateConfig, readStandaloneConfig } from './config.js';

describe('readStandaloneConfig', () => {
  it('keeps everything under the data folder unless told otherwise', () => {
    const config = readStandaloneConfig({ SEALFLOW_DATA_DIR: 'some/data' });
    const dataDir = join(process.cwd(), 'some/data');
    expect(config.data.dataDir).toBe(dataDir);
    expect(config.storage).toMatchObject({ blobUrl: `file:${dataDir}/blobs`, kmsUrl: `file:${dataDir}/keys` });
    expect(config.databaseUrl).toBeUndefined();
    expect(config.hasOwnKeys).toBe(true);
    expect(readStandaloneConfig({}).data.dataDir).toBe(join(process.cwd(), '.sealflow'));
    expect(readStandaloneConfig({ SEALFLOW_DATA_DIR: '' }).data.dataDir).toBe(join(process.cwd(), '.sealflow'));
  });

  it('takes what is given', () => {
    const config = readStandaloneConfig({
      SEALFLOW_DATABASE_URL: 'postgresql://a:b@db/x',
      SEALFLOW_KMS_URL: 'file:/keys',
      SEALFLOW_PUBLIC_URL: 'https://mail.clinic.example',
    });
    expect(config.databaseUrl?.reveal()).toBe('postgresql://a:b@db/x');
    expect(config.databaseOwnerUrl).toBeUndefined();
    expect(config).toMatchObject({ hasOwnKeys: false, hasPublicUrl: true });
    expect(config.environment['SEALFLOW_KMS_URL']).toBe('file:/keys');
  });

  it('lists every problem of every setting, also of those that only a child process reads', () => {
    const environment = { SEALFLOW_DATABASE_URL: 'mysql://x', SEALFLOW_METRICS_TOKN: 'x', SEALFLOW_SMTP_PORT: 'x' };
    expect(() => readStandaloneConfig(environment)).toThrow(ConfigError);
    expect(() => readStandaloneConfig(environment)).toThrow(/METRICS_TOKN[\s\S]*SMTP_PORT[\s\S]*DATABASE_URL/);
  });
});

describe('readMigrateConfig', () => {
  it('asks for both roles by name', () => {
    expect(() => readMigrateConfig({})).toThrow(
      /SEALFLOW_DATABASE_URL is needed[\s\S]*SEALFLOW_DATABASE_OWNER_URL is needed/,
    );
  });
});
