import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { ApiKey, Page, StoredRule, WriteMiss } from '#lib/adapters';
import { validateRule, type RuleInput } from '#lib/rules';
import { NeedsScope } from '../auth/access.js';
import { Caller } from '../http/api-request.js';
import { etagOf, expectedVersion, requireIfMatch } from '../http/etag.js';
import { TakesJson } from '../http/json-body.js';
import { mergePatch } from '../http/merge-patch.js';
import { PageQueryDto, pageOf } from '../http/page-query.dto.js';
import { withoutReadOnly } from '../http/read-only.js';
import { resourceId, there } from '../http/resource-id.js';
import { Answers, NeedsIfMatch, NO_JSON, NO_PAGE, Refuses } from '../openapi/answers.js';
import { Platform } from '../platform.js';
import { ApiError, invalid, type RequestProblem } from '../problem/api-error.js';
import { ruleExample, ruleInputExample, ruleListExample } from './rule-examples.js';
import { RuleDto, RuleInputDto, RuleListDto } from './rule.dto.js';

const READ_ONLY = ['id', 'version', 'createdAt', 'updatedAt'];

@ApiTags('Rules')
@Controller('v1/rules')
export class RulesController {
  constructor(private readonly platform: Platform) {}

  @Get()
  @NeedsScope('rules:read')
  @ApiOperation({
    operationId: 'listRules',
    summary: 'List rules',
    description: 'By priority, the one that is asked first at the top.',
  })
  @Answers(200, RuleListDto, { description: 'A page of rules.', example: ruleListExample })
  @Refuses(...NO_PAGE)
  async list(@Caller() caller: ApiKey, @Query() query: PageQueryDto): Promise<Page<StoredRule>> {
    return await this.platform.stores.rules.list(caller.organizationId, pageOf(query));
  }

