import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { ApiKey, Page, StoredRule } from '#lib/adapters';
import { NeedsScope } from '../auth/access.js';
import { Caller } from '../http/api-request.js';
import { etagOf, expectedVersion } from '../http/etag.js';
import { TakesJson } from '../http/json-body.js';
import { PageQueryDto, pageOf } from '../http/page-query.dto.js';
import { resourceId, there } from '../http/resource-id.js';
import { Answers, NO_JSON, NO_PAGE, Refuses } from '../openapi/answers.js';
import { Platform } from '../platform.js';
import { invalid } from '../problem/api-error.js';
import { ruleExample, ruleListExample } from './rule-examples.js';
import { ReorderDto, RollbackDto } from './rule-requests.dto.js';
import { RuleDto, RuleListDto } from './rule.dto.js';
import { missed } from './rules.controller.js';

/** The order of rules and their versions. */
@ApiTags('Rules')
@Controller('v1/rules')
export class RuleHistoryController {
  constructor(private readonly platform: Platform) {}

  @Post('reorder')
  @HttpCode(200)
  @TakesJson()
  @NeedsScope('rules:write')
  @ApiOperation({ operationId: 'reorderRules', summary: 'Order all rules anew' })
  @ApiBody({ type: ReorderDto, examples: { order: { value: { ids: [ruleExample.id] } } } })
  @Answers(200, RuleListDto, { description: 'The first page in the new order.', example: ruleListExample })
  @Refuses(...NO_JSON)
  async reorder(@Caller() { organizationId }: ApiKey, @Body() { ids }: ReorderDto): Promise<Page<StoredRule>> {
    const outcome = await this.platform.stores.rules.reorder(
      organizationId,
      ids.map((id) => id.toLowerCase()),
    );
    if (outcome === 'unfit') {
      throw invalid({
        pointer: '/ids',
        code: 'ERR_VALUE_INVALID',
        message: 'must name every rule there is, each once',
      });
    }
    return await this.platform.stores.rules.list(organizationId, pageOf(new PageQueryDto()));
  }

  @Get(':id/versions')
  @NeedsScope('rules:read')
  @ApiOperation({
    operationId: 'listRuleVersions',
    summary: 'List the versions of a rule',
    description: 'Newest first; also of a rule that was removed.',
  })
  @Answers(200, RuleListDto, { description: 'A page of versions.', example: ruleListExample })
  @Refuses(...NO_PAGE, 'ERR_RESOURCE_UNKNOWN')
  async versions(
    @Caller() { organizationId }: ApiKey,
    @Param('id') id: string,
    @Query() query: PageQueryDto,
  ): Promise<Page<StoredRule>> {
    const page = await this.platform.stores.rules.versions(organizationId, resourceId(id), pageOf(query));
    if (page.items.length === 0 && query.cursor === undefined) there(undefined);
    return page;
  }

  @Post(':id/rollback')
  @HttpCode(200)
  @TakesJson()
  @NeedsScope('rules:write')
  @ApiOperation({
    operationId: 'rollbackRule',
    summary: 'Bring an older version back',
    description: 'It is written anew as the newest. If-Match is heeded if it is there.',
  })
  @ApiBody({ type: RollbackDto, examples: { first: { value: { version: 1 } } } })
  @Answers(200, RuleDto, { description: 'The rule.', example: { ...ruleExample, version: 3 }, headers: ['ETag'] })
  @Refuses(...NO_JSON, 'ERR_RESOURCE_UNKNOWN', 'ERR_IF_MATCH_MALFORMED', 'ERR_VERSION_STALE')
  async rollback(
    @Caller() { organizationId }: ApiKey,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() { version }: RollbackDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StoredRule> {
    const { rules } = this.platform.stores;
    const stored = there(await rules.find(organizationId, resourceId(id)));
    const expected = ifMatch === undefined ? null : expectedVersion(ifMatch, stored.version);
    const written = await rules.rollback(organizationId, stored.id, expected, version);
    if (written.kind === 'unknownVersion') {
      throw invalid({ pointer: '/version', code: 'ERR_VALUE_INVALID', message: 'must be a version that the rule had' });
    }
    if (written.kind !== 'written') throw missed(written);
    response.setHeader('ETag', etagOf(written.rule.version));
    return written.rule;
  }
}
