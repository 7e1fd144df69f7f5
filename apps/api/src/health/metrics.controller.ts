import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList } from 'node:net';
import { mergeReports } from '#lib/adapters';
import { Open } from '../auth/access.js';
import { WithoutPlatform } from '../auth/without-platform.js';
import { addressOf } from '../http/api-request.js';
import { RefusesOpenly } from '../openapi/answers.js';
import { Platform } from '../platform.js';
import { ApiError } from '../problem/api-error.js';
import { ApiMetrics, gaugesOf } from './api-metrics.js';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Figures of all processes, each under its own name. */
@ApiTags('State')
@Controller('metrics')
@Open('a token of its own, or loopback')
@WithoutPlatform()
export class MetricsController {
  constructor(
    private readonly platform: Platform,
    private readonly metrics: ApiMetrics,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'getMetrics',
    summary: 'Figures for Prometheus',
    description: 'With `SEALFLOW_METRICS_TOKEN` set, `Authorization: Bearer` with it; else only from loopback.',
  })
  @ApiResponse({
    status: 200,
    description: 'Prometheus text.',
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  @RefusesOpenly('ERR_API_KEY_MISSING', 'ERR_METHOD_REFUSED')
  async get(@Req() request: Request, @Res() response: Response): Promise<void> {
    requireReader(request, this.platform.config.metrics.metricsToken?.reveal());
    const { queues, stores, log } = this.platform;
    const away =
      (what: string) =>
      (error: unknown): undefined => {
        log.trouble(what, error);
        return undefined;
      };
    const [depth, waiting, deferredAgeMs, processes] = await Promise.all([
      queues.depth().catch(away('queue depth')),
      stores.housekeeping.waiting().catch(away('outbox')),
      stores.housekeeping.deferredAgeMs().catch(away('deferred')),
      stores.processes.living().catch(away('processes')),
    ]);
    const { processId } = this.platform;
    const own = { id: processId, app: 'api' as const, metrics: await this.metrics.registry.getMetricsAsJSON() };
    const text = await mergeReports([own, ...(processes ?? []).filter(({ id }) => id !== processId)]);
    const gauges = await gaugesOf(asNumbers(depth), waiting, deferredAgeMs).metrics();
    response.type('text/plain; version=0.0.4; charset=utf-8').send(`${text}\n${gauges}`);
  }
}

type Depth = Awaited<ReturnType<Platform['queues']['depth']>>;

function asNumbers(depth: Depth | undefined): Record<string, Record<string, number>> | undefined {
  return depth === undefined
    ? undefined
    : Object.fromEntries(Object.entries(depth).map(([name, states]) => [name, { ...states }]));
}

/** Errors: `ERR_API_KEY_MISSING` (401) where a token is wanted, `ERR_METHOD_REFUSED` (403) for who is not on this machine. */
function requireReader(request: Request, token: string | undefined): void {
  if (token !== undefined) {
    const [scheme = '', given = ''] = (request.headers.authorization ?? '').split(' ');
    const isRight = scheme.toLowerCase() === 'bearer' && timingSafeEqual(digestOf(given), digestOf(token));
    if (!isRight) throw new ApiError('ERR_API_KEY_MISSING');
    return;
  }
  if (!isLocal(request)) throw new ApiError('ERR_METHOD_REFUSED');
}

/** From loopback, and not by a proxy on loopback that nobody said is one: such a request comes from anywhere. */
function isLocal(request: Request): boolean {
  const address = addressOf(request);
  const peer = (request.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  const isForwarded = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
  if (isForwarded && address === peer) return false;
  return loopback.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