  @Post()
  @TakesJson()
  @NeedsScope('rules:write')
  @ApiOperation({
    operationId: 'createRule',
    summary: 'Make a rule',
    description: 'A new rule set is in force at once, for mail accepted from then on.',
  })
  @ApiBody({ type: RuleInputDto, examples: { rule: { value: ruleInputExample } } })
  @Answers(201, RuleDto, { description: 'The rule.', example: ruleExample, headers: ['ETag', 'Location'] })
  @Refuses(...NO_JSON)
  async create(
    @Caller() caller: ApiKey,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StoredRule> {
    const rule = await this.platform.stores.rules.create(caller.organizationId, readRule(body));
    response.setHeader('Location', `/v1/rules/${rule.id}`);
    return tagged(rule, response);
  }

  @Get(':id')
  @NeedsScope('rules:read')
  @ApiOperation({ operationId: 'getRule', summary: 'Read a rule' })
  @Answers(200, RuleDto, { description: 'The rule.', example: ruleExample, headers: ['ETag'] })
  @Refuses('ERR_RESOURCE_UNKNOWN')
  async get(
    @Caller() caller: ApiKey,
    @Param('id') id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StoredRule> {
    return tagged(await this.load(caller, id), response);
  }

  @Put(':id')
  @TakesJson()
  @NeedsScope('rules:write')
  @NeedsIfMatch()
  @ApiOperation({
    operationId: 'replaceRule',
    summary: 'Replace a rule',
    description:
      'What GET gave may be sent back: `id`, `version`, `createdAt` and `updatedAt` are passed over if they are unchanged.',
  })
  @ApiBody({ type: RuleInputDto, examples: { rule: { value: ruleInputExample } } })
  @Answers(200, RuleDto, { description: 'The rule.', example: { ...ruleExample, version: 2 }, headers: ['ETag'] })
  @Refuses(...NO_JSON, 'ERR_RESOURCE_UNKNOWN', 'ERR_IF_MATCH_MISSING', 'ERR_IF_MATCH_MALFORMED', 'ERR_VERSION_STALE')
  async replace(
    @Caller() caller: ApiKey,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StoredRule> {
    requireIfMatch(ifMatch);
    const stored = await this.load(caller, id);
    const version = expectedVersion(ifMatch, stored.version);
    const { rest, problems } = withoutReadOnly(body, { ...stored }, READ_ONLY);
    return await this.write(caller, stored, version, readRule(rest, problems), response);
  }

  @Patch(':id')
  @TakesJson({ types: ['application/merge-patch+json', 'application/json'] })
  @NeedsScope('rules:write')
  @NeedsIfMatch()
  @ApiOperation({
    operationId: 'changeRule',
    summary: 'Change a rule',
    description: 'A JSON merge patch (RFC 7396): what is `null` takes its default again.',
  })
  @ApiBody({ schema: { type: 'object', additionalProperties: true }, examples: { off: { value: { enabled: false } } } })
  @Answers(200, RuleDto, {
    description: 'The rule.',
    example: { ...ruleExample, version: 2, enabled: false },
    headers: ['ETag'],
  })
  @Refuses(...NO_JSON, 'ERR_RESOURCE_UNKNOWN', 'ERR_IF_MATCH_MISSING', 'ERR_IF_MATCH_MALFORMED', 'ERR_VERSION_STALE')
  async change(
    @Caller() caller: ApiKey,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StoredRule> {
    requireIfMatch(ifMatch);
    const stored = await this.load(caller, id);
    const version = expectedVersion(ifMatch, stored.version);
    const { rest, problems } = withoutReadOnly(body, { ...stored }, READ_ONLY);
    const { rest: current } = withoutReadOnly(stored, { ...stored }, READ_ONLY);
    // The patch was made for the version that was read; another one that came meanwhile must not get it.
    return await this.write(
      caller,
      stored,
      version ?? stored.version,
      readRule(mergePatch(current, rest), problems),
      response,
    );
  }

  @Delete(':id')
  @HttpCode(204)
  @NeedsScope('rules:write')
  @NeedsIfMatch()
  @ApiOperation({
    operationId: 'removeRule',
    summary: 'Remove a rule',
    description: 'Its versions stay readable, and mail that it judged keeps its explanation.',
  })
  @Answers(204, undefined, { description: 'It is gone.' })
  @Refuses('ERR_RESOURCE_UNKNOWN', 'ERR_IF_MATCH_MISSING', 'ERR_IF_MATCH_MALFORMED', 'ERR_VERSION_STALE')
  async remove(
    @Caller() caller: ApiKey,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    requireIfMatch(ifMatch);
    const stored = await this.load(caller, id);
    const version = expectedVersion(ifMatch, stored.version);
    const written = await this.platform.stores.rules.remove(caller.organizationId, stored.id, version);
    if (written.kind !== 'written') throw missed(written);
  }

  private async load({ organizationId }: ApiKey, id: string): Promise<StoredRule> {
    return there(await this.platform.stores.rules.find(organizationId, resourceId(id)));
  }

  private async write(
    { organizationId }: ApiKey,
    { id }: StoredRule,
    version: number | null,
    input: RuleInput,
    response: Response,
  ): Promise<StoredRule> {
    const written = await this.platform.stores.rules.replace(organizationId, id, version, input);
    if (written.kind !== 'written') throw missed(written);
    return tagged(written.rule, response);
  }
}

/** A rule that the language takes, or every problem with it (422). */
function readRule(body: unknown, others: readonly RequestProblem[] = []): RuleInput {
  const read = validateRule(body);
  if ('problems' in read) throw invalid(...others, ...read.problems);
  if (others.length > 0) throw invalid(...others);
  return read.rule;
}

function tagged(rule: StoredRule, response: Response): StoredRule {
  response.setHeader('ETag', etagOf(rule.version));
  return rule;
}

/** What a write that missed answers. */
export function missed({ kind }: WriteMiss): ApiError {
  return new ApiError(kind === 'stale' ? 'ERR_VERSION_STALE' : 'ERR_RESOURCE_UNKNOWN');
}
