import { AdapterError } from '../errors.js';
import { asDatabaseError, isConnectionBroken, isOfWholeDatabase } from './database-error.js';

const pgError = (code: string, more: object = {}) =>
  Object.assign(new Error('value "ann@customer.example" is wrong'), {
    code,
    detail: 'Key (address)=(ann@customer.example)',
    ...more,
  });

describe('asDatabaseError', () => {
  it.each([
    ['08006', 'ERR_DATABASE_AWAY'],
    ['57P01', 'ERR_DATABASE_AWAY'],
    ['57P03', 'ERR_DATABASE_AWAY'],
    ['53300', 'ERR_DATABASE_AWAY'],
    ['0A000', 'ERR_DATABASE_AWAY'],
    ['ECONNREFUSED', 'ERR_DATABASE_AWAY'],
    ['ECONNRESET', 'ERR_DATABASE_AWAY'],
    ['ETIMEDOUT', 'ERR_DATABASE_AWAY'],
    ['53100', 'ERR_DATABASE_FULL'],
    ['40P01', 'ERR_DATABASE_BUSY'],
    ['57014', 'ERR_DATABASE_BUSY'],
    ['55P03', 'ERR_DATABASE_BUSY'],
    ['42P01', 'ERR_DATABASE_UNMIGRATED'],
    ['22P05', 'ERR_DATABASE_VALUE'],
    ['54000', 'ERR_DATABASE_VALUE'],
    ['23505', 'ERR_DATABASE_FAILED'],
    ['42501', 'ERR_DATABASE_FAILED'],
    ['28P01', 'ERR_DATABASE_AWAY'],
  ])('says of %s that it is %s', (code, expected) => {
    expect(asDatabaseError(pgError(code)).code).toBe(expected);
  });

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Cannot use a pool after calling end on the pool',
  ])('knows "%s"', (text) => {
    expect(asDatabaseError(new Error(text)).code).toBe('ERR_DATABASE_AWAY');
    expect(isConnectionBroken(new Error(text))).toBe(true);
  });

  it('guarantees that nothing of a row goes along', () => {
    const error = asDatabaseError(pgError('23505', { table: 'message', constraint: 'message_pkey' }), 'accept');
    expect(error.detail).toEqual({
      sqlState: '23505',
      table: 'message',
      constraint: 'message_pkey',
      statement: 'accept',
    });
    expect(JSON.stringify([error, error.message, error.cause, error.detail])).not.toContain('ann@');
  });

  it('passes on what is ours', () => {
    const error = new AdapterError('ERR_CURSOR_INVALID');
    expect(asDatabaseError(error)).toBe(error);
  });

  it('knows which errors are about one value, and which about all', () => {
    expect(['22P02', '23505'].map((code) => isOfWholeDatabase(pgError(code)))).toEqual([false, false]);
    expect(['08006', '53100', '40P01', '42P01'].map((code) => isOfWholeDatabase(pgError(code)))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(isOfWholeDatabase(new AdapterError('ERR_DATABASE_VALUE'))).toBe(false);
    expect(isOfWholeDatabase(new AdapterError('ERR_DATABASE_ROLE'))).toBe(true);
  });
});
