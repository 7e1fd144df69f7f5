import { welcome } from './welcome.js';

const usual = {
  url: 'http://localhost:3000',
  smtp: '127.0.0.1:2525',
  dataDir: '/data',
  hasRelay: true,
  hasDomains: true,
  firstKey: undefined,
};

describe('welcome', () => {
  it('leads to everything that runs, and says no more where nothing is missing', () => {
    expect(welcome(usual)).toBe(
      '\n  start page   http://localhost:3000/\n  API          http://localhost:3000/v1, described at http://localhost:3000/docs\n' +
        '  queues       http://localhost:3000/queues\n  SMTP door    127.0.0.1:2525\n  data, logs   /data\n',
    );
  });

  it('names the variable of a relay that is missing', () => {
    expect(welcome({ ...usual, hasRelay: false })).toContain('Set SEALFLOW_RELAY_URL');
  });

  it('shows a new key, and what to do when there is no domain', () => {
    expect(welcome({ ...usual, firstKey: 'sf_x' })).toMatch(/shown this once:\n {4}sf_x\n$/);
    expect(welcome({ ...usual, firstKey: 'sf_x', hasDomains: false })).toContain('SEALFLOW_ORG_DOMAINS was not set');
    expect(welcome({ ...usual, hasDomains: false })).not.toContain('SEALFLOW_ORG_DOMAINS');
  });
});
