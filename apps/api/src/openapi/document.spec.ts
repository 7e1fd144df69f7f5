import { readFileSync } from 'node:fs';
import type { OpenAPIObject } from '@nestjs/swagger';
import { providers, SCOPES } from '#lib/adapters';
import { problemStatuses } from '../problem/problem-table.js';
import { describeApi, openApiText } from './describe-api.js';

interface Media {
  readonly schema?: object;
  readonly example?: unknown;
  readonly examples?: object;
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly security?: readonly object[];
  readonly 'x-scopes'?: readonly string[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Media>> }>
  >;
}

/** Codes of holds, of entries of `errors`, of pages, and of addresses that are no route. */
const NO_ANSWER =
  /^ERR_(?:(?:MAIL|FIELD|CHARSET|LOOP|KEY|CERTIFICATE)_\w+|MESSAGE_FAILED|QUEUE_UNAVAILABLE|LOGIN_FAILED|ROUTE_UNKNOWN)$/;

describe('The OpenAPI file', () => {
  let document: OpenAPIObject;
  let operations: (readonly [name: string, operation: Operation])[];

  beforeAll(async () => {
    document = await describeApi();
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods as unknown as Record<string, Operation>).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
      ),
    );
  });

  it('is fresh in the repository; `npm run docs` writes it anew', () => {
    expect(openApiText(document)).toBe(readFileSync('openapi.json', 'utf8'));
  });

  it('has every route of the contract', () => {
    const names = operations.map(([name]) => name);
    for (const name of [
      'POST /v1/rules',
      'GET /v1/rules',
      'GET /v1/rules/{id}',
      'PUT /v1/rules/{id}',
      'PATCH /v1/rules/{id}',
      'DELETE /v1/rules/{id}',
      'POST /v1/rules/reorder',
      'GET /v1/rules/{id}/versions',
      'POST /v1/rules/{id}/rollback',
      'POST /v1/rules/evaluate',
      'POST /v1/messages',
      'GET /v1/messages',
      'GET /v1/messages/{id}',
      'GET /v1/messages/{id}/content',
      'POST /v1/messages/{id}/release',
      'POST /v1/messages/{id}/reject',
      'POST /v1/messages/{id}/retry',
      'POST /v1/messages/{id}/rejudge',
      'POST /v1/certificates',
      'GET /v1/certificates',
      'DELETE /v1/certificates/{id}',
      'GET /v1/recipients/{address}/capabilities',
      'POST /v1/connectors',
      'POST /v1/ingest/{provider}/{connectorId}',
      'POST /v1/api-keys',
      'GET /healthz',
      'GET /readyz',
      'GET /metrics',
    ]) {
      expect(names).toContain(name);
    }
  });

  it('says of each route what it does, who may, and how it fails', () => {
    for (const [name, operation] of operations) {
      const { summary, security, responses } = operation;
      expect([name, summary ?? '']).not.toEqual([name, '']);
      const scopes = operation['x-scopes'] ?? [];
      expect([name, scopes.every((scope) => (SCOPES as readonly string[]).includes(scope))]).toEqual([name, true]);
      expect([name, security]).toEqual([name, scopes.length > 0 ? [{ apiKey: [] }] : [{}]]);
      if (scopes.length > 0)
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403', '429', '503']));
    }
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has every status that each provider of webhooks is answered with', () => {
    const [, { responses }] = operations.find(([name]) =>
      name.startsWith('POST /v1/ingest/'),
    ) as (typeof operations)[0];
    for (const { answers } of providers.values()) {
      expect(Object.keys(responses)).toContain(`${answers.accepted}`);
      for (const [code, status] of Object.entries(answers.refused)) {
        expect(responses[status]?.description).toContain(`\`${code}\``);
      }
    }
    expect(Object.keys(responses)).toEqual([
      '200',
      '202',
      '400',
      '401',
      '404',
      '406',
      '408',
      '409',
      '413',
      '415',
      '429',
      '431',
      '500',
      '503',
      '507',
    ]);
  });

  it('has every code with its status on some route, but for those that no route answers', () => {
    const declared = new Set(
      operations.flatMap(([, { responses }]) =>
        Object.entries(responses).flatMap(([status, { description }]) =>
          [...description.matchAll(/^`(ERR_\w+)`/gm)].map(([, code = '']) => `${code} ${status}`),
        ),
      ),
    );
    const missing = problemStatuses
      .filter(([code, status]) => status !== 500 && !declared.has(`${code} ${status}`))
      .filter(([code]) => !NO_ANSWER.test(code));
    expect(missing).toEqual([]);
  });

  it('has an example for every body and every answer', () => {
    const bare: string[] = [];
    for (const [name, { requestBody, responses }] of operations) {
      const medias = [
        ...Object.entries(requestBody?.content ?? {}),
        ...Object.values(responses).flatMap(({ content }) => Object.entries(content ?? {})),
      ];
      for (const [type, { example, examples }] of medias) {
        if (!/json/.test(type)) continue;
        if (example === undefined && Object.keys(examples ?? {}).length === 0) bare.push(`${name} ${type}`);
      }
    }
    expect(bare).toEqual([]);
  });

  it('guarantees that every reference leads somewhere', () => {
    const text = JSON.stringify(document);
    for (const [, pointer = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = pointer
        .split('/')
        .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document);
      expect([pointer, found === undefined]).toEqual([pointer, false]);
    }
    expect(text).not.toMatch(/Dto\b/);
  });
});
