import { readFileSync } from 'node:fs';
import { NotFoundException, PayloadTooLargeException } from '@nestjs/common';
import { AdapterError } from '#lib/adapters';
import { AppError } from '#lib/core';
import { RULE_PROBLEM_CODES } from '#lib/rules';
import { ApiError, apiErrorCodes, apiErrorText, invalid } from './api-error.js';
import { errorText } from './error-text.js';
import { parseErrorPage } from './error-page.js';
import { problemStatuses } from './problem-table.js';
import { problemOf } from './problem.js';

const SECRET = 'the body of a message';

describe('problemOf', () => {
  it('shows a code, its sentence and its status, and where to read about it', () => {
    expect(problemOf(new ApiError('ERR_RESOURCE_UNKNOWN'))).toEqual({
      problem: {
        type: '/problems/ERR_RESOURCE_UNKNOWN',
        title: apiErrorText('ERR_RESOURCE_UNKNOWN'),
        status: 404,
        detail: apiErrorText('ERR_RESOURCE_UNKNOWN'),
        code: 'ERR_RESOURCE_UNKNOWN',
      },
    });
  });

  it('shows every problem of a request, the first one in words', () => {
    const one = { pointer: '/name', code: 'ERR_PROPERTY_MISSING', message: 'is needed' };
    const { problem } = problemOf(invalid(one, { ...one, pointer: '/x' }));
    expect(problem).toMatchObject({
      status: 422,
      detail: '/name: is needed (and 1 more)',
      errors: [one, { pointer: '/x' }],
    });
  });

  it.each([
    ['ERR_JSON_MALFORMED', 400, ''],
    ['ERR_REQUEST_MALFORMED', 400, ''],
    ['ERR_IF_MATCH_MALFORMED', 400, '/If-Match'],
    ['ERR_CURSOR_INVALID', 422, '/cursor'],
    ['ERR_IDEMPOTENCY_CONFLICT', 422, '/Idempotency-Key'],
    ['ERR_WEBHOOK_MALFORMED', 400, ''],
  ] as const)('guarantees that bad input has at least one problem: %s', (code, status, pointer) => {
    const message = errorText(code);
    expect(problemOf(new AppError(code, { kind: 'invalid', publicText: message })).problem).toMatchObject({
      status,
      detail: pointer === '' ? message : `${pointer}: ${message}`,
      errors: [{ pointer, code, message }],
    });
  });

  it('says it of every code that the table calls bad input, of whatever library', () => {
    for (const [code, status] of problemStatuses) {
      const { errors } = problemOf(new AppError(code, { kind: 'invalid', publicText: SECRET })).problem;
      expect([code, errors?.length]).toEqual([code, status === 400 || status === 422 ? 1 : undefined]);
    }
  });

  it('says when to come again, where that helps', () => {
    expect(problemOf(new AdapterError('ERR_DATABASE_AWAY'))).toMatchObject({
      problem: { status: 503 },
      retryAfterSeconds: 5,
    });
    expect(problemOf(new AdapterError('ERR_BLOB_DISK_FULL'))).toMatchObject({
      problem: { status: 507 },
      retryAfterSeconds: 5,
    });
    expect(problemOf(new ApiError('ERR_RATE_EXCEEDED', { retryAfterSeconds: 30 })).retryAfterSeconds).toBe(30);
    expect(problemOf(new ApiError('ERR_RESOURCE_UNKNOWN')).retryAfterSeconds).toBeUndefined();
  });

  it.each([
    [new NotFoundException(SECRET), 404, 'ERR_ROUTE_UNKNOWN'],
    [new PayloadTooLargeException(SECRET), 413, 'ERR_BODY_TOO_LARGE'],
    [new URIError(SECRET), 400, 'ERR_REQUEST_MALFORMED'],
    [new Error(SECRET), 500, 'ERR_SERVER_FAILED'],
    [SECRET, 500, 'ERR_SERVER_FAILED'],
    [undefined, 500, 'ERR_SERVER_FAILED'],
  ])('guarantees that nothing from inside is shown: %p', (error, status, code) => {
    const { problem } = problemOf(error);
    expect([problem.status, problem.code]).toEqual([status, code]);
    expect(JSON.stringify(problem)).not.toContain(SECRET);
  });

  it('takes the status that a provider wants', () => {
    expect(problemOf(new ApiError('ERR_WEBHOOK_SIGNATURE', { status: 406 })).problem.status).toBe(406);
  });
});

describe('docs/errors.md', () => {
  const page = parseErrorPage(readFileSync('docs/errors.md', 'utf8'));

  it.each([...apiErrorCodes, 'ERR_PROPERTY_READ_ONLY', ...RULE_PROBLEM_CODES])('says what %s means', (code) => {
    expect(page.get(code)?.join(' ').length ?? 0).toBeGreaterThan(20);
  });

  it('says it of every code that has a status', () => {
    expect(problemStatuses.map(([code]) => code).filter((code) => !page.has(code))).toEqual([]);
  });
});
