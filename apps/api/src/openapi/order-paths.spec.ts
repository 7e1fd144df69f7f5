import { orderPaths } from './order-paths.js';

describe('orderPaths', () => {
  it('has the list first, then one, then what is done besides; the state last', () => {
    const some = { delete: {}, get: {}, post: {}, put: {} };
    const ordered = orderPaths({
      '/healthz': { get: {} },
      '/v1/rules/reorder': { post: {} },
      '/v1/rules/{id}/versions': { get: {} },
      '/v1/rules/evaluate': { post: {} },
      '/v1/rules': some,
      '/v1/rules/{id}': some,
      '/v1/messages': some,
    });
    expect(Object.keys(ordered)).toEqual([
      '/v1/rules',
      '/v1/rules/{id}',
      '/v1/rules/reorder',
      '/v1/rules/evaluate',
      '/v1/rules/{id}/versions',
      '/v1/messages',
      '/healthz',
    ]);
    expect(Object.keys(ordered['/v1/rules'] ?? {})).toEqual(['get', 'post', 'put', 'delete']);
  });
});
