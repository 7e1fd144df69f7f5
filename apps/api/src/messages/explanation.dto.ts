import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsAddress, MayBeAbsent } from '../http/constraints.js';
import { PageQueryDto } from '../http/page-query.dto.js';
import { OUTCOMES, RecipientOutcomeDto, RuleOutcomeDto } from '../rules/evaluate.dto.js';

export class ExplanationQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    description:
      'For this recipient alone, as it was judged last. Absent: the last judging, for all whom it counted for.',
    example: 'ann@customer.example',
  })
  @MayBeAbsent()
  @IsAddress()
  recipient?: string;
}

class DifferenceDto {
  @ApiProperty({ enum: [...OUTCOMES, 'absent'], description: '`absent`: that recipient would not be one.' })
  outcome!: string;

  @ApiPropertyOptional()
  reason?: string;
}

class ExplainedRecipientDto extends RecipientOutcomeDto {
  @ApiPropertyOptional({
    type: () => DifferenceDto,
    description: 'What the judge of now comes to, where that differs.',
  })
  difference?: DifferenceDto;
}

class ExplainedRuleDto extends RuleOutcomeDto {
  @ApiProperty({ type: () => [ExplainedRecipientDto] })
  declare recipients: ExplainedRecipientDto[];

  @ApiPropertyOptional({
    type: () => DifferenceDto,
    description:
      'What the judge of now comes to, where that differs. `why` is how the judge of now reads the conditions.',
  })
  difference?: DifferenceDto;

  @ApiPropertyOptional({ description: 'There were too many outcomes to be kept: these are those of now.' })
  isRecomputed?: boolean;
}

class ExplainedJudgingDto {
  @ApiProperty({ enum: ['judged', 'passed', 'unjudged'] })
  state!: string;

  @ApiProperty({ type: 'string', nullable: true })
  reason!: string | null;

  @ApiProperty({ format: 'date-time' })
  judgedAt!: string;

  @ApiProperty({ type: 'string', nullable: true })
  ruleSet!: string | null;

  @ApiProperty({ type: [String], description: 'For whom it is the last one.' })
  recipients!: string[];
}

export class ExplanationDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({
    enum: ['judged', 'passed', 'unjudged', 'notJudged', 'notKept'],
    description:
      '`passed`: without rules, `reason` says why (`notice`, `loop`). `unjudged`: it could not be judged, `reason` is the code. `notJudged`: not yet. `notKept`: it was judged by a version that kept no explanations.',
  })
  state!: string;

  @ApiProperty({ type: 'string', nullable: true })
  reason!: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  judgedAt!: string | null;

  @ApiProperty({ type: 'string', nullable: true, description: 'Hash of the rule set that judged.' })
  ruleSet!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Version of the judge that judged.' })
  judgeVersion!: number | null;

  @ApiProperty({ type: 'integer', description: 'Version of the judge that explains.' })
  currentJudgeVersion!: number;

  @ApiProperty({ description: 'Without the content there are outcomes, and no conditions.' })
  isContentKept!: boolean;

  @ApiProperty({
    type: 'string',
    nullable: true,
    description:
      'Why there are no conditions: `contentDestroyed`, `circumstancesNotKept`, `passesNow`, or the code with which the judge of now ends. `null`: they are there.',
  })
  unexplained!: string | null;

  @ApiProperty({
    description:
      'With the message and the circumstances of then the judge of now comes to other outcomes, on this page or another one. Shown are those of then.',
  })
  isDifferent!: boolean;

  @ApiProperty({ type: [String], description: 'Whom this judging counts for.' })
  recipients!: string[];

  @ApiProperty({
    type: () => [ExplainedJudgingDto],
    description: 'Earlier judgings that are the last one of other recipients: ask with `recipient`.',
  })
  earlier!: ExplainedJudgingDto[];

  @ApiProperty({
    type: () => [ExplainedRuleDto],
    description:
      'A page of the rules of the set, in their order. `evidence` quotes the message, so it is empty unless the key has `messages:content`.',
  })
  rules!: ExplainedRuleDto[];

  @ApiProperty({ type: 'string', nullable: true })
  nextCursor!: string | null;
}
