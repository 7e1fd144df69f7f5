import { isAllowed } from './allowed-requests.js';

describe('isAllowed', () => {
  it.each([
    ['GET', '/'],
    ['HEAD', '/'],
    ['GET', '/queue/process'],
    ['GET', '/queue/process/some-job'],
    ['GET', '/static/js/main.f10757109b.js'],
    ['GET', '/api/queues'],
    ['GET', '/api/queues/process/some-job'],
    ['GET', '/api/queues/process/some-job/logs'],
    ['PUT', '/api/queues/process/some-job/retry'],
    ['PUT', '/api/queues/process/some-job/promote'],
    ['PUT', '/api/queues/process/retry/failed'],
    ['PUT', '/api/queues/process/promote'],
  ])('lets through %s %s', (method, path) => expect(isAllowed(method, path)).toBe(true));

  it.each([
    ['PUT', '/api/queues/process/retry/completed'],
    ['PUT', '/api/queues/process/clean/failed'],
    ['PUT', '/api/queues/process/empty'],
    ['PUT', '/api/queues/process/pause'],
    ['PUT', '/api/queues/pause'],
    ['PUT', '/api/queues/resume'],
    ['PUT', '/api/queues/process/obliterate'],
    ['PUT', '/api/queues/process/concurrency'],
    ['PUT', '/api/queues/process/some-job/clean'],
    ['PATCH', '/api/queues/process/some-job/update-data'],
    ['POST', '/api/queues/process/add'],
    ['DELETE', '/api/queues/process/some-job'],
    ['POST', '/api/queues/process/promote'],
    ['GET', '/static/../../package.json'],
    ['GET', '/static/'],
    ['PUT', '/api/queues/process/x/y/retry'],
    ['PUT', '/API/queues/process/promote/'],
  ])('refuses %s %s', (method, path) => expect(isAllowed(method, path)).toBe(false));
});
