import { Controller, Get, HttpCode, Res } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Open } from '../auth/access.js';
import { WithoutPlatform } from '../auth/without-platform.js';
import { Answers, RefusesOpenly } from '../openapi/answers.js';
import { ReadinessProbe, type Readiness } from './readiness.js';
import type { Plain } from '../http/plain.js';

class HealthDto {
  @ApiProperty({ enum: ['ok'] })
  status!: string;
}

class CheckDto {
  @ApiProperty()
  ok!: boolean;

  @ApiProperty({ description: 'What is wrong.' })
  detail!: string;
}

class RelayCheckDto extends CheckDto {
  @ApiPropertyOptional({
    enum: [true],
    description: 'It is configured, but was not reached when it was last wanted: mail waits. `detail` says why.',
  })
  failing?: true;
}

class ChecksDto {
  @ApiProperty({ type: () => CheckDto })
  database!: CheckDto;

  @ApiProperty({ type: () => CheckDto })
  queue!: CheckDto;

  @ApiProperty({ type: () => CheckDto, description: 'An SMTP door runs.' })
  smtp!: CheckDto;

  @ApiProperty({ type: () => CheckDto, description: 'A worker runs.' })
  worker!: CheckDto;

  @ApiProperty({ type: () => RelayCheckDto, description: 'A relay is configured.' })
  relay!: RelayCheckDto;
}

class ReadinessDto {
  @ApiProperty({ enum: ['ready', 'notReady'] })
  status!: string;

  @ApiProperty({ type: () => ChecksDto })
  checks!: ChecksDto;
}

const works = { ok: true, detail: 'works' };
const ready = {
  status: 'ready',
  checks: { database: works, queue: works, smtp: works, worker: works, relay: { ok: true, detail: 'configured' } },
};
const notReady = {
  status: 'notReady',
  checks: { ...ready.checks, relay: { ok: false, detail: 'SEALFLOW_RELAY_URL is not set: mail waits' } },
};

@ApiTags('State')
@Controller()
@Open('whoever watches over it has no key')
@WithoutPlatform()
export class HealthController {
  constructor(private readonly probe: ReadinessProbe) {}

  @Get('healthz')
  @ApiOperation({ operationId: 'getHealth', summary: 'Say that this process runs' })
  @Answers(200, HealthDto, { description: 'It runs.', example: { status: 'ok' } })
  @RefusesOpenly()
  health(): Plain<HealthDto> {
    return { status: 'ok' };
  }

  @Get('readyz')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'getReadiness',
    summary: 'Say whether mail can walk the whole line',
    description:
      '200 only if database, queue, SMTP door and worker work and a relay is configured. Held mail does not matter, nor whether the relay is there: where it was not when it was last wanted, the check says `failing`.',
  })
  @RefusesOpenly()
  @Answers(200, ReadinessDto, { description: 'All works.', example: ready })
  @Answers(503, ReadinessDto, { description: 'Something does not; `checks` says what.', example: notReady })
  async readiness(@Res({ passthrough: true }) response: Response): Promise<Readiness> {
    const readiness = await this.probe.ask();
    if (readiness.status === 'ready') return readiness;
    response.status(503).setHeader('Retry-After', 5);
    return readiness;
  }
}
