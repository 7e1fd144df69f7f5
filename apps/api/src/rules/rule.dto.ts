import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

const CONDITIONS = {
  description:
    'Conditions of json-rules-engine with our facts and operators (docs/rules.md): `all`, `any`, `not`, nested up to 64 levels, at most 2,000 conditions in at most 4,000 groups. Absent or `{ "all": [] }`: every message.',
  type: 'object' as const,
  additionalProperties: true,
};

/** A rule as it comes in. What it may say is checked by the rule language itself (`validateRule`), every problem at once. */
export class RuleInputDto {
  @ApiProperty({ maxLength: 200 })
  name!: string;

  @ApiPropertyOptional({ default: '' })
  description?: string;

  @ApiPropertyOptional({ default: true })
  enabled?: boolean;

  @ApiPropertyOptional({ enum: ['enforce', 'audit', 'auditAndNotify'], default: 'enforce' })
  mode?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    description: '0 is asked first. Absent: goes last. A taken one moves the others down.',
  })
  priority?: number;

  @ApiPropertyOptional(CONDITIONS)
  conditions?: Record<string, unknown>;

  @ApiPropertyOptional({ ...CONDITIONS, nullable: true, description: 'Where these hold, the rule does not match.' })
  exceptions?: Record<string, unknown> | null;

  @ApiProperty({
    type: 'array',
    items: { type: 'object', required: ['type'], properties: { type: { type: 'string' } }, additionalProperties: true },
    description: 'What is done (docs/rules.md), at least one.',
  })
  actions!: Record<string, unknown>[];

  @ApiPropertyOptional({ enum: ['matchingRecipients', 'allRecipients'], default: 'matchingRecipients' })
  appliesTo?: string;

  @ApiPropertyOptional({ default: false })
  stopProcessing?: boolean;

  @ApiPropertyOptional({ enum: ['hold', 'skip'], default: 'hold' })
  onError?: string;

  @ApiPropertyOptional({ type: 'string', format: 'date-time', nullable: true })
  activateAt?: string | null;

  @ApiPropertyOptional({ type: 'string', format: 'date-time', nullable: true })
  expireAt?: string | null;
}

/** A rule as it is stored. */
export class RuleDto extends RuleInputDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: 'integer', minimum: 1 })
  version!: number;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}

export class RuleListDto {
  @ApiProperty({ type: () => [RuleDto] })
  items!: RuleDto[];

  @ApiProperty({ type: 'string', nullable: true })
  nextCursor!: string | null;
}
