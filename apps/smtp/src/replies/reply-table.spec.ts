import { readFileSync } from 'node:fs';
import { AppError } from '#lib/core';
import { AdapterError } from '#lib/adapters';
import { FlowError } from '#lib/flow';
import { DoorError, doorErrorCodes } from './door-error.js';
import { refusalOf } from './reply-table.js';

describe('refusalOf', () => {
  it.each([
    [new AdapterError('ERR_BLOB_DISK_FULL'), '452 4.3.1 There is no room to store the message just now.'],
    [new AdapterError('ERR_DATABASE_AWAY'), '451 4.3.0 The database cannot be reached just now.'],
    [new FlowError('ERR_MESSAGE_TOO_LARGE'), '552 5.3.4 The message is larger than this server takes.'],
    [new DoorError('ERR_RELAY_DENIED'), '550 5.7.1 Relaying denied.'],
    [new TypeError('secret'), '451 4.3.0 Not possible just now; try again later.'],
    ['no error at all', '451 4.3.0 Not possible just now; try again later.'],
    [new AppError('ERR_OTHER', { kind: 'bug', publicText: 'x' }), '451 4.3.0 Not possible just now; try again later.'],
  ])('%s', (error, expected) => {
    const { responseCode, message } = refusalOf(error);
    expect(`${responseCode} ${message}`).toBe(expected);
  });

  it('answers temporary errors of the door with 4, others with 5', () => {
    for (const code of doorErrorCodes) {
      const error = new DoorError(code);
      expect(`${code} ${refusalOf(error).responseCode}`).toMatch(error.kind === 'temporary' ? / 4\d\d$/ : / 5\d\d$/);
    }
  });
});

describe('docs/errors.md', () => {
  it('has a heading for each code of the door', () => {
    const page = readFileSync('docs/errors.md', 'utf8');
    for (const code of doorErrorCodes) expect(page).toContain(`\n## ${code}\n`);
  });
});
