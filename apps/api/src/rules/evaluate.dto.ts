import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsObject, IsString, MaxLength, ValidateNested } from 'class-validator';
import { IsAddresses, IsBase64Text, IsSender, MayBeAbsent } from '../http/constraints.js';
import { IsPageLimit, LIMIT_DEFAULT, LIMIT_MAX } from '../http/page-query.dto.js';
import { RuleInputDto } from './rule.dto.js';

export const RECIPIENTS_MAX = 1_000;
const RULES_MAX = 1_000;

/** The envelope, beside a body of message/rfc822. */
export class EnvelopeQueryDto {
  @ApiPropertyOptional({
    description: 'Envelope sender. Absent: the first address of From.',
    example: 'ann@clinic.example',
  })
  @MayBeAbsent()
  @IsSender()
  mailFrom?: string;

  @ApiPropertyOptional({
    type: [String],
    description: 'Envelope recipient, once or more often. Absent: the addresses of To, Cc and Bcc.',
    example: ['bob@customer.example'],
  })
  @MayBeAbsent()
  @IsAddresses(RECIPIENTS_MAX)
  rcptTo?: string[];

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: LIMIT_MAX,
    description: `So many rules, with \`nextCursor\` for those that follow. Absent: all of them, or ${LIMIT_DEFAULT} with \`cursor\`.`,
  })
  @MayBeAbsent()
  @IsPageLimit()
  limit?: number;

  @ApiPropertyOptional({ type: 'string', description: '`nextCursor` of the page before, with the same rules.' })
  @MayBeAbsent()
  @IsString({ message: 'must be a text' })
  @MaxLength(1_000)
  cursor?: string;
}

class EvaluateConnectionDto {
  @ApiPropertyOptional({
    description:
      'true: as from a trusted network, false: as from a stranger, who speaks for nobody. Absent: as with an API key. ' +
      "A trusted network and an API key speak for the organization's domains, if MAIL FROM is in one.",
  })
  @MayBeAbsent()
  @IsBoolean()
  trusted?: boolean;
}

export class EvaluateDto extends EnvelopeQueryDto {
  @ApiProperty({ format: 'byte', description: 'The message (RFC 5322), base64.' })
  @IsBase64Text()
  raw!: string;

  @ApiPropertyOptional({ type: () => [RuleInputDto], description: 'Judged by these instead of the stored rules.' })
  @MayBeAbsent()
  @IsArray({ message: 'must be a list of rules' })
  @ArrayMaxSize(RULES_MAX, { message: `must have at most ${RULES_MAX} rules` })
  rules?: unknown[];

  @ApiPropertyOptional({ type: () => EvaluateConnectionDto })
  @MayBeAbsent()
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => EvaluateConnectionDto)
  connection?: EvaluateConnectionDto;
}

class ConditionTraceDto {
  @ApiProperty({ description: 'JSON pointer into the rule.' })
  path!: string;

  @ApiProperty()
  fact!: string;

  @ApiProperty()
  operator!: string;

  @ApiProperty()
  matched!: boolean;

  @ApiPropertyOptional({ description: 'The condition is in error.' })
  errorCode?: string;

  @ApiPropertyOptional({ description: 'For a condition about one recipient; a condition of the message stands once.' })
  recipient?: string;

  @ApiProperty({ type: [String], description: 'What made it true; at most 20 values.' })
  evidence!: string[];
}

export const OUTCOMES = ['matched', 'notMatched', 'excepted', 'skipped', 'failed'];

export class RecipientOutcomeDto {
  @ApiProperty()
  address!: string;

  @ApiProperty({ enum: OUTCOMES })
  outcome!: string;

  @ApiPropertyOptional()
  reason?: string;
}

export class RuleOutcomeDto {
  @ApiProperty()
  id!: string;

  @ApiProperty({ type: 'integer' })
  index!: number;

  @ApiProperty()
  name!: string;

  @ApiProperty({ enum: ['enforce', 'audit', 'auditAndNotify'] })
  mode!: string;

  @ApiProperty({ enum: OUTCOMES })
  outcome!: string;

  @ApiPropertyOptional({ description: 'With `skipped` and `failed`.' })
  reason?: string;

  @ApiProperty({ type: () => [RecipientOutcomeDto] })
  recipients!: RecipientOutcomeDto[];

  @ApiProperty({ type: () => [ConditionTraceDto] })
  why!: ConditionTraceDto[];

  @ApiPropertyOptional({
    type: [String],
    description:
      'JSON pointers of conditions, one of which would have to hold for the rule to match: none of them did, for nobody.',
  })
  unmet?: string[];

  @ApiPropertyOptional({
    type: [String],
    description: 'JSON pointers of actions that contradicted an earlier rule, which won.',
  })
  overruled?: string[];
}

const PROTECTIONS = ['none', 'tls', 'smime', 'openpgp', 'portal', 'pdf'];

class DryRunRecipientDto {
  @ApiProperty()
  address!: string;

  @ApiProperty({ type: [String], description: 'Ids of the rules that matched and are enforced.' })
  rules!: string[];

  @ApiProperty({ enum: PROTECTIONS })
  protection!: string;

  @ApiProperty({ type: 'string', nullable: true, description: 'The code, if this copy would be held.' })
  wouldHold!: string | null;
}

class DryRunGroupDto {
  @ApiProperty({ type: [String] })
  recipients!: string[];

  @ApiProperty({ enum: PROTECTIONS })
  protection!: string;

  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  actions!: object[];

  @ApiProperty()
  subject!: string;
}

export class DryRunDto {
  @ApiProperty({ description: 'Hash of the rule set that judged.' })
  ruleSet!: string;

  @ApiProperty({ type: () => [DryRunRecipientDto] })
  recipients!: DryRunRecipientDto[];

  @ApiProperty({
    type: () => [RuleOutcomeDto],
    description: 'Every rule answers for every recipient; with `limit` or `cursor` those of a page.',
  })
  rules!: RuleOutcomeDto[];

  @ApiProperty({
    type: () => [DryRunGroupDto],
    description: 'Recipients that would get the same bytes, or meet the same end.',
  })
  groups!: DryRunGroupDto[];

  @ApiPropertyOptional({ type: 'string', nullable: true, description: 'With `limit` or `cursor` only.' })
  nextCursor?: string | null;
}
