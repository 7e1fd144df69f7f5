import { AdapterError } from '#lib/adapters';
import { Failure, sentenceOf } from './failure.js';

describe('sentenceOf', () => {
  it.each<readonly [unknown, string]>([
    [new Failure('Do this.'), 'Do this.'],
    [
      Object.assign(new Error('EACCES: no'), { code: 'EACCES', path: '/x' }),
      '/x cannot be read or written by this user: set SEALFLOW_DATA_DIR to a folder that is yours.',
    ],
    [
      Object.assign(new Error('ENOTDIR'), { code: 'ENOTDIR', path: '/x' }),
      '/x is a file: set SEALFLOW_DATA_DIR to a folder.',
    ],
    [
      Object.assign(new Error('ENOENT'), { code: 'ENOENT', syscall: 'mkdir', path: '/proc/x' }),
      '/proc/x cannot be made: set SEALFLOW_DATA_DIR to a folder that can be.',
    ],
    [Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }), 'The disk is full: make room and start again.'],
    [
      new AdapterError('ERR_KMS_KEY_MISSING', { detail: { key: 'instance' } }),
      'A key of this installation is not where it should be. (ERR_KMS_KEY_MISSING, key: instance; docs/errors.md says more)',
    ],
    ['text', 'text'],
  ])('says what to do of %s', (error, sentence) => {
    expect(sentenceOf(error)).toBe(sentence);
  });
});
